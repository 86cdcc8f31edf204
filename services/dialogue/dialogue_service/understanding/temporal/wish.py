"""Puts the pieces of a wish together: which hours go with which days, and what kind of wish it is."""

import datetime as dt
import re
from dataclasses import dataclass, replace
from itertools import product

from dialogue_service.understanding.page import Found
from dialogue_service.understanding.temporal.almanac import Almanac
from dialogue_service.understanding.temporal.atoms import (
    Bounds,
    Dates,
    DayAtom,
    Days,
    Hour,
    HourAtom,
    Part,
    Placed,
    Point,
    Stretch,
    Unclear,
    Whenever,
)
from dialogue_service.understanding.temporal.day_words import read_days
from dialogue_service.understanding.temporal.hour_words import in_part, read_hours
from dialogue_service.understanding.temporal.polarity import sign_each
from dialogue_service.understanding.values import WEEKDAYS, DayPeriod, TimePreference, Weekday

_OR = re.compile(r"\bou\b|/|\bnem\b")
_FROM = re.compile(r"\b(?:a partir d[aeo]s?|desde|de|depois d[aeo]s?|apos)(?: [oa])?(?: dia)? ?$")
_FROM_DAY = re.compile(r"\b(?:a partir d[aeo]s?|desde)(?: [oa])?(?: dia)? ?$")
_AFTER_DAY = re.compile(r"\b(?:so )?(?:depois d[aeo]s?|apos)(?: [oa])?(?: dia)? ?$")
_UNTIL_DAY = re.compile(r"\bate(?: [oa])?(?: dia)? ?$")
_BEFORE_DAY = re.compile(r"\bantes d[aeo]s?(?: dia)? ?$")
_ONWARD = re.compile(r"^ (?:em diante|para frente|adiante)")
ANY_TIME = TimePreference(kind="window")
AMBIGUOUS = TimePreference(kind="ambiguous")


@dataclass(frozen=True, slots=True)
class Wish:
    """A time preference and the ranges of the normalised text that it was read from."""

    preference: TimePreference
    spans: tuple[tuple[int, int], ...]


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
class _Refused:
    names: tuple[Weekday, ...] = ()
    period: DayPeriod | None = None


def read_wish(text: str, almanac: Almanac) -> Wish | None:
    """The wish in a normalised text whose other parts are blanked; None when it has none."""
    atoms = sorted([*_bounded(text, list(read_days(text, almanac)), almanac), *read_hours(text)], key=lambda atom: atom.start)
    if not atoms:
        return None
    signed = sign_each(text, atoms)
    wanted = [atom for atom, sign in signed if sign == "wanted"]
    refused = _refused(text, [atom for atom, sign in signed if sign == "refused"])
    preference = _preference(text, wanted, refused, almanac)
    if preference is None:
        return None
    used = tuple((atom.start, atom.end) for atom, sign in signed if sign != "silent")
    return Wish(preference, used)


def _bounded(text: str, days: list[Placed], almanac: Almanac) -> list[Placed]:
    """ "A partir de quarta", "até dia 10": a day with a word of direction becomes an open stretch."""
    return [_with_direction(text, day, almanac) for day in days]


def _with_direction(text: str, placed: Placed, almanac: Almanac) -> Placed:
    head, tail, atom = text[max(0, placed.start - 24) : placed.start], text[placed.end :], placed.value
    if isinstance(atom, Days) and len(atom.names) == 1:
        first = last = almanac.weekday(atom.names[0])
    elif isinstance(atom, Dates) and len(atom.days) == 1:
        first = last = atom.days[0]
    elif isinstance(atom, Stretch) and atom.earliest and atom.latest:
        first, last = atom.earliest, atom.latest
    else:
        return placed
    one_day = dt.timedelta(days=1)
    if _ONWARD.match(tail) or _FROM_DAY.search(head):
        return replace(placed, value=Stretch(first, None))
    if _AFTER_DAY.search(head) and not (isinstance(atom, Dates) and head.endswith("depois de ") and text[placed.start :].startswith("amanha")):
        return replace(placed, value=Stretch(last + one_day, None))
    if _UNTIL_DAY.search(head):
        return replace(placed, value=Stretch(None, last))
    if _BEFORE_DAY.search(head):
        return replace(placed, value=Stretch(None, first - one_day))
    return placed


