"""Which field of the lead to ask for next."""

from collections.abc import Iterator
from typing import get_args

from contracts.dialogue import Student

from dialogue_service.decision.acts import AskField, Whose
from dialogue_service.decision.lead import first_name, plain
from dialogue_service.decision.state import Asked, Conversation, FieldTopic, Topic, field_key

TRIES = 2
"""Failed answers after which a field is skipped."""
TRIES_AT_BOOKING = 3
"""Failed answers after which it is not even asked at booking."""
ASKS = 3
"""How often a field is asked in a session, answered or not."""

FIELDS: tuple[str, ...] = get_args(FieldTopic)
_OF_STUDENT: tuple[Topic, ...] = ("student_name", "student_age", "school_grade", "subjects")
_JOINING = {"de", "da", "do", "das", "dos"}
_NOT_NAMES = {"mae", "pai", "vovo", "avo", "kumon", "contato", "loja", "oficial", "eu", "familia", "amor", "vida"}


def value_of(state: Conversation, asked: Asked) -> object:
    """Return what is known of the field that was asked."""
    if asked.topic == "parent_name":
        return state.lead.parent_name
    if asked.topic == "email":
        return state.lead.email
    index = asked.student or 0
    student = state.students[index] if index < len(state.students) else Student()
    return _known(state, student, asked.topic)


def _known(state: Conversation, student: Student, topic: Topic) -> object:
    match topic:
        case "student_name":
            return student.name or student.is_self
        case "student_age":
            return student.age
        case "school_grade":
            return student.grade
        case "subjects":
            return student.subjects
        case _:
            return getattr(state.lead, topic, None)


def missing(state: Conversation) -> Iterator[Asked]:
    """Yield the unknown fields in the order in which they are asked; e-mail and time belong to the booking."""
    if not state.lead.parent_name:
        yield Asked(topic="parent_name", hint=name_hint(state))
    for index, student in enumerate(state.students):
        for topic in _OF_STUDENT:
            if not _known(state, student, topic):
                yield Asked(topic=topic, student=index)


def next_field(state: Conversation, *, at_booking: bool = False) -> Asked | None:
    """Return the field to ask now: not one that failed twice, nor one asked again and again."""
    tries = TRIES_AT_BOOKING if at_booking else TRIES
    return next(
        (
            asked
            for asked in missing(state)
            if state.failed.get(asked.key, 0) < tries and state.asks.get(asked.key, 0) < ASKS + at_booking
        ),
        None,
    )


def question_for(state: Conversation, asked: Asked, *, again: bool = False) -> AskField:
    """Return the act that asks for a field. Its topic is a field's."""
    topic: FieldTopic = asked.topic  # type: ignore[assignment]  # `missing` yields fields only
    whose = Whose() if asked.student is None else whose_is(state, asked.student)
    return AskField(topic=topic, whose=whose, hint=None if again else asked.hint, again=again)


def whose_is(state: Conversation, index: int) -> Whose:
    """Say how to refer to a student."""
    student = state.students[index]
    several = len(state.students) > 1
    return Whose(
        name=first_name(student.name) if student.name else None,
        age=student.age if several else None,
        nth=index + 1 if several else None,
        is_self=student.is_self,
    )


def having_asked(state: Conversation, asked: Asked) -> Conversation:
    """Remember the question."""
    key = field_key(asked.topic, asked.student)
    focus = state.focus if asked.student is None else asked.student
    return state.but(asked=asked, focus=focus, asks={**state.asks, key: state.asks.get(key, 0) + 1})


def name_hint(state: Conversation) -> str | None:
    """Return the profile name on WhatsApp when it looks like a person's; it is proposed once, never taken."""
    name = (state.contact.profile_name or "").strip()
    words = [word for word in name.split() if word not in _JOINING]
    looks = 1 <= len(words) <= 4 and all(word.isalpha() and len(word) > 1 and word[0].isupper() for word in words)
    if not looks or _NOT_NAMES & {plain(word) for word in words} or state.asks.get("parent_name"):
        return None
    return name
