"""Whether a text says something about days and hours that is not so."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rules_service.claims.moments import Day, Time, Weekday, days, relative_days, times, weekdays
from rules_service.claims.openings import false_opening
from rules_service.claims.ranges import ranges
from rules_service.claims.sentences import bounds_hours_at, denied_at, opens_at
from rules_service.claims.timetable import Timetable

_THEN = re.compile(r"[ ,;():–—-]*(?:as|a partir d[ae]s?|das|para as|pelas|de)?[ ]*")
_WEEKDAY_BETWEEN = re.compile(r"\b(?:segunda|terca|quarta|quinta|sexta|sabado|domingo)(?:-feira)?\b")
_DAY_BESIDE = re.compile(r"[ ,.(]*(?:que e )?(?:o |no )?(?:dia )?")
_WEEKDAY_BESIDE = re.compile(r"[ ,]*\(?(?:e |uma? |numa? )?")
_BESIDE = re.compile(r"\s?[,(]?\s?(?:dia\s)?")

Flaw = Literal["date", "time"]


def false_moment(text: str, known: Timetable, *, strict: bool) -> Flaw | None:
    """Say which kind of claim about days or hours in a plain text is no fact, if any.

    A clause that denies ("às 15h não tenho") may name any near day and hour; a `strict` one only closed ones.
    """
    found = _Found(text, days(text), times(text), weekdays(text), known, strict)
    if not (found.days or found.times or found.weekdays):
        # "Atendemos todos os dias" names none of them.
        return "time" if false_opening(text, known) else None
    if not all(map(found.may_say_day, found.days)) or found.disagrees():
        return "date"
    spoken = list(ranges(text, found.times))
    if not all(known.knows_range(each.pairs, denied=denied_at(text, each.start)) for each in spoken):
        return "time"
    starts, ends = {each.start for each in spoken}, {each.end for each in spoken}
    alone = (time for time in found.times if time.start not in ends - starts)
    if not all(found.may_say_time(time, opens_range=time.start in starts) for time in alone):
        return "time"
    return "time" if false_opening(text, known) else None


@dataclass(frozen=True)
class _Found:
    """The days, hours and weekdays of a text. Those that stand together may be true only apart."""

    text: str
    days: tuple[Day, ...]
    times: tuple[Time, ...]
    weekdays: tuple[Weekday, ...]
    known: Timetable
    strict: bool

    def may_say_day(self, day: Day) -> bool:
        denied, opens = denied_at(self.text, day.start), opens_at(self.text, day.start)
        return self.known.knows_day(day, denied=denied, opens=opens)

    def disagrees(self) -> bool:
        """Whether a weekday or a "tomorrow" stands beside a date that is another day."""
        return any(map(self._has_another_weekday, self.days)) or self._relative_disagrees()

    def may_say_time(self, time: Time, *, opens_range: bool) -> bool:
        """Whether an hour may be said, and together with the day, the weekday or the "tomorrow" before it."""
        if self.known.knows_minute(time) and self._belongs(time, opens_range=opens_range):
            return True
        # A range that is denied was looked at as a range.
        return denied_at(self.text, time.start) and (opens_range or not self.strict or self._is_closed(time))

    def _belongs(self, time: Time, *, opens_range: bool) -> bool:
        for day in self.days:
            if self._leads_to(day.end, time):
                return not self.known.is_closed(day) if opens_range else self._on_day(day, time)
        if opens_range:
            return True  # "segunda a sexta, das 9h às 12h": range and days are checked for themselves
        for meant, _, end in relative_days(self.text, self.known.near.today):
            if self._leads_to(end, time):
                own = meant in self.known.own.relative and self.known.own.names(time)
                return own or any((meant, minute) in self._moments(time) for minute in time.readings)
        for weekday in self.weekdays:
            if weekday.last is None and self._leads_to(weekday.end, time):
                return self._on_weekday(weekday, time)
        return self._alone(time)

    def _alone(self, time: Time) -> bool:
        """Whether an hour without a day may be said: opening and closing only as such ("até as 17h")."""
        if any(map(self.known.is_offered, time.readings)) or self.known.own.names(time):
            return True
        return bounds_hours_at(self.text, time.start)

    def _moments(self, time: Time) -> frozenset[tuple[date, int]]:
        opens = opens_at(self.text, time.start)
        return self.known.moments | self.known.near.openings if opens else self.known.moments

    def _on_day(self, day: Day, time: Time) -> bool:
        if any(day.fits(at) and minute in time.readings for at, minute in self._moments(time)):
            return True
        return (day.day, day.month) in self.known.own.days and self.known.own.names(time)

    def _on_weekday(self, weekday: Weekday, time: Time) -> bool:
        if any(at.weekday() == weekday.first and minute in time.readings for at, minute in self._moments(time)):
            return True
        return weekday.first in self.known.own.weekdays and self.known.own.names(time)

    def _is_closed(self, time: Time) -> bool:
        """Whether the unit is closed at an hour, or on a day that the text names."""
        if not any(map(self.known.week.is_open_at, time.readings)):
            return True
        if any(weekday.first not in self.known.week.weekdays for weekday in self.weekdays):
            return True
        return any(map(self.known.is_closed, self.days))

    def _leads_to(self, end: int, time: Time) -> bool:
        between = self.text[end : time.start]
        return end <= time.start and len(between) < 30 and bool(_THEN.fullmatch(_WEEKDAY_BETWEEN.sub("", between)))

    def _has_another_weekday(self, day: Day) -> bool:
        possible = self.known.weekdays_of(day)
        return bool(possible) and any(
            self._beside(weekday, day) and weekday.first not in possible for weekday in self.weekdays
        )

    def _beside(self, weekday: Weekday, day: Day) -> bool:
        if weekday.end <= day.start:
            return bool(_DAY_BESIDE.fullmatch(self.text[weekday.end : day.start]))
        if not _WEEKDAY_BESIDE.fullmatch(self.text[day.end : weekday.start]) or day.end > weekday.start:
            return False
        # "24/11, quarta 25/11": the weekday belongs to the next date.
        later = (other for other in self.days if other.start > weekday.end)
        return not any(_DAY_BESIDE.fullmatch(self.text[weekday.end : other.start]) for other in later)

    def _relative_disagrees(self) -> bool:
        for meant, start, end in relative_days(self.text, self.known.near.today):
            dates = (day for day in self.days if start < day.start)
            if any(_BESIDE.fullmatch(self.text[end : day.start]) and not day.fits(meant) for day in dates):
                return True
            named = (weekday for weekday in self.weekdays if start < weekday.start)
            if any(_BESIDE.fullmatch(self.text[end : w.start]) and w.first != meant.weekday() for w in named):
                return True
        return False
