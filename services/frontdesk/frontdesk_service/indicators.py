"""The owner's numbers: what was counted in a period, and the indicators that follow from it (reception §6)."""

import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeAlias

from frontdesk_service.hours import Period, PeriodName

Measure: TypeAlias = Literal["count", "share", "seconds", "brl"]
FILE = Path(__file__).parent / "indicators.toml"
TREND: dict[PeriodName, int] = {"day": 14, "week": 8, "month": 6}
"""How many periods a trend shows."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was counted in one period. Times in seconds, money in BRL; `None` where there was nothing to average."""

    unanswered: int = 0
    conversations: int = 0
    leads: int = 0
    qualified: int = 0
    booked: int = 0
    came: int = 0
    missed: int = 0
    completeness: float | None = None
    ended: int = 0
    resolved: int = 0
    turns: int = 0
    failed_turns: int = 0
    window_s: float | None = None
    response_s: float | None = None
    first_response_s: float | None = None
    spend: Decimal = Decimal(0)
    sent: int = 0
    delivered: int = 0
    read: int = 0
    bubbles: int = 0
    blocked: int = 0


@dataclass(frozen=True)
class Prices:
    """What the revenue pipeline is made of: BRL, and two assumptions."""

    monthly: Decimal
    enrolment: Decimal
    closing: Decimal
    subjects: Decimal

    def pipeline(self, visits: float) -> float:
        """Return what so many visits are worth, in BRL."""
        return float(Decimal(str(visits)) * self.closing * (self.monthly * self.subjects + self.enrolment))


@dataclass(frozen=True)
class Indicator:
    """One number: how it is called, what it means, how it is written, and what it should be."""

    name: str
    title: str
    says: str
    unit: Measure
    best: Literal["low", "high"]
    target: dict[PeriodName, float] = field(default_factory=dict)
    target_from: str | None = None

    def met(self, value: float | None, target: float | None) -> bool | None:
        """Whether a value reaches a target; `None` when either is missing."""
        if value is None or target is None:
            return None
        return value <= target if self.best == "low" else value >= target


def values(counted: Counted, prices: Prices) -> dict[str, float | None]:
    """Return every indicator of what was counted, by name; `None` where it would divide by nothing."""
    spend = float(counted.spend)
    return {
        "unanswered": counted.unanswered,
        "conversations": counted.conversations,
        "qualified": counted.qualified,
        "booked": counted.booked,
        "booking_rate": _share(counted.booked, counted.qualified),
        "resolution_rate": _share(counted.resolved, counted.ended),
        "response_s": counted.response_s,
        "first_response_s": counted.first_response_s,
        "burst_window_s": counted.window_s,
        "error_rate": _share(counted.failed_turns, counted.turns),
        "spend_brl": spend,
        "spend_per_qualified_brl": _share(spend, counted.qualified),
        "spend_per_visit_brl": _share(spend, counted.booked),
        "delivered_rate": _share(counted.delivered, counted.sent),
        "read_rate": _share(counted.read, counted.delivered),
        "pipeline_brl": prices.pipeline(counted.booked),
        "accuracy": _share(counted.bubbles - counted.blocked, counted.bubbles),
        "completeness": counted.completeness,
        "no_shows": counted.missed,
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Catalogue:
    """Every indicator, in the order of the page."""

    indicators: tuple[Indicator, ...]
    prices: Prices

    @classmethod
    def read(cls, monthly: Decimal, enrolment: Decimal) -> "Catalogue":
        """Read `indicators.toml`; the fees are the unit's."""
        data: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal)
        pipeline = data["pipeline"]
        indicators = tuple(
            Indicator(**{**each, "target": _floats(each.get("target", {}))}) for each in data["indicator"]
        )
        return cls(indicators, Prices(monthly, enrolment, pipeline["closing"], pipeline["subjects"]))

    def target(self, indicator: Indicator, period: Period) -> float | None:
        """Return what an indicator should be in a period; `None` when nothing was agreed."""
        if indicator.target_from:
            visits = next(each for each in self.indicators if each.name == indicator.target_from)
            return self.prices.pipeline(visits.target[period.name])
        return indicator.target.get(period.name)


def _floats(target: dict[PeriodName, Any]) -> dict[PeriodName, float]:
    return {period: float(value) for period, value in target.items()}
