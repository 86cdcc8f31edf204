"""What somebody at the unit wrote of a family holds."""

from datetime import timedelta
from typing import Any

import pytest
from contracts.dialogue import FieldChange, Lead, Student
from dialogue_service.decision.editing import edited
from dialogue_service.decision.merging import merged
from dialogue_service.testing_facts import CONTACT, MONDAY
from dialogue_service.testing_talk import Talk

TYPED = Lead(
    parent_name="Ana Souza",
    email="ana@example.com",
    students=(Student(name="Pedro", age=8, grade="ef3", subjects=("matematica",)),),
    time_preference={"kind": "period", "period": "morning"},
)
OF_FAMILY = ("parent_name", "email", "time_preference")
OF_STUDENT = ("name", "age", "grade", "subjects")
EVERYTHING = (
    *(FieldChange(field=field) for field in OF_FAMILY),
    *(FieldChange(field=field, student=0) for field in OF_STUDENT),
)
OTHERWISE: dict[str, Any] = {
    "parent_name": "Bia Lima",
    "email": "bia@example.com",
    "students": [{"name": "Pedro", "age": 9, "grade": "ef4", "subjects": ["ingles"]}],
}


def talked(*changes: FieldChange, lead: Lead = TYPED) -> Talk:
    talk = Talk()
    talk.says("oi", "greeting")
    talk.state = edited(talk.state, lead, changes, MONDAY)
    return talk


@pytest.mark.parametrize("how", ["provide", "correct"])
def test_what_was_typed_is_changed_by_no_turn(how: Any) -> None:
    talk = talked(*EVERYTHING)
    said = talk.says("na verdade...", how, **OTHERWISE)
    known = talk.state.lead.model_copy(update={"phone": None})
    assert known == TYPED
    assert said.step.facts == ()


def test_what_was_not_typed_is_gathered_as_ever() -> None:
    talk = talked(FieldChange(field="age", student=0))
    talk.says("Bia, o Pedro tem 9, 4º ano", "provide", **OTHERWISE)
    student = talk.state.lead.students[0]
    assert (talk.state.lead.email, student.age, student.grade) == ("bia@example.com", 8, "ef4")


def test_what_was_taken_back_may_be_told_again() -> None:
    talk = talked(*EVERYTHING)
    talk.state = edited(talk.state, Lead(), (FieldChange(field="email"),), MONDAY + timedelta(minutes=1))
    assert talk.state.lead.email is None
    talk.says("bia@example.com", "provide", email="bia@example.com")
    assert talk.state.lead.email == "bia@example.com"


def test_of_two_words_of_the_unit_the_later_one_counts_also_when_it_comes_first() -> None:
    talk = talked(FieldChange(field="email"))
    earlier = TYPED.model_copy(update={"email": "old@example.com"})
    talk.state = edited(talk.state, earlier, (FieldChange(field="email"),), MONDAY - timedelta(minutes=1))
    assert talk.state.lead.email == "ana@example.com"


def test_nobody_is_asked_what_the_unit_wrote() -> None:
    talk = talked()
    talk.says("quero saber do kumon", "provide")
    asked = talk.state.asked
    assert asked is not None
    assert asked.topic == "parent_name"
    talk.state = edited(talk.state, TYPED, EVERYTHING, MONDAY)
    assert talk.state.asked is None
    assert "AskField" not in talk.says("ok", "affirm").acts


def test_a_second_child_may_be_typed_before_anybody_told_of_one() -> None:
    two = Lead(students=(Student(), Student(name="Lia")))
    talk = talked(FieldChange(field="name", student=1), lead=two)
    assert [student.name for student in talk.state.lead.students] == [None, "Lia"]


def test_another_child_instead_keeps_what_was_typed() -> None:
    talk = talked(FieldChange(field="name", student=0))
    talk.says("não, é pro meu outro filho, de 9", "correct", students=[{"age": 9}])
    assert [(student.name, student.age) for student in talk.state.lead.students] == [("Pedro", 9)]


def test_what_was_typed_of_a_family_goes_along_when_two_conversations_become_one() -> None:
    older = talked(FieldChange(field="email")).state
    newer = Talk().state.but(lead=Lead(email="bia@example.com"), last_inbound_at=MONDAY + timedelta(days=1))
    both = merged(older, newer, CONTACT)
    assert both.lead.email == "ana@example.com"
    assert both.is_typed("email")
