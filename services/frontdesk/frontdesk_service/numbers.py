"""The owner's numbers of one period, as the page, the API, the CSV file and the daily summary show them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chassis.clock import Clock
from chassis.store import Connection

from frontdesk_service.domain import local
from frontdesk_service.hours import Period, PeriodName
from frontdesk_service.indicators import TREND, Catalogue, Counted, Indicator, values
from frontdesk_service.projections import counting, days
from frontdesk_service.projections.counting import Picture, Tally
from frontdesk_service.reading import Reads
from frontdesk_service.tallying import Tallying


@dataclass(frozen=True)
class Shown:
    """One indicator in a period; `met` is `None` when there is no value or no target."""

    indicator: Indicator
    value: float | None
    target: float | None
    met: bool | None
    trend: tuple[tuple[datetime, float | None], ...]


@dataclass(frozen=True)
class Report:
    """Everything that a period shows."""

    period: Period
    counted: Counted
    shown: tuple[Shown, ...]
    picture: Picture

    def of(self, name: str) -> Shown:
        """Return one indicator."""
        return next(each for each in self.shown if each.indicator.name == name)


@dataclass(frozen=True)
class Spend:
    """What one day cost, in BRL, and the owner's limits."""

    day: date
    total: Decimal
    by_task: list[dict[str, Any]]
    limits: dict[str, Decimal]
    per_qualified: float | None
    per_visit: float | None


class Numbers:
    """Counts from the read model; `limits` are the AI budget's, in BRL."""

    def __init__(
        self, reads: Reads, clock: Clock, catalogue: Catalogue, limits: dict[str, Decimal], tallying: Tallying
    ) -> None:
        self._reads = reads
        self._tallying = tallying
        self._clock = clock
        self._catalogue = catalogue
        self._limits = limits

    async def report(self, name: PeriodName, day: date | None = None) -> Report:
        """Count the period that a day is in, today without one, and those before it for the trend."""
        now = self._clock()
        period = Period.of(name, day or local(now).date())
        periods = period.back(TREND[name])
        async with self._reads() as connection:
            of = await self._days(connection, periods[0].first_day, period.last_day, local(now).date())
            silent = await counting.unanswered(connection, periods[0].begins, period.ends, now)
            shown_days = [of[each] for each in days.days(period.first_day, period.last_day)]
            picture = await counting.picture(connection, shown_days, period.first_day.weekday())
        counted = [_counted(each, of, silent) for each in periods]
        every = [values(each, self._catalogue.prices) for each in counted]
        begins = [each.begins for each in periods]
        shown = (
            self._shown(each, period, tuple(zip(begins, (those[each.name] for those in every), strict=True)))
            for each in self._catalogue.indicators
        )
        return Report(period, counted[-1], tuple(shown), picture)

    async def spend(self, day: date | None = None) -> Spend:
        """Count what a day cost, today without one."""
        now = self._clock()
        period = Period.of("day", day or local(now).date())
        async with self._reads() as connection:
            counted = await counting.costs(connection, period)
            by_task = await counting.spent(connection, period)
        of = values(counted, self._catalogue.prices)
        return Spend(
            period.first_day,
            counted.spend,
            by_task,
            self._limits,
            of["spend_per_qualified_brl"],
            of["spend_per_visit_brl"],
        )

    async def _days(self, connection: Connection, first: date, last: date, today: date) -> dict[date, Tally]:
        """Return what each day counted; what is not kept is counted now, and kept soon if the day is over."""
        of = {each: Tally() for each in days.days(first, last) if each > today}
        of |= await days.kept(connection, first, min(last, today))
        missing = [each for each in days.days(first, last) if each not in of]
        self._tallying.want({each for each in missing if each < today})
        return of | {each: await days.count(connection, each) for each in missing}

    def _shown(self, indicator: Indicator, period: Period, trend: tuple[tuple[datetime, float | None], ...]) -> Shown:
        value, target = trend[-1][1], self._catalogue.target(indicator, period)
        return Shown(indicator, value, target, indicator.met(value, target), trend)


def _counted(period: Period, of: dict[date, Tally], silent: list[datetime]) -> Counted:
    tallies = [of[each] for each in days.days(period.first_day, period.last_day)]
    return counting.together(tallies, sum(period.begins <= at < period.ends for at in silent))
