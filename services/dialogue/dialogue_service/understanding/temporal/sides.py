"""The two sides of a wish, days and hours: how pieces of each add up, and the preference that they give."""

import datetime as dt
import re
from dataclasses import dataclass
from itertools import pairwise, product

from dialogue_service.understanding.temporal.almanac import Almanac
from dialogue_service.understanding.temporal.atoms import (
    Bounds,
    Dates,
    Days,
    Hour,
    Part,
    Placed,
    Point,
    Stretch,
)
from dialogue_service.understanding.temporal.hour_words import in_part
from dialogue_service.understanding.values import WEEKDAYS, DayPeriod, TimeKind, TimePreference, Weekday

OR = re.compile(r"\bou\b|/|\bnem\b")
AMBIGUOUS = TimePreference(kind="ambiguous")


@dataclass(frozen=True, slots=True)
class _DaySide:
    """The days of one alternative; at most one of the three is set."""

    names: tuple[Weekday, ...] = ()
    dates: tuple[dt.date, ...] = ()
    stretch: Stretch | None = None
    span: bool = False


@dataclass(frozen=True, slots=True)
class _HourSide:
    """The hours of one alternative."""

    point: Hour | None = None
    start: Hour | None = None
    end: Hour | None = None
    period: DayPeriod | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """What may be left out: whole weekdays and a whole part of the day."""

    names: tuple[Weekday, ...] = ()
    period: DayPeriod | None = None


def read_sides(
    days: list[Placed], hours: list[Placed], text: str, almanac: Almanac, refused: Refused
) -> TimePreference | None:
    """Read days and hours that belong together; several alternatives become `options`."""
    sides = _day_sides(text, days, almanac)
    if sides is None:
        return AMBIGUOUS
    alternatives = _hour_sides(text, hours)
    read: list[TimePreference] = []
    for side, alternative in product(sides, alternatives):
        one = _one(side, alternative, almanac, refused, among=alternatives)
        if one.kind == "ambiguous":
            return one
        read.append(one)
    if len(read) == 1:
        return read[0]
    kinds = {option.kind for option in read}
    return TimePreference(kind=kinds.pop() if len(kinds) == 1 else "window", options=tuple(read))


def _day_sides(text: str, days: list[Placed], almanac: Almanac) -> list[_DaySide] | None:
    """Return the alternatives on the side of days; None when a name and a date contradict each other."""
    if not days:
        return [_DaySide()]
    stretches = [day.value for day in days if isinstance(day.value, Stretch)]
    names = tuple(dict.fromkeys(name for day in days if isinstance(day.value, Days) for name in day.value.names))
    dates = tuple(dict.fromkeys(date for day in days if isinstance(day.value, Dates) for date in day.value.days))
    if stretches:
        return _within(stretches, names, dates, text=text, days=days, almanac=almanac)
    if names and dates:
        if not _beside(text, days):
            return [_DaySide(dates=tuple(sorted({*dates, *(almanac.weekday(name) for name in names)})))]
        fitting = tuple(date for date in dates if WEEKDAYS[date.weekday()] in names)
        return [_DaySide(dates=fitting)] if len(fitting) == len(dates) else None
    if dates:
        return [_DaySide(dates=dates)]
    span = any(isinstance(day.value, Days) and day.value.span for day in days)
    return [_DaySide(names=tuple(sorted(names, key=WEEKDAYS.index)), span=span)]


def _beside(text: str, days: list[Placed]) -> bool:
    """Whether one day is said twice ("terça, dia 24"); "amanhã ou quinta" and "dia 24 e quinta" are two."""
    gaps = [text[a.end : b.start] for a, b in pairwise(days)]
    return all(not re.search(r"\bou\b|\be\b", gap) and len(gap) <= 12 for gap in gaps)


def _within(
    stretches: list[Stretch],
    names: tuple[Weekday, ...],
    dates: tuple[dt.date, ...],
    *,
    text: str,
    days: list[Placed],
    almanac: Almanac,
) -> list[_DaySide] | None:
    whole = _merge_stretches(stretches)
    if whole is None or dates:
        return [*(_DaySide(stretch=stretch) for stretch in stretches), *([_DaySide(dates=dates)] if dates else [])]
    if not names:
        return [_DaySide(stretch=whole)]
    if whole.weeks is None:
        return _named_within(whole, names, text, days, almanac)
    found = tuple(almanac.in_week(name, whole.weeks) for name in names)
    found = tuple(day for day in sorted(found) if day >= almanac.today)
    return [_DaySide(dates=found)] if found else None


def _named_within(
    whole: Stretch, names: tuple[Weekday, ...], text: str, days: list[Placed], almanac: Almanac
) -> list[_DaySide]:
    if _beside(text, days) and whole.earliest and whole.latest:
        count = (whole.latest - whole.earliest).days + 1
        inside = [whole.earliest + dt.timedelta(days=n) for n in range(min(count, 7))]
        if count <= 7:
            return [_DaySide(dates=tuple(day for day in inside if WEEKDAYS[day.weekday()] in names))]
        return [_DaySide(names=names, stretch=whole)]
    return [_DaySide(dates=tuple(almanac.weekday(name) for name in names)), _DaySide(stretch=whole)]


def _merge_stretches(stretches: list[Stretch]) -> Stretch | None:
    if len(stretches) == 1:
        return stretches[0]
    lower = [stretch for stretch in stretches if stretch.latest is None]
    upper = [stretch for stretch in stretches if stretch.earliest is None]
    if len(lower) == 1 and len(upper) == 1 and len(stretches) == 2:
        return Stretch(lower[0].earliest, upper[0].latest)
    return None


