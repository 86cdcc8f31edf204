from itertools import permutations
from typing import Any

import pytest
from dialogue_service.decision.acts import AskField, GiveNotice
from dialogue_service.testing_facts import wish
from dialogue_service.testing_talk import Talk

PEDRO = {"name": "Pedro", "age": 8, "grade": "ef3", "subjects": ["matematica"]}
PARTS: tuple[dict[str, Any], ...] = (
    {"parent_name": "Ana Souza"},
    {"email": "ana@example.com"},
    {"students": [{"name": "Pedro"}]},
    {"students": [{"age": 8, "grade": "ef3"}]},
    {"students": [{"subjects": ["matematica"]}]},
)


def begun() -> Talk:
    talk = Talk()
    talk.says("oi", "greeting")
    return talk


@pytest.mark.parametrize("order", list(permutations(range(len(PARTS)))))
def test_fields_are_taken_in_any_order_and_nobody_is_asked_what_they_said(order: tuple[int, ...]) -> None:
    talk = begun()
    for nth in order:
        asked_for = [
            (act.topic, act.whose)
            for act in talk.says("...", "provide", **PARTS[nth]).step.acts
            if isinstance(act, AskField)
        ]
        assert len(asked_for) <= 1
        known = {field for part in order[: order.index(nth) + 1] for field in _fields(PARTS[part])}
        assert not {topic for topic, _ in asked_for} & known
    lead = talk.state.lead
    assert (lead.parent_name, lead.email) == ("Ana Souza", "ana@example.com")
    assert lead.students[0].model_dump() == {**PEDRO, "subjects": ("matematica",), "is_self": False}
    assert len(lead.students) == 1
    assert lead.completeness == 7
    assert talk.replies[-1].acts[-1] == "InviteToVisit"


def _fields(part: dict[str, Any]) -> set[str]:
    names = {"name": "student_name", "age": "student_age", "grade": "school_grade", "subjects": "subjects"}
    return {names.get(key, key) for key in [*part, *(key for student in part.get("students", ()) for key in student)]}


def test_twins_are_two_students_and_each_is_asked_for_by_name() -> None:
    talk = begun()
    talk.says("Ana Souza", "provide", parent_name="Ana Souza")
    asked = talk.says("são gêmeos de 8 anos", "provide", students=[{"age": 8}, {"age": 8}], child_count=2)
    assert [student.age for student in talk.state.lead.students] == [8, 8]
    assert "AskField" in asked.acts
    talk.says("Pedro e Lia", "provide", students=[{"name": "Pedro"}, {"name": "Lia"}])
    assert [(student.name, student.age) for student in talk.state.lead.students] == [("Pedro", 8), ("Lia", 8)]


def test_a_value_beside_a_question_is_taken_and_the_question_answered_first() -> None:
    talk = begun()
    reply = talk.says(
        "é pro Pedro de 8 anos, onde fica?", "ask_address", "provide", students=[{"name": "Pedro", "age": 8}]
    )
    assert reply.acts[0] == "GiveAddress"
    assert talk.state.lead.students[0].age == 8


def test_a_correction_replaces_the_value_and_is_acknowledged() -> None:
    talk = begun()
    talk.says("Pedro, 8 anos", "provide", students=[{"name": "Pedro", "age": 8}])
    reply = talk.says("na verdade são 9 anos", "correct", "provide", students=[{"age": 9}])
    assert reply.acts[0] == "Noted"
    assert "*9 anos*" in reply.text
    assert talk.state.lead.students[0].age == 9


def test_a_spelling_corrects_the_name() -> None:
    talk = begun()
    talk.says("Ana", "provide", parent_name="Ana")
    reply = talk.says("é Anna com dois n", "correct", "provide", parent_name="Anna")
    assert "*Anna*" in reply.text
    assert talk.state.lead.parent_name == "Anna"


def test_another_child_instead_keeps_the_subjects_only() -> None:
    talk = begun()
    talk.says("Pedro, 8 anos, matemática", "provide", students=[PEDRO])
    talk.says("não, é pro meu outro filho, o Leo", "correct", "deny", "provide", students=[{"name": "Leo"}])
    (student,) = talk.state.lead.students
    assert (student.name, student.age, student.subjects) == ("Leo", None, ("matematica",))


def test_an_adult_student_is_asked_for_no_second_name_and_called_you() -> None:
    talk = begun()
    talk.says("é pra mim mesmo", "provide", students=[{"self": True}])
    reply = talk.says("Carlos Lima", "provide", parent_name="Carlos Lima")
    assert talk.state.lead.students[0].name == "Carlos Lima"
    assert "sua idade" in reply.text
    assert (
        talk.says("40", "provide", students=[{"age": 40}]).text.count("Você") + talk.replies[-1].text.count("você") == 1
    )
    assert "para você" in talk.says("faculdade", "provide", students=[{"grade": "faculdade"}]).text
    assert "você" in talk.says("inglês", "provide", students=[{"subjects": ["ingles"]}]).text