def _refused(text: str, atoms: list[Placed]) -> _Refused:
    """What may be left out: whole weekdays and whole parts of the day. A refused hour or date has no key."""
    names: list[Weekday] = []
    period: DayPeriod | None = None
    for index, atom in enumerate(atoms):
        beside = [other for other in (atoms[index - 1 : index] + atoms[index + 1 : index + 2]) if _same_breath(text, atom, other)]
        if isinstance(atom.value, Days) and not any(isinstance(other.value, Part | Point | Bounds) for other in beside):
            names.extend(atom.value.names)
        if isinstance(atom.value, Part) and not any(isinstance(other.value, Days | Dates | Stretch) for other in beside):
            period = atom.value.period
    return _Refused(tuple(sorted(set(names), key=WEEKDAYS.index)), period)


def _same_breath(text: str, one: Placed, other: Placed) -> bool:
    between = text[min(one.end, other.end) : max(one.start, other.start)]
    return not re.search(r"[,.;!?\n]|\be\b|\bou\b|\bnem\b", between)


def _preference(text: str, wanted: list[Placed], refused: _Refused, almanac: Almanac) -> TimePreference | None:
    solid = [atom for atom in wanted if not isinstance(atom.value, Whenever)]
    unclear = [atom.value for atom in solid if isinstance(atom.value, Unclear)]
    if unclear:
        days = [reading for atom in unclear for reading in atom.readings]
        hours = [atom for atom in solid if isinstance(atom.value, Point | Bounds | Part)]
        readings = [_read([Found(day, 0, 0)], hours, text, almanac, _Refused()) for day in days]
        return TimePreference(kind="ambiguous", readings=tuple(r for r in readings if r and r.kind != "ambiguous"))
    if solid:
        return _positive(text, solid, refused, almanac)
    if refused.names or refused.period:
        kind = "weekdays" if refused.names else "period"
        return TimePreference(kind=kind, exclude_weekdays=refused.names, exclude_period=refused.period)
    return ANY_TIME if len(solid) < len(wanted) else None


def _positive(text: str, atoms: list[Placed], refused: _Refused, almanac: Almanac) -> TimePreference | None:
    groups = _groups(text, atoms)
    options: list[TimePreference] = []
    for days, hours in groups:
        read = _read(days, hours, text, almanac, refused)
        if read is None:
            return None
        if read.kind == "ambiguous":
            return read
        options.extend(read.options or (read,))
    if len(options) == 1:
        return options[0]
    unique = tuple(dict.fromkeys(options))
    if len(unique) == 1:
        return unique[0]
    kinds = {option.kind for option in unique}
    return TimePreference(kind=kinds.pop() if len(kinds) == 1 else "window", options=unique)


_Group = tuple[list[Placed], list[Placed]]


def _is_day(atom: Placed) -> bool:
    return isinstance(atom.value, Days | Dates | Stretch)


def _groups(text: str, atoms: list[Placed]) -> list[_Group]:
    """Runs of days and runs of hours, paired in the order in which the sentence begins."""
    runs: list[list[Placed]] = []
    for atom in atoms:
        if runs and _is_day(runs[-1][-1]) == _is_day(atom):
            runs[-1].append(atom)
        else:
            runs.append([atom])
    if len(runs) == 1:
        return [(runs[0], [])] if _is_day(runs[0][0]) else [([], runs[0])]
    if len(runs) == 2:
        return [(runs[0], runs[1])] if _is_day(runs[0][0]) else [(runs[1], runs[0])]
    if len(runs) == 3:
        return _three_runs(text, runs)
    if _is_day(runs[0][0]):
        pairs = [(runs[at], runs[at + 1] if at + 1 < len(runs) else []) for at in range(0, len(runs), 2)]
    else:
        pairs = [(runs[at + 1] if at + 1 < len(runs) else runs[at - 1], runs[at]) for at in range(0, len(runs), 2)]
    return pairs


def _three_runs(text: str, runs: list[list[Placed]]) -> list[_Group]:
    first, middle, last = runs
    apart = _OR.search(text[middle[-1].end : last[0].start]) or _OR.search(text[first[-1].end : middle[0].start])
    if _is_day(middle[0]):
        # "De tarde, terça ou quinta, às 15h" against "15h na terça ou 16h".
        return [(middle, first), (middle, last)] if apart else [(middle, first + last)]
    if _merges(first + last) and not apart:
        return [(first + last, middle)]
    if apart or _separate(text, middle[-1], last[0]):
        return [(first, middle), (last, [])]
    return [(first + last, middle)]


