"""What may be said about days and hours. Minutes count from midnight."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from rules_service.claims.moments import Day, Time, days, relative_days, times, weekdays
from rules_service.claims.ranges import ranges


@dataclass(frozen=True)
class Said:
    """Days and hours that the conversation's own data names: they may be repeated."""

    minutes: frozenset[int] = frozenset()
    days: frozenset[tuple[int, int | None]] = frozenset()
    relative: frozenset[date] = frozenset()
    weekdays: frozenset[int] = frozenset()
    ranges: frozenset[tuple[int, int]] = frozenset()
    runs: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def of(cls, text: str, today: date) -> "Said":
        """Read them from a plain text."""
        found = times(text)
        named = weekdays(text)
        return cls(
            minutes=frozenset(reading for time in found for reading in time.readings),
            days=frozenset((day.day, month) for day in days(text) for month in (day.month, None)),
            relative=frozenset(meant for meant, _, _ in relative_days(text, today)),
            weekdays=frozenset(weekday.first for weekday in named),
            ranges=frozenset(pair for spoken in ranges(text, found) for pair in spoken.pairs),
            runs=frozenset((weekday.first, weekday.last) for weekday in named if weekday.last is not None),
        )

    def names(self, time: Time) -> bool:
        """Whether some reading of a time is the conversation's own."""
        return not time.readings.isdisjoint(self.minutes)


@dataclass(frozen=True)
class Week:
    """The unit's hours: open weekdays (0 = Monday) and periods as (from, to), in order."""

    weekdays: frozenset[int]
    periods: tuple[tuple[int, int], ...]

    @property
    def bounds(self) -> frozenset[int]:
        """When doors open and close."""
        return frozenset(minute for period in self.periods for minute in period)

    @property
    def breaks(self) -> frozenset[tuple[int, int]]:
        """The ranges between the periods."""
        return frozenset((earlier[1], later[0]) for earlier, later in pairwise(self.periods))

    def is_open_at(self, minute: int) -> bool:
        """Whether a minute is within the hours."""
        return any(start <= minute < end for start, end in self.periods)


@dataclass(frozen=True)
class NearDays:
    """The days around today: `reach` to which offers reach, `closed` of a year, `openings` as (day, minute)."""

    today: date
    reach: frozenset[date] = frozenset()
    closed: frozenset[date] = frozenset()
    openings: frozenset[tuple[date, int]] = frozenset()


@dataclass(frozen=True)
class Timetable:
    """The days and hours that may be said.

    `moments` are the (day, minute) pairs of the slots that the reply is about, `spans` their (from, to).
    """

    week: Week
    near: NearDays
    moments: frozenset[tuple[date, int]] = frozenset()
    spans: frozenset[tuple[int, int]] = frozenset()
    own: Said = field(default_factory=Said)

    def knows_day(self, day: Day, *, denied: bool, opens: bool) -> bool:
        """Whether a date may be said, `denied` as one on which nothing is possible, or as one on which it `opens`."""
        if any(day.fits(at) for at, _ in self.moments) or (day.day, day.month) in self.own.days:
            return True
        if self.is_closed(day) or (denied and any(day.fits(at) for at in self.near.reach)):
            return True
        return opens and any(day.fits(at) for at, _ in self.near.openings)

    def weekdays_of(self, day: Day) -> frozenset[int]:
        """Return the weekdays that a date can have: those of the days that it can mean; none for the parent's own."""
        known = frozenset(at for at, _ in self.moments) | self._closed(day)
        if (day.day, day.month) in self.own.days and not any(day.fits(at) for at in known):
            return frozenset()
        every = known | self.near.reach | {at for at, _ in self.near.openings}
        return frozenset(at.weekday() for at in every if day.fits(at))

    def knows_minute(self, time: Time) -> bool:
        """Whether some reading of a time is one of the slots', of the hours' or of the conversation's."""
        return any(self.is_offered(reading) or reading in self.week.bounds for reading in time.readings) or (
            self.own.names(time)
        )

    def is_offered(self, minute: int) -> bool:
        """Whether a slot begins or ends at a minute."""
        return any(minute == at for _, at in self.moments) or any(minute == end for _, end in self.spans)

    def knows_range(self, pairs: frozenset[tuple[int, int]], *, denied: bool) -> bool:
        """Whether some reading of a range of hours may be said; `denied` as one in which the unit is closed."""
        known = self.spans | self.own.ranges | frozenset(self.week.periods)
        return not pairs.isdisjoint(known | self.week.breaks if denied else known)

    def is_closed(self, day: Day) -> bool:
        """Whether a date is a holiday or a closed day, and no slot of the reply can be meant."""
        return bool(self._closed(day)) and not any(day.fits(at) for at, _ in self.moments)

    def _closed(self, day: Day) -> frozenset[date]:
        """Return the holidays that a date can mean; without a month ("dia 1") that is the next such day."""
        ahead = timedelta(days=366 if day.month else 31)
        return frozenset(at for at in self.near.closed if day.fits(at) and at - self.near.today < ahead)

    def never_opens(self, weekday: int) -> bool:
        """Whether the unit is closed on a weekday, and nobody but the unit brought that day up."""
        return weekday not in self.week.weekdays | self.own.weekdays


def minute_of(moment: datetime) -> int:
    """Minutes since midnight, on the moment's own clock."""
    return moment.hour * 60 + moment.minute
