"""The eight fields of a lead as somebody at the unit writes them: where each is, what may stand there, what changed."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import phonenumbers
from contracts.dialogue import FieldChange, Grade, Lead, Student, Subject
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

OF_FAMILY = ("parent_name", "phone", "email", "time_preference")
OF_STUDENT = ("name", "age", "grade", "subjects")
MOST_STUDENTS = 6
LONGEST = 80
"""Characters of a name."""
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
YOUNGEST, OLDEST = 2, 99

# The assistant takes the same addresses.
_EMAIL = re.compile(
    r"[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9_+-])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}[a-z]{2,12}"
)


class Place(NamedTuple):
    """A field of a lead; `student` is the student's index, `None` for the family's own."""

    field: str
    student: int | None = None

    def __str__(self) -> str:
        return self.field if self.student is None else f"{self.field}:{self.student}"


def place_of(key: str) -> Place:
    """Read what `str` of a place wrote: `email`, `age:0`. Raises `ValueError` for anything else."""
    field, _, student = key.partition(":")
    place = Place(field, int(student) if student else None)
    known = OF_FAMILY if place.student is None else OF_STUDENT
    if field not in known or not 0 <= (place.student or 0) < MOST_STUDENTS:
        raise ValueError("no field of a lead")
    return place


def nothing_in(place: Place) -> Any:
    """Return what a stored lead has where nothing is known."""
    return [] if place.field == "subjects" else None


class NotAValue(ValueError):  # noqa: N818  # an answer, not a failure
    """Something cannot stand in a field; `said` is what to check."""

    def __init__(self, said: str) -> None:
        super().__init__("not a value of this field")
        self.said = said


Values: TypeAlias = Mapping[Place, Any]
"""Values of fields, as JSON has them; `None` for nothing."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Period = Literal["morning", "afternoon", "evening"]


class TimeWish(BaseModel):
    """When a visit may be (interfaces §4): days ISO 8601, hours `HH:MM`. An instant has its day and its start."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["instant", "window", "weekdays", "period"]
    date: dt.date | None = None
    dates: tuple[dt.date, ...] = ()
    start: dt.time | None = None
    end: dt.time | None = None
    weekdays: tuple[Weekday, ...] = ()
    exclude_weekdays: tuple[Weekday, ...] = ()
    period: Period | None = None
    exclude_period: Period | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    options: tuple["TimeWish", ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> "TimeWish":
        if self.kind == "instant" and not (self.start and (self.date or self.dates)):
            raise ValueError("an instant has its day and its start")
        if (self.kind == "weekdays" and not self.weekdays) or (self.kind == "period" and not self.period):
            raise ValueError("the kind names what is missing")
        return self

    def to_json(self) -> dict[str, Any]:
        """Return only the keys that are given."""
        given = self.model_dump(mode="json", exclude={"start", "end", "options"})
        hours = {key: at.strftime("%H:%M") for key in ("start", "end") if (at := getattr(self, key))}
        options = [option.to_json() for option in self.options]
        return {key: value for key, value in {**given, **hours, "options": options}.items() if value}


def values_in(lead: Lead) -> dict[Place, Any]:
    """Return every value as JSON has it, by its place; `None` where nothing is known. There is one student at least."""
    whole = lead.model_dump(mode="json")
    students = whole["students"] or [Student().model_dump(mode="json")]
    family = {Place(field): whole[field] or None for field in OF_FAMILY}
    of_students = {
        Place(field, nth): student[field] or None for nth, student in enumerate(students) for field in OF_STUDENT
    }
    return family | of_students


def changed(wanted: Values, before: Values) -> dict[Place, Any]:
    """Return the values that are others than before."""
    return {place: value for place, value in wanted.items() if value != before.get(place)}


def with_values(lead: Lead, values: Values) -> Lead:
    """Return a lead with these values in their places."""
    whole = lead.model_dump(mode="json")
    for place, value in values.items():
        if place.student is None:
            whole[place.field] = value
            continue
        missing = place.student + 1 - len(whole["students"])
        whole["students"] += [Student().model_dump(mode="json") for _ in range(missing)]
        whole["students"][place.student][place.field] = value or nothing_in(place)
    return Lead.model_validate(whole)


def sealed(values: Values) -> str:
    """Return what a form carries along of the values that it shows."""
    return json.dumps({str(place): value for place, value in values.items()}, ensure_ascii=False)


def changes_of(places: Iterable[Place]) -> tuple[FieldChange, ...]:
    """Name the fields of a fact."""
    return tuple(FieldChange(field=place.field, student=place.student) for place in places)


def e164_of(text: str) -> str | None:
    """Read a phone, Brazilian when no country is given; `None` when it is none, or lacks its area code."""
    try:
        number = phonenumbers.parse(text, "BR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _name(text: str) -> str | None:
    name = " ".join(text.split())
    if not name:
        return None
    if len(name) > LONGEST or not name.isprintable() or not any(map(str.isalpha, name)):
        raise NotAValue("Confira o nome.")
    return name


def _phone(text: str) -> str | None:
    if not text.strip():
        return None
    number = e164_of(text)
    if number is None:
        raise NotAValue("Confira o telefone, com DDD: (51) 98765-0001.")
    return number


def _email(text: str) -> str | None:
    address = text.strip().lower()
    if address and not _EMAIL.fullmatch(address):
        raise NotAValue("Confira o e-mail: nome@exemplo.com.")
    return address or None


def _age(written: int | str) -> int | None:
    figures = str(written).strip()
    if not figures:
        return None
    if not re.fullmatch("[0-9]{1,2}", figures) or not YOUNGEST <= int(figures) <= OLDEST:
        raise NotAValue(f"A idade vai de {YOUNGEST} a {OLDEST} anos.")
    return int(figures)


def _one_of(written: Any, allowed: tuple[str, ...], said: str) -> Any:
    if written not in allowed:
        raise NotAValue(said)
    return written


def _wish(written: Any) -> dict[str, Any]:
    try:
        return TimeWish.model_validate(written).to_json()
    except ValidationError:
        raise NotAValue("Confira o melhor horário.") from None


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "parent_name": _name,
    "name": _name,
    "phone": _phone,
    "email": _email,
    "age": _age,
    "grade": lambda grade: _one_of(grade, get_args(Grade), "Escolha uma série da lista."),
    "subjects": lambda several: [
        _one_of(each, SUBJECTS, "Escolha matérias da lista.") for each in dict.fromkeys(several)
    ],
    "time_preference": _wish,
}


def checked(place: Place, written: Any) -> Any:
    """Return the value that was written, as JSON has it; `None` for nothing. Raises `NotAValue`."""
    return _CHECKS[place.field](written) or None if written not in (None, "", []) else None
