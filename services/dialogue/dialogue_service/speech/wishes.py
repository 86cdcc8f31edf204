"""A wish about time in words, for telling a person what is known of them."""

from collections.abc import Iterator
from datetime import date

from dialogue_service import words
from dialogue_service.understanding.values import WEEKDAYS, DayPeriod, TimePreference, Weekday

_IN: dict[DayPeriod, str] = {"morning": "de manhã", "afternoon": "à tarde", "evening": "à noite"}


def wish(preference: TimePreference) -> str:
    """`terça ou quinta-feira, à tarde`, `de 24/11 a 28/11, a partir das 14h`; `qualquer horário` for any time."""
    if preference.options:
        return words.listed([wish(option) for option in preference.options], either=True)
    return ", ".join(_parts(preference)) or "qualquer horário"


def _parts(preference: TimePreference) -> Iterator[str]:
    days = preference.dates or ((preference.date,) if preference.date else ())
    if days:
        yield words.listed([words.short_day(day) for day in days], either=True)
    if preference.weekdays:
        yield words.weekdays(_numbers(preference.weekdays), either=True)
    if preference.exclude_weekdays:
        yield f"menos {words.weekdays(_numbers(preference.exclude_weekdays))}"
    if preference.earliest or preference.latest:
        yield _stretch(preference.earliest, preference.latest)
    if preference.period:
        yield _IN[preference.period]
    if preference.exclude_period:
        yield f"menos {_IN[preference.exclude_period]}"
    if hours := _hours(preference):
        yield hours


def _numbers(weekdays: tuple[Weekday, ...]) -> list[int]:
    return [WEEKDAYS.index(day) for day in weekdays]


def _stretch(earliest: date | None, latest: date | None) -> str:
    if earliest and latest:
        return f"de {words.day_and_month(earliest)} a {words.day_and_month(latest)}"
    if earliest:
        return f"a partir de {words.day_and_month(earliest)}"
    return f"até {words.day_and_month(latest)}" if latest else ""


def _hours(preference: TimePreference) -> str | None:
    start, end = preference.start, preference.end
    if preference.kind == "instant" and start:
        return words.at_hour(start)
    if start and end:
        return f"{words.from_hour(start)} {words.at_hour(end)}"
    if start:
        return f"a partir {words.from_hour(start)}"
    return f"até {words.hour(end)}" if end else None
