"""Which conditions hold now: rules read from data, held against what was counted (reception §6)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeAlias

from frontdesk_service.domain import UNIT_ZONE, local
from frontdesk_service.hours import BusinessHours, Period

Severity: TypeAlias = Literal["critical", "warning", "info"]
FILE = Path(__file__).parent / "alerts.toml"
RUNBOOK = "docs/runbook.md"


@dataclass(frozen=True)
class Window:
    """What a rule looks back over; without a length, at this moment."""

    length: timedelta | None = None
    business_hours: float | None = None
    today: bool = False

    @classmethod
    def read(cls, over: Any) -> "Window":
        """Read `{ hours = 24 }`, `{ business_hours = 4 }`, `"today"` or nothing."""
        if over == "today":
            return cls(today=True)
        if not over:
            return cls()
        if "business_hours" in over:
            return cls(business_hours=over["business_hours"])
        return cls(length=timedelta(**over))

    def begins(self, now: datetime, hours: BusinessHours) -> datetime:
        """Return its first moment."""
        if self.today:
            return Period.of("day", local(now).date()).begins
        if self.business_hours is not None:
            return hours.ago(now, self.business_hours)
        return now - (self.length or timedelta())


@dataclass(frozen=True)
class Rule:
    """One condition: beyond `above`, or under `below`. `full` rules are judged only once the window has a history."""

    condition: str
    severity: Severity
    title: str
    measure: str
    window: Window
    above: float | None = None
    below: float | None = None
    at_least: float | None = None

    @property
    def full(self) -> bool:
        """Whether too little would be found of a system that has only just begun."""
        return self.below is not None

    @property
    def limit(self) -> float:
        """What must not be passed."""
        return next(each for each in (self.above, self.below, self.at_least) if each is not None)

    @property
    def section(self) -> str:
        """The runbook's section that says what to do."""
        return self.condition.replace("_", "-")

    @property
    def runbook(self) -> str:
        """Where it is written what to do."""
        return f"{RUNBOOK}#{self.section}"

    def holds(self, value: float | None) -> bool:
        """Whether the condition holds; of what has no value it does not."""
        if value is None:
            return False
        if self.above is not None:
            return value > self.above
        if self.below is not None:
            return value < self.below
        return value >= self.limit


@dataclass(frozen=True)
class Telling:
    """When people are told: quiet hours are local times, the first one in the evening."""

    quiet: tuple[time, time]
    again: timedelta
    settle: timedelta

    def is_quiet(self, now: datetime) -> bool:
        """Whether only what is critical may disturb."""
        at = now.astimezone(UNIT_ZONE).time()
        begins, ends = self.quiet
        return at >= begins or at < ends


@dataclass(frozen=True)
class Rules:
    """Every rule, and when people are told."""

    rules: tuple[Rule, ...]
    telling: Telling

    @classmethod
    def read(cls, budget: Mapping[str, Decimal]) -> "Rules":
        """Read `alerts.toml`; the AI budget's limits are the unit's."""
        data = tomllib.loads(FILE.read_text(encoding="utf-8"))
        telling = data["telling"]
        begins, ends = (time.fromisoformat(each) for each in telling["quiet"])
        return cls(
            tuple(_rule(each, budget) for each in data["alert"]),
            Telling((begins, ends), timedelta(minutes=telling["again_min"]), timedelta(minutes=telling["settle_min"])),
        )

    def of(self, condition: str) -> Rule | None:
        """Return a rule by its condition; `None` when there is none any more."""
        return next((rule for rule in self.rules if rule.condition == condition), None)


def _rule(data: dict[str, Any], budget: Mapping[str, Decimal]) -> Rule:
    return Rule(
        condition=data["condition"],
        severity=data["severity"],
        title=data["title"],
        measure=data["measure"],
        window=Window.read(data.get("over")),
        above=data.get("above"),
        below=data.get("below"),
        at_least=float(budget[data["budget"]]) if "budget" in data else None,
    )
