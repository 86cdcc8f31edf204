"""Two conversations of one person become one, and nothing that they told is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contracts.dialogue import Lead, Student
from contracts.ingress import Address
from contracts.preprocessor import Contact
from dialogue_service.decision.merging import merged
from dialogue_service.decision.state import Conversation
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
LID = "190000000000017@lid"
PHONE = "+5551999990000"
BOTH = Contact(phone=PHONE, address=Address(jid=LID, phone=PHONE, lid=LID))


def talk(ago_h: float, *, lead: Lead | None = None, **state: Any) -> Conversation:
    contact = Contact(phone=None, address=Address(jid=LID, lid=LID))
    at = NOW - timedelta(hours=ago_h)
    return Conversation(contact=contact, instance="kumon", last_inbound_at=at, lead=lead or Lead(), **state)


def pupil(name: str | None = None, age: int | None = None, **about: Any) -> Student:
    return Student(name=name, age=age, **about)


@pytest.mark.parametrize(
    "older, newer, together",
    [
        ((), (), ()),
        ((pupil("Pedro", 8),), (), (("Pedro", 8),)),
        ((pupil("Pedro"),), (pupil("pedro", 8),), (("pedro", 8),)),
        ((pupil("Pedro"),), (pupil(None, 8),), (("Pedro", 8),)),
        ((pupil("Pedro", 8),), (pupil("Lia", 5),), (("Lia", 5), ("Pedro", 8))),
        ((pupil(None, 8),), (pupil(None, 5),), ((None, 5), (None, 8))),
        ((pupil("Lia", 5), pupil("Pedro", 8)), (pupil("Pedro", 9),), (("Pedro", 9), ("Lia", 5))),
    ],
)
def test_students_are_paired_by_name_and_nobody_is_dropped(older: Any, newer: Any, together: Any) -> None:
    state = merged(talk(1, lead=Lead(students=newer)), talk(5, lead=Lead(students=older)), BOTH)
    assert tuple((each.name, each.age) for each in state.lead.students) == together


def test_the_newer_word_counts_and_the_older_fills_in() -> None:
    older = talk(5, lead=Lead(parent_name="Ana", email="ana@example.com"), stage="booked")
    newer = talk(1, lead=Lead(parent_name="Ana Souza"), stage="discovery")
    state = merged(older, newer, BOTH)
    assert state.lead == Lead(parent_name="Ana Souza", email="ana@example.com", phone=PHONE)
    assert (state.stage, state.contact) == ("discovery", BOTH)


def test_whom_the_unit_serves_under_one_name_it_serves_under_both() -> None:
    typed_at = NOW - timedelta(hours=3)
    served = talk(9, owner="unit", stage="handed_over", last_staff_at=typed_at)
    state = merged(talk(1), served, BOTH)
    assert (state.owner, state.stage, state.last_staff_at) == ("unit", "handed_over", typed_at)


def test_who_wants_silence_under_one_name_is_left_alone_under_both() -> None:
    assert merged(talk(1), talk(9, opted_out=True), BOTH).opted_out


STATES = st.builds(
    talk,
    st.floats(0, 100),
    owner=st.sampled_from(["assistant", "unit"]),
    last_staff_at=st.none() | st.just(NOW),
    opted_out=st.booleans(),
    lead=st.builds(
        Lead,
        parent_name=st.none() | st.sampled_from(["Ana", "Bia"]),
        email=st.none() | st.just("ana@example.com"),
        students=st.lists(st.builds(pupil, st.none() | st.sampled_from(["Pedro", "Lia"]), st.none() | st.just(8))).map(
            tuple
        ),
    ),
)


@given(STATES, STATES)
def test_what_is_known_of_either_is_known_of_both(one: Conversation, other: Conversation) -> None:
    state = merged(one, other, BOTH)
    assert state.lead.completeness >= max(
        len([value for value in (each.lead.parent_name, each.lead.email) if value]) for each in (one, other)
    )
    assert len(state.lead.students) >= max(len(one.lead.students), len(other.lead.students))
    names = {student.name for each in (one, other) for student in each.lead.students if student.name}
    assert {student.name for student in state.lead.students if student.name} == names
