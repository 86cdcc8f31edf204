"""The wish about time in a turn, given what else the turn says and what was asked."""

import datetime as dt
import re

from dialogue_service.understanding.intents import Said
from dialogue_service.understanding.page import Page
from dialogue_service.understanding.temporal import Almanac, Wish, may_have_wish, read_wish
from dialogue_service.understanding.temporal.idioms import without_idioms
from dialogue_service.understanding.temporal.wish import ANY_TIME
from dialogue_service.understanding.values import Context, TimePreference

_OTHER_BUSINESS = frozenset({"cancel_visit", "class_admin", "complain", "insult", "injection", "off_topic"})
_OTHER_QUESTIONS = frozenset({"parent_name", "student_name", "student_age", "school_grade", "subjects", "email"})
_BOTH_SUBJECTS = re.compile(r"\bas (?:duas|2|tres|3)\b")
_HOUR_INSTEAD = re.compile(r"^\W*(?:(?:nao|ops|pera|na verdade|melhor)\W+)*(?:as )?(?P<n>\d{1,2})(?: ?h(?:oras)?)?\W*$")
_LONE_NUMBER = re.compile(r"^\D{0,12}?(?P<n>\d{1,2})\D{0,3}$")


def may_wish(said: list[Said]) -> bool:
    """Whether a day that is named may be the visit's: beside a cancellation, a class or other business it is theirs."""
    wanted = {each.name for each in said}
    return bool(wanted & {"book", "reschedule_visit"}) or not wanted & _OTHER_BUSINESS


def _calm(page: Page, asked: str | None) -> str:
    """Return what is left for a time; "as duas" in answer to "which subjects?" is no hour."""
    text = without_idioms(page.rest)
    return _BOTH_SUBJECTS.sub(lambda match: "#" * len(match.group()), text) if asked == "subjects" else text


def find_wish(page: Page, now: dt.datetime, context: Context) -> Wish | None:
    """Return the wish in what a turn says beside its lead values."""
    if not may_have_wish(page.rest) and context.stage != "booked":
        return None
    almanac = Almanac(now, tuple(slot.date() for slot in context.offered))
    wish = read_wish(_calm(page, context.asked), almanac)
    if wish and wish.preference == ANY_TIME and _indifferent_about_else(page.text, context.asked):
        return None
    if wish is None and context.asked == "time_preference":
        return _lone_number(page.rest, almanac)
    if wish is None and context.stage == "booked" and context.asked in {"parent_name", "student_name"}:
        return _other_hour(page.rest)
    return wish


def _other_hour(text: str) -> Wish | None:
    """Read a bare number where a name was asked, right after a booking, as another hour ("não, 10")."""
    match = _HOUR_INSTEAD.match(text)
    if match is None or not 8 <= (hour := int(match["n"])) <= 17:
        return None
    return Wish(TimePreference(kind="instant", start=dt.time(hour)), (match.span("n"),))


def _indifferent_about_else(text: str, asked: str | None) -> bool:
    """Whether "tanto faz" answers a question about something other than the time."""
    about_time = re.search(r"\b(?:dias?|horas?|horarios?|data|periodo|agenda|quando|rapido|antes)\b", text)
    return asked in _OTHER_QUESTIONS and not about_time


def _lone_number(text: str, almanac: Almanac) -> Wish | None:
    """Read a number in answer to "when?": an hour or a day, which must be asked; above 23 it is a day."""
    match = _LONE_NUMBER.match(text)
    day = almanac.day_of_month(int(match["n"])) if match else None
    if match is None or day is None:
        return None
    as_day = TimePreference(kind="window", date=day)
    number = int(match["n"])
    if number > 23:
        return Wish(as_day, (match.span("n"),))
    hours = (number, number + 12) if number in {7, 8} else (number + 12 * (number <= 6),)
    as_hour = (TimePreference(kind="instant", start=dt.time(hour)) for hour in hours)
    return Wish(TimePreference(kind="ambiguous", readings=(*as_hour, as_day)), (match.span("n"),))
