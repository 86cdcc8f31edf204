"""Two conversations that turned out to be one person's, as one: the newer goes on, the older fills in. Pure."""

from collections import Counter
from datetime import UTC, datetime

from contracts.dialogue import Lead, Student
from contracts.preprocessor import Contact

from dialogue_service.decision.state import Conversation, LastReply

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def merged(one: Conversation, other: Conversation, contact: Contact) -> Conversation:
    """Return what both are together; where they differ, the one that was heard of last is right.

    What protects the person holds if it held in either: the unit serves them, they want silence, they were told.
    """
    older, newer = sorted((one, other), key=_heard_of)
    served = [each.last_staff_at for each in (one, other) if each.owner == "unit" and each.last_staff_at]
    return newer.but(
        contact=contact,
        owner="unit" if served else newer.owner,
        stage="handed_over" if served else newer.stage,
        last_staff_at=max(served) if served else newer.last_staff_at,
        given_back_at=newer.given_back_at or older.given_back_at,
        lead=_lead(older, newer, contact.phone),
        typed={**_of_family(older), **newer.typed},
        visit=newer.visit or older.visit,
        requested=newer.requested or older.requested,
        opted_out=one.opted_out or other.opted_out,
        noticed=one.noticed or other.noticed,
        email_asked=one.email_asked or other.email_asked,
        qualified=one.qualified or other.qualified,
        said=dict(Counter(older.said) + Counter(newer.said)),
        hours=newer.hours or older.hours,
        last_reply=max(one.last_reply, other.last_reply, key=_made),
    )


def _heard_of(state: Conversation) -> datetime:
    return max(state.last_inbound_at or _LONG_AGO, state.last_staff_at or _LONG_AGO)


def _made(reply: LastReply | None) -> datetime:
    return reply.good_until if reply else _LONG_AGO


def _lead(older: Conversation, newer: Conversation, phone: str | None) -> Lead:
    """Fill what the newer does not know; what somebody at the unit wrote of the family in the older one goes before."""
    before, now = older.lead, newer.lead
    lead = Lead(
        parent_name=now.parent_name or before.parent_name,
        phone=now.phone if newer.is_typed("phone") else phone or now.phone,
        email=now.email or before.email,
        students=_students(before.students, now.students),
        time_preference=now.time_preference or before.time_preference,
    )
    typed = {key: getattr(before, key) for key in _of_family(older) if older.is_typed(key) and not newer.is_typed(key)}
    return lead.model_copy(update=typed)


def _of_family(state: Conversation) -> dict[str, datetime]:
    """Return when its fields were written that are no student's: students change their places."""
    return {key: at for key, at in state.typed.items() if ":" not in key}


def _students(older: tuple[Student, ...], newer: tuple[Student, ...]) -> tuple[Student, ...]:
    """Pair students by name, and those whose name is not known in their order; the newer come first, as asked about."""
    left = list(older)
    together = []
    for student in newer:
        twin = next((each for each in left if _same(each, student)), None)
        if twin is not None:
            left.remove(twin)
        together.append(_student(twin or Student(), student))
    return (*together, *left)


def _same(one: Student, other: Student) -> bool:
    if one.name and other.name:
        return one.name.casefold() == other.name.casefold()
    return one.age is None or other.age is None or one.age == other.age


def _student(older: Student, newer: Student) -> Student:
    return Student(
        name=newer.name or older.name,
        age=newer.age or older.age,
        grade=newer.grade or older.grade,
        subjects=newer.subjects or older.subjects,
        is_self=newer.is_self or older.is_self,
    )
