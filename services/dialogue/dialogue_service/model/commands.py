"""What a model made of a message, as far as it can be believed.

A model names commands of a closed set and points at values; the value is what the grammar reads in the place that was
pointed at. So nothing is known that does not literally stand in the message. And nothing is done on a model's word that
cannot be taken back: what it takes for a choice of a time is read back, a wish to be forgotten goes to a person.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dialogue_service.understanding.values import (
    Context,
    Fields,
    Intent,
    IntentName,
    Span,
    Student,
    TimePreference,
    Understanding,
)

Reader: TypeAlias = Callable[[str, dt.datetime, Context], Understanding]
QuotedField = Literal["parent_name", "student_name", "student_age", "school_grade", "subjects", "email"]

CONFIDENCE = 0.7
"""How sure a reading is that a model made."""
LONGEST_COURTESY = 10
"""Words of a message of greetings and thanks; a longer one says something else, too."""
UNSURE_BELOW = 0.6
"""A guess by likeness below this confidence is worth a question."""

_COURTESIES: frozenset[IntentName] = frozenset({"greeting", "thanks", "goodbye"})
# Follow from the values and the option, or are not believed without them.
_IMPLIED: frozenset[IntentName] = frozenset({"provide", "choose_slot", "not_understood"})
# Cannot be taken back, or are another's right to refuse: a person decides.
_WEIGHTY: frozenset[IntentName] = frozenset({"opt_out", "data_request", "erase_request", "cancel_visit"})
# A yes to one of these books, moves or confirms a visit; the parent must say it in words that the grammar knows.
_BINDING = frozenset({"slot", "confirm_slot", "confirm_visit", "reschedule"})
_PART: dict[QuotedField, str] = {
    "student_name": "name",
    "student_age": "age",
    "school_grade": "grade",
    "subjects": "subjects",
}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Quoted(_Strict):
    """A place in the message, and which value stands there; `student` counts the message's students from 0."""

    field: QuotedField
    quote: str
    student: int | None


class Commands(_Strict):
    """The answer to `prompts/understand.toml`; `option` is the number of an offered time."""

    commands: list[IntentName] = Field(max_length=8)
    values: list[Quoted] = Field(max_length=24)
    option: int | None


def read_commands(data: Mapping[str, Any] | None) -> Commands | None:
    """Return an answer, `None` when it is anything else than was asked for."""
    try:
        return Commands.model_validate(data)
    except ValidationError:
        return None


def is_unsure(reading: Understanding) -> bool:
    """Whether the grammar and the likeness to examples leave open what a message wants."""
    if not reading.text.strip() or reading.has("injection"):
        return False
    if reading.has("not_understood") or reading.confidence < UNSURE_BELOW:
        return True
    return set(reading.names) <= _COURTESIES and len(reading.text.split()) > LONGEST_COURTESY


def merged(reading: Understanding, said: Commands, context: Context, now: dt.datetime, read: Reader) -> Understanding:
    """Add to a reading what a model saw; the same reading when there is nothing in it that can be believed.

    `now` is in the unit's zone; `read` is the grammar.
    """
    if "injection" in said.commands:
        return reading.model_copy(update={"intents": (_intent("injection"),), "confidence": CONFIDENCE})
    fields = _fields(reading, said, context, now, read)
    wanted = list(dict.fromkeys(_believed(said, context)))
    if fields != reading.fields:
        wanted.append("provide")
    if not wanted:
        return reading
    kept = tuple(intent for intent in reading.intents if intent.name in _COURTESIES and intent.name not in wanted)
    intents = (*(_intent(name) for name in wanted), *kept)
    return reading.model_copy(update={"intents": intents, "fields": fields, "confidence": CONFIDENCE})


def _intent(name: IntentName) -> Intent:
    return Intent(name=name, confidence=CONFIDENCE)


def _believed(said: Commands, context: Context) -> Iterator[IntentName]:
    for name in said.commands:
        if name in _WEIGHTY:
            yield "request_person"
        elif name not in _IMPLIED and not (name == "affirm" and context.asked in _BINDING):
            yield name


def _fields(reading: Understanding, said: Commands, context: Context, now: dt.datetime, read: Reader) -> Fields:
    """Return the grammar's fields, with those that it reads where the model points; what it knew already stays."""
    known = reading.fields
    spans: list[Span] = []
    given: dict[str, Any] = {}
    students: dict[int, dict[str, Any]] = {}
    for each in said.values:
        place = _place(each.quote, reading.text)
        if place is None or not _may_be_named(each, place, context):
            continue
        found = read(place.text, now, Context(stage=context.stage, asked=each.field)).fields
        part = _PART.get(each.field)
        if part is None:
            if value := getattr(found, each.field):
                given.setdefault(each.field, value)
                spans.append(place.model_copy(update={"field": each.field}))
        elif found.students and (value := getattr(found.students[0], part)):
            nth = each.student or 0
            students.setdefault(nth, {}).setdefault(part, value)
            spans.append(place.model_copy(update={"field": f"students[{nth}].{part}"}))
    if students and not known.students:
        given["students"] = tuple(Student(**students[nth]) for nth in sorted(students))
    chosen = None if known.slot else _chosen(said.option, context, now)
    if chosen:
        given["time_preference"] = chosen
    new = {name: value for name, value in given.items() if not getattr(known, name)}
    return known.model_copy(update={**new, "spans": (*known.spans, *spans)}) if new else known


def _place(quote: str, text: str) -> Span | None:
    """Find the words of a quote in the message, whole."""
    words = quote.strip()
    at = text.casefold().find(words.casefold()) if words else -1
    if at < 0 or len(text) != len(text.casefold()):
        return None
    end = at + len(words)
    inside = (at and text[at - 1 : at + 1].isalnum()) or (end < len(text) and text[end - 1 : end + 1].isalnum())
    return None if inside else Span(field="", start=at, end=end, text=text[at:end])


def _may_be_named(each: Quoted, place: Span, context: Context) -> bool:
    """Whether words may be a name: asked for, or written like one. Anything may be an age or a grade."""
    return not each.field.endswith("_name") or context.asked == each.field or place.text[:1].isupper()


def _chosen(option: int | None, context: Context, now: dt.datetime) -> TimePreference | None:
    """Return an offered time as a wish for it: what is wished for is read back, what is chosen is booked."""
    if option is None or not 1 <= option <= len(context.offered):
        return None
    slot = context.offered[option - 1].astimezone(now.tzinfo)
    return TimePreference(kind="instant", date=slot.date(), start=slot.time().replace(tzinfo=None))