def test_several_children_are_asked_about_one_by_one() -> None:
    talk = begun()
    talk.says("Ana", "provide", parent_name="Ana")
    talk.says("tenho 2, de 6 e 9 anos", "provide", students=[{"age": 6}, {"age": 9}], child_count=2)
    assert "criança de 6 anos" in talk.replies[-1].text
    talk.says("Lia e Leo", "provide", students=[{"name": "Lia"}, {"name": "Leo"}])
    assert "Lia" in talk.replies[-1].text
    talk.says("1o ano", "provide", students=[{"grade": "ef1"}])
    talk.says("matemática", "provide", students=[{"subjects": ["matematica"]}])
    assert "Leo" in talk.replies[-1].text
    talk.says("4o ano", "provide", students=[{"grade": "ef4"}])
    talk.says("inglês", "provide", students=[{"subjects": ["ingles"]}])
    lia, leo = talk.state.lead.students
    assert (lia.name, lia.age, lia.grade, lia.subjects) == ("Lia", 6, "ef1", ("matematica",))
    assert (leo.name, leo.age, leo.grade, leo.subjects) == ("Leo", 9, "ef4", ("ingles",))
    assert talk.replies[-1].acts == ["InviteToVisit"]


def test_a_field_is_asked_again_once_then_left_politely_and_asked_at_booking() -> None:
    talk = begun()
    talk.says("quero saber do kumon, sou a Ana", "ask_method", "provide", parent_name="Ana")
    talk.says("Pedro", "provide", students=[{"name": "Pedro"}])
    assert talk.state.asked
    assert talk.state.asked.topic == "student_age"
    again = talk.says("150 anos kkk", "provide")
    assert isinstance(again.step.acts[-1], AskField)
    assert again.step.acts[-1].again
    moved_on = talk.says("não sei", "deny")
    assert moved_on.acts[:2] == ["MoveOn", "AskField"]
    assert moved_on.step.acts[-1].topic == "school_grade"  # type: ignore[union-attr]
    assert talk.state.lead.students[0].age is None
    talk.says("quero marcar terça 15h", "book", time_preference=wish("instant", date="2026-11-24", start="15:00"))
    booked = talk.says("sim", "affirm")
    assert booked.acts == ["ConfirmBooking", "AskField"]
    assert booked.step.acts[-1].topic == "student_age"  # type: ignore[union-attr]


def test_after_three_failed_tries_a_field_does_not_block_nor_come_back() -> None:
    talk = begun()
    talk.says("Ana", "provide", parent_name="Ana", students=[{**PEDRO, "age": None}])
    for text in ("sei lá", "não sei"):
        talk.says(text, "not_understood" if text == "sei lá" else "deny")
    talk.says("terça 15h", "book", time_preference=wish("instant", date="2026-11-24", start="15:00"))
    assert talk.says("sim", "affirm").acts == ["ConfirmBooking", "AskField"]
    assert not any(act == "AskField" for act in talk.says("não sei", "deny").acts)
    assert talk.state.stage == "booked"


def test_other_news_is_no_failed_answer() -> None:
    talk = begun()
    talk.says("Ana", "provide", parent_name="Ana")
    talk.says("ele tem 8 anos", "provide", students=[{"age": 8}])
    talk.says("do 3o ano", "provide", students=[{"grade": "ef3"}])
    assert talk.state.failed == {}


def test_a_question_back_is_no_failed_answer() -> None:
    talk = begun()
    talk.says("quanto custa?", "ask_price")
    talk.says("e onde fica?", "ask_address")
    assert talk.state.failed == {}


def test_the_word_about_data_comes_once_with_the_first_question_about_a_child() -> None:
    talk = begun()
    assert "GiveNotice" not in talk.says("quanto custa?", "ask_price").acts
    assert talk.says("Ana", "provide", parent_name="Ana").acts == ["Meet", "GiveNotice", "AskField"]
    for student in ({"name": "Pedro"}, {"age": 8}, {"grade": "ef3"}, {"subjects": ["ingles"]}):
        talk.says("...", "provide", students=[student])
    assert sum(isinstance(act, GiveNotice) for reply in talk.replies for act in reply.step.acts) == 1


def test_subjects_add_up_unless_they_replace() -> None:
    talk = begun()
    talk.says("matemática", "provide", students=[{"subjects": ["matematica"]}])
    talk.says("e inglês", "provide", students=[{"subjects": ["ingles"]}])
    assert talk.state.lead.students[0].subjects == ("matematica", "ingles")
    talk.says("só português", "provide", students=[{"subjects": ["portugues"]}])
    assert talk.state.lead.students[0].subjects == ("portugues",)


def test_the_lead_is_told_with_its_completeness_and_qualified_once() -> None:
    talk = begun()
    all_of_it = {
        "parent_name": "Ana",
        "email": "a@b.com",
        "students": [PEDRO],
        "time_preference": wish("period", period="morning"),
    }
    facts = talk.says("tudo de uma vez", "provide", **all_of_it).step.facts
    assert [type(fact).__name__ for fact in facts] == ["LeadUpdated", "LeadQualified"]
    assert facts[0].completeness == 8  # type: ignore[attr-defined]
    again = talk.says("9 anos", "correct", "provide", students=[{"age": 9}]).step.facts
    assert [type(fact).__name__ for fact in again] == ["LeadUpdated"]


def test_a_time_told_early_is_used_when_all_is_known() -> None:
    talk = begun()
    talk.says("de manhã seria melhor", "provide", time_preference=wish("period", period="morning"))
    reply = talk.says("Ana, Pedro...", "provide", parent_name="Ana", students=[PEDRO])
    assert reply.acts[-1] == "OfferSlots"
    assert all(each.start.hour < 12 for each in talk.state.offered)
