"""Puts the pieces of a wish together: which hours go with which days, and what kind of wish it is."""

import datetime as dt
import re
from dataclasses import dataclass, replace

from dialogue_service.understanding.page import Found
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
    Unclear,
    Whenever,
)
from dialogue_service.understanding.temporal.day_words import may_name_days, read_days
from dialogue_service.understanding.temporal.hour_words import DAY, hide, may_name_hours, read_hours
from dialogue_service.understanding.temporal.polarity import sign_each
from dialogue_service.understanding.temporal.sides import OR, Refused, read_sides
from dialogue_service.understanding.values import WEEKDAYS, DayPeriod, TimePreference, Weekday

_FROM = re.compile(r"\b(?:a partir d[aeo]s?|desde|de|depois d[aeo]s?|apos)(?: [oa])?(?: dia)? ?$")
_FROM_DAY = re.compile(r"\b(?:a partir d[aeo]s?|desde)(?: [oa])?(?: dia)? ?$")
_AFTER_DAY = re.compile(r"\b(?:so )?(?:depois d[aeo]s?|apos)(?: [oa])?(?: dia)? ?$")
_UNTIL_DAY = re.compile(r"\bate(?: [oa])?(?: dia)? ?$")
_BEFORE_DAY = re.compile(r"\bantes d[aeo]s?(?: dia)? ?$")
_ONWARD = re.compile(r"^ (?:em diante|para frente|adiante)")
# "Não quero esperar até sexta" refuses to wait: it does not ask for a later day.
_WAITS = re.compile(r"\besper(?:o|a|ar|amos)\b")
ANY_TIME = TimePreference(kind="window")


@dataclass(frozen=True, slots=True)
class Wish:
    """A time preference and the ranges of the normalised text that it was read from."""

    preference: TimePreference
    spans: tuple[tuple[int, int], ...]


def may_have_wish(text: str) -> bool:
    """Whether it is worth looking for a wish in a text; in most messages it is not."""
    return may_name_days(text) or may_name_hours(text)


def read_wish(text: str, almanac: Almanac) -> Wish | None:
    """Return the wish in a normalised text whose other parts are blanked; None when it has none."""
    days = list(read_days(text, almanac))
    # The number of a day is no hour: "dia 21 de manhã" names no 21h.
    hours = read_hours(hide(text, ((day.start, day.end) for day in days), DAY))
    atoms = sorted([*_bounded(text, days, almanac), *hours], key=lambda atom: atom.start)
    if not atoms:
        return None
    signed = sign_each(text, atoms)
    wanted = [atom for atom, sign in signed if sign == "wanted"]
    unwanted = [atom for atom, sign in signed if sign == "refused"]
    if not wanted and len(unwanted) == 1 and not _WAITS.search(text):
        wanted = _other_side(unwanted[0], almanac)
    refused = _refused(text, unwanted)
    preference = _preference(text, wanted, refused, almanac)
    if preference is None:
        return None
    used = tuple((atom.start, atom.end) for atom, sign in signed if sign != "silent")
    return Wish(preference, used)


def _bounded(text: str, days: list[Placed], almanac: Almanac) -> list[Placed]:
    """Make a day with a word of direction an open stretch ("a partir de quarta", "até dia 10")."""
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
    if _AFTER_DAY.search(head) and not (
        isinstance(atom, Dates) and head.endswith("depois de ") and text[placed.start :].startswith("amanha")
    ):
        return replace(placed, value=Stretch(last + one_day, None))
    if _UNTIL_DAY.search(head):
        return replace(placed, value=Stretch(None, last))
    if _BEFORE_DAY.search(head):
        return replace(placed, value=Stretch(None, first - one_day))
    return placed


def _other_side(refused: Placed, almanac: Almanac) -> list[Placed]:
    """Return what a refused open end leaves: "não antes das 3" is from 3 on. Nothing when it has no one other side.

    Days that begin at once leave those after them: "essa semana não consigo" is from next Monday on.
    """
    one_day = dt.timedelta(days=1)
    match refused.value:
        case Stretch(earliest=dt.date() as earliest, latest=dt.date() as latest) if earliest <= almanac.today + one_day:
            weekend = dt.timedelta(days=2 if latest.weekday() == WEEKDAYS.index("fri") else 0)
            return [replace(refused, value=Stretch(latest + weekend + one_day, None))]
        case Bounds(start=None, end=Hour() as end):
            return [replace(refused, value=Bounds(end, None))]
        case Bounds(start=Hour() as start, end=None):
            return [replace(refused, value=Bounds(None, start))]
        case Stretch(earliest=None, latest=dt.date() as latest):
            return [replace(refused, value=Stretch(latest + one_day, None))]
        case Stretch(earliest=dt.date() as earliest, latest=None):
            return [replace(refused, value=Stretch(None, earliest - one_day))]
        case _:
            return []


def _refused(text: str, atoms: list[Placed]) -> Refused:
    """Return what may be left out: whole weekdays and whole parts of the day. A refused hour or date has no key."""
    names: list[Weekday] = []
    period: DayPeriod | None = None
    for index, atom in enumerate(atoms):
        beside = [
            other
            for other in (atoms[index - 1 : index] + atoms[index + 1 : index + 2])
            if _same_breath(text, atom, other)
        ]
        if isinstance(atom.value, Days) and not any(isinstance(other.value, Part | Point | Bounds) for other in beside):
            names.extend(atom.value.names)
        if isinstance(atom.value, Part) and not any(
            isinstance(other.value, Days | Dates | Stretch) for other in beside
        ):
            period = atom.value.period
    return Refused(tuple(sorted(set(names), key=WEEKDAYS.index)), period)


def _same_breath(text: str, one: Placed, other: Placed) -> bool:
    between = text[min(one.end, other.end) : max(one.start, other.start)]
    return not re.search(r"[,.;!?\n]|\be\b|\bou\b|\bnem\b", between)


def _preference(text: str, wanted: list[Placed], refused: Refused, almanac: Almanac) -> TimePreference | None:
    solid = [atom for atom in wanted if not isinstance(atom.value, Whenever)]
    unclear = [atom.value for atom in solid if isinstance(atom.value, Unclear)]
    if unclear:
        days = [reading for atom in unclear for reading in atom.readings]
        hours = [atom for atom in solid if isinstance(atom.value, Point | Bounds | Part)]
        readings = [read_sides([Found(day, 0, 0)], hours, text, almanac, Refused()) for day in days]
        return TimePreference(kind="ambiguous", readings=tuple(r for r in readings if r and r.kind != "ambiguous"))
    if solid:
        return _positive(text, solid, refused, almanac)
    if refused.names or refused.period:
        kind = "weekdays" if refused.names else "period"
        return TimePreference(kind=kind, exclude_weekdays=refused.names, exclude_period=refused.period)
    return ANY_TIME if len(solid) < len(wanted) else None


def _positive(text: str, atoms: list[Placed], refused: Refused, almanac: Almanac) -> TimePreference | None:
    groups = _groups(text, atoms)
    options: list[TimePreference] = []
    for days, hours in groups:
        read = read_sides(days, hours, text, almanac, refused)
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
    """Return runs of days and runs of hours, paired in the order in which the sentence begins."""
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
    apart = OR.search(text[middle[-1].end : last[0].start]) or OR.search(text[first[-1].end : middle[0].start])
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