def _hour_sides(text: str, hours: list[Placed]) -> list[_HourSide]:
    sides: list[_HourSide] = []
    previous: Placed | None = None
    for placed in hours:
        side = _hour_side(placed.value)
        apart = previous is not None and OR.search(text[previous.end : placed.start])
        merged = None if not sides or apart else _merge_hours(sides[-1], side)
        if merged:
            sides[-1] = merged
        else:
            sides.append(side)
        previous = placed
    return sides or [_HourSide()]


def _hour_side(atom: object) -> _HourSide:
    match atom:
        case Point(at):
            return _HourSide(point=at)
        case Bounds(start, end):
            return _HourSide(start=start, end=end)
        case Part(period):
            return _HourSide(period=period)
        case other:
            raise TypeError(f"not an hour: {type(other).__name__}")


def _merge_hours(one: _HourSide, other: _HourSide) -> _HourSide | None:
    if one.point and other.point:
        return None
    if (one.point or other.point) and (one.start or one.end or other.start or other.end):
        return None
    if one.period and other.period and one.period != other.period:
        return None
    if (one.start and other.start) or (one.end and other.end):
        return None
    return _HourSide(
        one.point or other.point, one.start or other.start, one.end or other.end, one.period or other.period
    )


def _settle(hour: Hour, period: DayPeriod | None, among: list[_HourSide]) -> list[dt.time]:
    """Return the clock times that an hour may mean: one, or two for a 7 or 8 that nothing decides."""
    if hour.certain:
        return [dt.time(hour.hour, hour.minute)]
    if period:
        return [dt.time(in_part(hour.hour, period), hour.minute)]
    if 1 <= hour.hour <= 6:
        return [dt.time(hour.hour + 12, hour.minute)]
    if hour.hour not in {7, 8}:
        return [dt.time(hour.hour, hour.minute)]
    neighbours = [
        side.point for side in among if side.point and side.point is not hour and side.point.hour not in {7, 8}
    ]
    if neighbours:
        late = all(point.hour >= 17 or 5 <= point.hour <= 6 for point in neighbours)
        return [dt.time(hour.hour + 12 * late, hour.minute)]
    return [dt.time(hour.hour, hour.minute), dt.time(hour.hour + 12, hour.minute)]


def _one(
    side: _DaySide, hours: _HourSide, almanac: Almanac, refused: Refused, among: list[_HourSide]
) -> TimePreference:
    if hours.point:
        return _instant(side, hours, almanac, among)
    bounds = _settle_bounds(hours)
    if bounds is None:
        return AMBIGUOUS
    start, end = bounds
    days_given = bool(side.names or side.dates)
    hours_given = bool(start or end or hours.period)
    left_out = Refused(() if days_given else refused.names, None if hours_given else refused.period)
    kind: TimeKind = "window"
    if (side.names or left_out.names) and not (side.dates or side.stretch):
        kind = "weekdays"
    elif hours.period and not (start or end or side.dates or side.stretch):
        kind = "period"
    return _build(kind, side, start=start, end=end, period=hours.period, refused=left_out)


def _settle_bounds(hours: _HourSide) -> tuple[dt.time | None, dt.time | None] | None:
    starts = _settle(hours.start, hours.period, []) if hours.start else [None]
    ends = _settle(hours.end, hours.period, []) if hours.end else [None]
    if hours.start and hours.end:
        pairs = [(a, b) for a, b in product(starts, ends) if a is not None and b is not None and a < b]
        return pairs[0] if len(pairs) == 1 else None
    return (starts[0], ends[0]) if len(starts) == len(ends) == 1 else None


def _instant(side: _DaySide, hours: _HourSide, almanac: Almanac, among: list[_HourSide]) -> TimePreference:
    if hours.point is None:
        raise ValueError("an instant needs its hour")
    times = _settle(hours.point, hours.period, among)
    readings: list[TimePreference] = []
    for time in times:
        readings.extend(_instants(side, time, almanac))
    return readings[0] if len(readings) == 1 else TimePreference(kind="ambiguous", readings=tuple(readings))


def _instants(side: _DaySide, time: dt.time, almanac: Almanac) -> list[TimePreference]:
    """One reading, or two when today's own name is said with an hour still ahead."""
    if side.span:
        return [TimePreference(kind="instant", weekdays=side.names, start=time)]
    if not side.names:
        return [_build("instant", side, start=time)]
    days = tuple(sorted(almanac.weekday(name) for name in side.names))
    readings = [_build("instant", _DaySide(dates=days), start=time)]
    if any(almanac.is_today(name) for name in side.names) and time > almanac.now.time():
        today = tuple(sorted(almanac.today if almanac.is_today(n) else almanac.weekday(n) for n in side.names))
        readings.insert(0, _build("instant", _DaySide(dates=today), start=time))
    return readings


def _build(
    kind: TimeKind,
    side: _DaySide,
    *,
    start: dt.time | None,
    end: dt.time | None = None,
    period: DayPeriod | None = None,
    refused: Refused | None = None,
) -> TimePreference:
    return TimePreference.model_validate(
        {
            "kind": kind,
            "date": side.dates[0] if len(side.dates) == 1 else None,
            "dates": side.dates if len(side.dates) > 1 else (),
            "weekdays": side.names,
            "start": start,
            "end": end,
            "period": period,
            "exclude_weekdays": refused.names if refused else (),
            "exclude_period": refused.period if refused else None,
            "earliest": side.stretch.earliest if side.stretch else None,
            "latest": side.stretch.latest if side.stretch else None,
        }
    )
