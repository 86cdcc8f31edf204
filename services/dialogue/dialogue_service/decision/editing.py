"""What somebody at the unit wrote of a family: it holds, whatever a turn gives. Pure."""

from collections.abc import Iterable
from datetime import datetime

from contracts.dialogue import FieldChange, Lead, Student

from dialogue_service.decision.lead import MOST_STUDENTS
from dialogue_service.decision.state import Conversation, FieldTopic, field_key, value_in

_TOPICS: dict[str, FieldTopic] = {"name": "student_name", "age": "student_age", "grade": "school_grade"}


def edited(state: Conversation, lead: Lead, changes: Iterable[FieldChange], at: datetime) -> Conversation:
    """Take the fields that were changed; of one that was written twice, the later word counts."""
    for change in changes:
        key = field_key(change.field, change.student)
        if at >= state.typed.get(key, at) and (change.student or 0) < MOST_STUDENTS:
            state = _with(state, change, lead).but(typed={**state.typed, key: at})
    return state


def _with(state: Conversation, change: FieldChange, lead: Lead) -> Conversation:
    """Take one field, and ask for it no more."""
    value = value_in(lead, change.field, change.student)
    asked = state.asked
    if asked and asked.key == field_key(_TOPICS.get(change.field, change.field), change.student):
        state = state.but(asked=None)
    if change.student is None:
        return state.but(lead=state.lead.model_copy(update={change.field: value}))
    missing = change.student + 1 - len(state.lead.students)
    students = [*state.lead.students, *(Student() for _ in range(missing))]
    students[change.student] = students[change.student].model_copy(update={change.field: value})
    return state.but(lead=state.lead.model_copy(update={"students": tuple(students)}))
