"""Calendar arithmetic seen from one moment: what "terça", "dia 24" or "semana que vem" mean today."""

import calendar
import datetime as dt
from dataclasses import dataclass

from dialogue_service.understanding.values import WEEKDAYS, Weekday

# A date of the year that went by this recently is a slip or a memory, not a wish for next year.
RECENT_PAST = dt.timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Almanac:
    """`now` is the reader's clock; `offered` are the days on offer, which a weekday's name means first."""

    now: dt.datetime
    offered: tuple[dt.date, ...] = ()

    @property
    def today(self) -> dt.date:
        """The local day."""
        return self.now.date()

    def after(self, days: int) -> dt.date:
        """Today plus `days`."""
        return self.today + dt.timedelta(days=days)

    def weekday(self, name: Weekday) -> dt.date:
        """Return the offered day of that name, else its next occurrence after today."""
        number = WEEKDAYS.index(name)
        for day in sorted(self.offered):
            if day.weekday() == number:
                return day
        return self.after((number - self.today.weekday() - 1) % 7 + 1)

    def is_today(self, name: Weekday) -> bool:
        """Whether the name is today's and no offer says which day is meant."""
        number = WEEKDAYS.index(name)
        return self.today.weekday() == number and not any(day.weekday() == number for day in self.offered)

    def still_ahead_this_week(self, name: Weekday) -> bool:
        """Whether this week (Monday to Sunday) still has that day after today."""
        return WEEKDAYS.index(name) > self.today.weekday()

    def monday(self, weeks: int) -> dt.date:
        """Return the Monday of this week (0), the next (1), and so on."""
        return self.after(7 * weeks - self.today.weekday())

    def in_week(self, name: Weekday, weeks: int) -> dt.date:
        """Return that weekday in this week (0), the next (1), and so on."""
        return self.monday(weeks) + dt.timedelta(days=WEEKDAYS.index(name))

    def day_of_month(self, day: int) -> dt.date | None:
        """Return the next day of that number that exists, today included; None when there is none (0, 32 and more)."""
        if not 1 <= day <= 31:
            return None
        year, month = self.today.year, self.today.month
        while True:
            if day <= calendar.monthrange(year, month)[1]:
                found = dt.date(year, month, day)
                if found >= self.today:
                    return found
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)

    def date(self, day: int, month: int, year: int | None = None) -> dt.date | None:
        """Return that date, this year or next; None when there is none, or it is past with its year or recently."""
        try:
            if year is not None:
                found = dt.date(year + 2000 if year < 100 else year, month, day)
                return found if found >= self.today else None
            found = dt.date(self.today.year, month, day)
            if found >= self.today:
                return found
            return None if self.today - found < RECENT_PAST else dt.date(self.today.year + 1, month, day)
        except ValueError:
            # 29 February of a year without one: the next that has it is not what anybody means.
            return None

    def month(self, month: int, year: int | None = None) -> tuple[dt.date, dt.date]:
        """First and last day of the next such month; the current month begins today."""
        if year is None:
            year = self.today.year + (month < self.today.month)
        first = max(dt.date(year, month, 1), self.today)
        return first, dt.date(year, month, calendar.monthrange(year, month)[1])
