"""Taking what a turn tells into the lead: whose value it is, what is new, what is corrected."""

import re
import unicodedata
from typing import Any
from uuid import UUID

from contracts.dialogue import Lead, Student

from dialogue_service.decision.state import Conversation
from dialogue_service.decision.turn import Change, Message, Turn
from dialogue_service.understanding.students import speaks_of_all
from dialogue_service.understanding.subjects import subjects_taken_back
from dialogue_service.understanding.values import Student as Told
from dialogue_service.understanding.values import TimePreference

MOST_STUDENTS = 6


def plain(text: str) -> str:
    """Lower case without accents, for comparing names and words."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def first_name(name: str) -> str:
    """`Ana Paula Souza` → `Ana`."""
    return name.split(maxsplit=1)[0]


def merge(
    state: Conversation, turn: Turn, preference: TimePreference | None
) -> tuple[Conversation, tuple[Change, ...]]:
    """Take every value that a turn gives; nothing is taken from somebody who instructs a machine."""
    if turn.injected:
        return state, ()
    state, of_students = _students(state, turn)
    lead, of_parent = _parent(state, turn, preference)
    state, taken_back = _fewer_subjects(_one_person(state.but(lead=lead)), turn)
    return state, of_parent + of_students + taken_back


def _parent(state: Conversation, turn: Turn, preference: TimePreference | None) -> tuple[Lead, tuple[Change, ...]]:
    lead, fields = state.lead, turn.understanding.fields
    given: dict[str, Any] = {"email": fields.email, "parent_name": _parent_name(state, turn)}
    if state.contact.phone is None or turn.understanding.has("correct"):
        given["phone"] = fields.phone
    if preference is not None:
        given["time_preference"] = preference.to_json()
    new = {
        key: value for key, value in given.items() if value and value != getattr(lead, key) and not state.is_typed(key)
    }
    changes = tuple(
        Change(
            field=key,
            corrected=bool(getattr(lead, key)) and key != "time_preference" and not _longer(getattr(lead, key), value),
            message=_message(turn, key),
        )
        for key, value in new.items()
    )
    return lead.model_copy(update=new), changes


def _parent_name(state: Conversation, turn: Turn) -> str | None:
    said = turn.understanding.fields.parent_name
    if said:
        known = state.lead.parent_name
        return None if known and _longer(said, known) else said
    asked = state.asked
    proposed = asked.hint if asked and asked.topic == "parent_name" and turn.understanding.has("affirm") else None
    return proposed if not state.lead.parent_name else None


def _longer(known: Any, said: Any) -> bool:
    """Whether the same name was only said more completely."""
    return isinstance(known, str) and isinstance(said, str) and plain(said).startswith(f"{plain(known)} ")


def _one_person(state: Conversation) -> Conversation:
    """Responsible and student are the same person when they said so: one name for both."""
    lead = state.lead
    for index, student in enumerate(lead.students):
        if not student.is_self:
            continue
        if lead.parent_name and not student.name:
            named = student.model_copy(update={"name": lead.parent_name})
            return state.but(lead=_with_student(lead, index, named))
        if student.name and not lead.parent_name:
            return state.but(lead=lead.model_copy(update={"parent_name": student.name}))
    return state


def _students(state: Conversation, turn: Turn) -> tuple[Conversation, tuple[Change, ...]]:
    told = turn.understanding.fields.students
    children = min(turn.understanding.child_count or 0, MOST_STUDENTS)
    state = _another_instead(state, turn)
    changes: tuple[Change, ...] = ()
    used: set[int] = set()
    several = max(len(state.lead.students), 1)
    if len(told) == 1 and not told[0].name and told[0].elder is None and speaks_of_all(turn.text):
        told = told * several  # "primeiro ano os dois"
    for nth, student in enumerate(told):
        index = _place(state, turn, student, several=len(told) > 1, used=used)
        if index >= MOST_STUDENTS:
            break
        used.add(index)
        lead, new = _fill(state, index, student, turn, nth)
        state, changes = state.but(lead=lead, focus=index), changes + new
    missing = children - len(state.lead.students)
    if missing > 0:
        students = (*state.lead.students, *(Student() for _ in range(missing)))
        state = state.but(lead=state.lead.model_copy(update={"students": students}))
    if len(told) > 1 or missing > 0:
        state = state.but(focus=0)
    return state, changes


def _another_instead(state: Conversation, turn: Turn) -> Conversation:
    """Take back the student we talked about ("não, é pro meu outro filho"); subjects stay."""
    if not turn.understanding.has("correct", "deny") or not state.lead.students:
        return state
    if not re.search(r"\boutr[oa] (filh|crianc|menin|alun)", plain(turn.text)):
        return state
    known = state.lead.students[state.focus]
    kept = {key: getattr(known, key) for key in ("name", "age", "grade") if state.is_typed(key, state.focus)}
    another = Student(subjects=known.subjects, **kept)
    return state.but(lead=_with_student(state.lead, state.focus, another))


def _place(state: Conversation, turn: Turn, told: Told, *, several: bool, used: set[int]) -> int:
    """Say which student is meant; an index past the last is a new one."""
    students = state.lead.students
    free = [index for index in range(len(students)) if index not in used]
    if told.is_self:
        blank = [index for index in free if students[index].is_self or not students[index].name]
        return blank[0] if blank else len(students)
    ranked = _by_age(students, elder=told.elder) if told.elder is not None else None
    if ranked in free and not (told.name and students[ranked].name):
        return ranked
    if told.name:
        return _place_named(state, turn, told.name, free)
    if several:
        return free[0] if free else len(students)
    if _conflicts(students, state.focus, told) and not turn.understanding.has("correct", "deny") and _one_more(turn):
        return len(students)
    asked = state.asked.student if state.asked else None
    about = asked if asked is not None else state.focus
    return about if about in free else (free[0] if free else len(students))


def _by_age(students: tuple[Student, ...], *, elder: bool) -> int | None:
    """Return who is the elder, or the younger, of several whose ages are known."""
    ages = {student.age: index for index, student in enumerate(students) if student.age}
    if len(students) < 2 or len(ages) < len(students):
        return None
    return ages[max(ages) if elder else min(ages)]


def _one_more(turn: Turn) -> bool:
    return (
        re.search(r"\b(outr[oa]|mais um|mais uma|tambem tenho|tenho [oa] \w+ tambem)\b", plain(turn.text)) is not None
    )


def _place_named(state: Conversation, turn: Turn, name: str, free: list[int]) -> int:
    students = state.lead.students
    names = {index: students[index].name for index in free}
    for index, known in names.items():
        if known and plain(first_name(known)) == plain(first_name(name)):
            return index
    nameless = [index for index, known in names.items() if not known]
    if state.asked and state.asked.student in nameless:
        return state.asked.student
    if state.focus in nameless:
        return state.focus
    if nameless:
        return nameless[0]
    if turn.understanding.has("correct") and state.focus in free:
        return state.focus
    return len(students)


def _conflicts(students: tuple[Student, ...], index: int, told: Told) -> bool:
    if index >= len(students):
        return False
    known = students[index]
    return bool(known.age and told.age and known.age != told.age) or bool(known.name or known.grade)


def _fill(state: Conversation, index: int, told: Told, turn: Turn, nth: int) -> tuple[Lead, tuple[Change, ...]]:
    lead = state.lead
    known = lead.students[index] if index < len(lead.students) else Student()
    given: dict[str, Any] = {
        "name": None if known.name and _longer(told.name, known.name) else told.name,
        "age": told.age,
        "grade": told.grade,
        "subjects": _subjects(known, told, turn),
    }
    new = {
        key: value
        for key, value in given.items()
        if value and value != getattr(known, key) and not state.is_typed(key, index)
    }
    changes = tuple(
        Change(
            field=key,
            student=index,
            corrected=bool(getattr(known, key)) and (key != "subjects" or not set(known.subjects) <= set(value)),
            message=_message(turn, f"students[{nth}].{key}") or _message(turn, f"students[0].{key}"),
        )
        for key, value in new.items()
    )
    filled = known.model_copy(update={**new, "is_self": known.is_self or told.is_self})
    return _with_student(lead, index, filled), changes


def _subjects(known: Student, told: Told, turn: Turn) -> tuple[str, ...]:
    """Add subjects to those named before, unless they replace them ("só matemática")."""
    if not told.subjects or not known.subjects:
        return told.subjects
    if turn.understanding.has("correct", "deny") or re.search(r"\b(so|somente|apenas)\b", plain(turn.text)):
        return told.subjects
    return (*known.subjects, *(subject for subject in told.subjects if subject not in known.subjects))


def _fewer_subjects(state: Conversation, turn: Turn) -> tuple[Conversation, tuple[Change, ...]]:
    """Take back a subject of the student we talk about ("tira matemática"); one is left at least."""
    students, refused = state.lead.students, subjects_taken_back(turn.text)
    if not refused or not students or state.is_typed("subjects", state.focus):
        return state, ()
    student = students[state.focus]
    left = tuple(subject for subject in student.subjects if subject not in refused)
    if not left or left == student.subjects:
        return state, ()
    change = Change(field="subjects", student=state.focus, corrected=True, message=turn.messages[-1].id)
    lead = _with_student(state.lead, state.focus, student.model_copy(update={"subjects": left}))
    return state.but(lead=lead), (change,)


def _with_student(lead: Lead, index: int, student: Student) -> Lead:
    students = list(lead.students)
    students[index : index + 1] = [student]
    return lead.model_copy(update={"students": tuple(students)})


def _message(turn: Turn, field: str) -> UUID | None:
    """Find the message that a value came from, by its place in the joined text."""
    start = next((span.start for span in turn.understanding.fields.spans if span.field == field), None)
    if start is None:
        return turn.messages[-1].id if len(turn.messages) == 1 else None
    message: Message | None = None
    for message in turn.messages:
        if not message.text:
            continue
        if start <= len(message.text):
            return message.id
        start -= len(message.text) + 1
    return message.id if message else None