def _separate(text: str, one: Placed, other: Placed) -> bool:
    return bool(re.search(r"[,.;!?\n]|\be\b", text[one.end : other.start]))


def _merges(days: list[Placed]) -> bool:
    kinds = {type(day.value) for day in days}
    return Stretch in kinds and len(kinds) > 1


def _read(days: list[Placed], hours: list[Placed], text: str, almanac: Almanac, refused: _Refused) -> TimePreference | None:
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
    """The alternatives on the side of days; None when a name and a date contradict each other."""
    if not days:
        return [_DaySide()]
    stretches = [day.value for day in days if isinstance(day.value, Stretch)]
    names = tuple(dict.fromkeys(name for day in days if isinstance(day.value, Days) for name in day.value.names))
    dates = tuple(dict.fromkeys(date for day in days if isinstance(day.value, Dates) for date in day.value.days))
    if stretches:
        return _within(stretches, names, dates, text, days, almanac)
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
    """ "Terça, dia 24" is one day said twice; "amanhã ou quinta" and "dia 24 e quinta" are two."""
    gaps = [text[a.end : b.start] for a, b in zip(days, days[1:], strict=False)]
    return all(not re.search(r"\bou\b|\be\b", gap) and len(gap) <= 12 for gap in gaps)


def _within(
    stretches: list[Stretch],
    names: tuple[Weekday, ...],
    dates: tuple[dt.date, ...],
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
        apart = previous is not None and _OR.search(text[previous.end : placed.start])
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
    """The clock times that an hour may mean: one, or two for a 7 or 8 that nothing decides."""
    if hour.certain:
        return [dt.time(hour.hour, hour.minute)]
    if period:
        return [dt.time(in_part(hour.hour, period), hour.minute)]
    if 1 <= hour.hour <= 6:
        return [dt.time(hour.hour + 12, hour.minute)]
    if hour.hour not in {7, 8}:
        return [dt.time(hour.hour, hour.minute)]
    neighbours = [side.point for side in among if side.point and side.point is not hour and side.point.hour not in {7, 8}]
    if neighbours:
        late = all(point.hour >= 17 or 5 <= point.hour <= 6 for point in neighbours)
        return [dt.time(hour.hour + 12 * late, hour.minute)]
    return [dt.time(hour.hour, hour.minute), dt.time(hour.hour + 12, hour.minute)]


def _one(side: _DaySide, hours: _HourSide, almanac: Almanac, refused: _Refused, among: list[_HourSide]) -> TimePreference:
    if hours.point:
        return _instant(side, hours, almanac, among)
    bounds = _settle_bounds(hours)
    if bounds is None:
        return AMBIGUOUS
    start, end = bounds
    days_given = bool(side.names or side.dates)
    hours_given = bool(start or end or hours.period)
    exclude_names = () if days_given else refused.names
    exclude_period = None if hours_given else refused.period
    kind = "window"
    if (side.names or exclude_names) and not (side.dates or side.stretch):
        kind = "weekdays"
    elif hours.period and not (start or end or side.dates or side.stretch):
        kind = "period"
    return _build(kind, side, start, end, hours.period, exclude_names, exclude_period)


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
        return [_build("instant", side, time, None, None, (), None)]
    days = tuple(sorted(almanac.weekday(name) for name in side.names))
    readings = [_build("instant", _DaySide(dates=days), time, None, None, (), None)]
    if any(almanac.is_today(name) for name in side.names) and time > almanac.now.time():
        today = tuple(sorted(almanac.today if almanac.is_today(n) else almanac.weekday(n) for n in side.names))
        readings.insert(0, _build("instant", _DaySide(dates=today), time, None, None, (), None))
    return readings


def _build(
    kind: str,
    side: _DaySide,
    start: dt.time | None,
    end: dt.time | None,
    period: DayPeriod | None,
    exclude_names: tuple[Weekday, ...],
    exclude_period: DayPeriod | None,
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
            "exclude_weekdays": exclude_names,
            "exclude_period": exclude_period,
            "earliest": side.stretch.earliest if side.stretch else None,
            "latest": side.stretch.latest if side.stretch else None,
        }
    )
