"""When the unit is open. Moments are aware; days and hours are the unit's own."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from contracts.rules import ClosedDay, Opening
from holidays import country_holidays

from rules_service.claims.timetable import NearDays, minute_of
from rules_service.facts import UnitFile

FURTHEST = timedelta(days=400)
"""How far an opening is looked for: beyond a year no list of closed days reaches."""


class Calendar:
    """The unit's open days and hours: weekly hours without holidays (national, state) and the owner's closed days."""

    def __init__(self, file: UnitFile) -> None:
        self._file = file
        self._zone = file.unit.zone
        self._own = {closed.date: closed.name for closed in file.holidays.closed}
        self._near: NearDays | None = None
        self._opening: tuple[datetime, Opening] | None = None
        self._closed: tuple[date, tuple[ClosedDay, ...]] | None = None
        # Years are filled in by the library as they are asked for.
        self._holidays: Mapping[date, str] = country_holidays("BR", subdiv=file.holidays.state, language="pt_BR")

    def local(self, now: datetime) -> datetime:
        """Return the moment on the unit's clock."""
        return now.astimezone(self._zone)

    def closed_name(self, day: date) -> str | None:
        """Name the holiday or the owner's reason for being closed on a day; `None` when there is none."""
        return self._own.get(day) or self._holidays.get(day)

    def is_open_on(self, day: date) -> bool:
        """Whether the unit opens at all on a day."""
        return day.weekday() in self._file.hours.weekday_numbers and self.closed_name(day) is None

    def periods(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open periods of a day, none when it is closed."""
        if self.is_open_on(day):
            for period in self._file.hours.periods:
                yield (
                    datetime.combine(day, period.start, self._zone),
                    datetime.combine(day, period.end, self._zone),
                )

    def is_open(self, now: datetime) -> bool:
        """Whether the doors are open; the closing minute itself is closed."""
        return any(start <= now < end for start, end in self.periods(self.local(now).date()))

    def next_opening(self, now: datetime) -> datetime:
        """Return the next moment, after now, at which the doors open."""
        day = self.local(now).date()
        last = day + FURTHEST
        while day <= last:
            for start, _ in self.periods(day):
                if start > now:
                    return start
            day += timedelta(days=1)
        raise LookupError("no opening within the next 400 days")

    def closed_days(self, now: datetime) -> tuple[ClosedDay, ...]:
        """Return the holidays and closed days from today to the end of the offers' reach that fall on open weekdays.

        Those of the last day asked for are kept.
        """
        today = self.local(now).date()
        if self._closed is None or self._closed[0] != today:
            self._closed = today, self._closed_from(today)
        return self._closed[1]

    def _closed_from(self, today: date) -> tuple[ClosedDay, ...]:
        days = (today + timedelta(days=n) for n in range(self._file.visits.horizon_days + 1))
        return tuple(
            ClosedDay(day=day, name=name)
            for day in days
            if day.weekday() in self._file.hours.weekday_numbers and (name := self.closed_name(day))
        )

    def near(self, today: date) -> NearDays:
        """Return what is known of the days around a local day; that of the last day asked for is kept."""
        if self._near is None or self._near.today != today:
            year = (today + timedelta(days=n) for n in range(366))
            reach = tuple(today + timedelta(days=n) for n in range(self._file.visits.horizon_days + 1))
            self._near = NearDays(
                today=today,
                reach=frozenset(reach),
                closed=frozenset(day for day in year if self.closed_name(day)),
                openings=frozenset(self._openings(reach)),
            )
        return self._near

    def _openings(self, reach: tuple[date, ...]) -> Iterator[tuple[date, int]]:
        """Yield when doors open within reach, and the next time when that is further."""
        for day in reach:
            yield from ((start.date(), minute_of(start)) for start, _ in self.periods(day))
        after = self.next_opening(datetime.combine(reach[-1], time.max, self._zone))
        yield after.date(), minute_of(after)

    def opening(self, now: datetime) -> Opening:
        """Return the weekly hours, whether it is open now, and when it opens next; that of the last second is kept."""
        second = now.astimezone(UTC).replace(microsecond=0)
        if self._opening is None or self._opening[0] != second:
            self._opening = second, self._opening_at(second)
        return self._opening[1]

    def _opening_at(self, now: datetime) -> Opening:
        hours = self._file.hours
        return Opening(
            weekdays=hours.weekday_numbers,
            periods=tuple((f"{period.start:%H:%M}", f"{period.end:%H:%M}") for period in hours.periods),
            is_open_now=self.is_open(now),
            next_opening=self.next_opening(now),
            slot_minutes=self._file.visits.minutes,
        )
