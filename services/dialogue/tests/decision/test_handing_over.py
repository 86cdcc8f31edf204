from datetime import timedelta

import pytest
from dialogue_service.decision.session import business_time, given_back, has_lapsed, may_have_lapsed, taken_over
from dialogue_service.decision.state import BookedVisit, Hours
from dialogue_service.testing_facts import CLOSED, MONDAY, opening, slot
from dialogue_service.testing_talk import Talk
from dialogue_service.understanding.values import IntentName

HOURS = Hours(opening=opening(MONDAY), closed_days=CLOSED, timezone="America/Sao_Paulo")


@pytest.mark.parametrize(
    "intent,reason",
    [
        ("request_person", "person_request"),
        ("complain", "complaint"),
        ("insult", "abuse"),
        ("class_admin", "class_admin"),
    ],
)
def test_a_handover_apologises_gives_the_number_and_is_silent_then(intent: IntentName, reason: str) -> None:
    talk = Talk()
    reply = talk.says("...", intent)
    assert (reply.step.outcome, reply.step.handoff, talk.state.owner, talk.state.stage) == (
        "handed_over",
        reason,
        "unit",
        "handed_over",
    )
    assert reply.acts == ["HandOver"]
    assert "(51) 99692-1999" in reply.text
    assert "esculp" in reply.text
    assert "?" not in reply.text
    assert "abr" not in reply.text
    after = talk.says("quanto custa?", "ask_price")
    assert (after.text, after.step.outcome, after.step.reason) == ("", "ignored", "served_by_unit")


@pytest.mark.parametrize(
    "days,hour,opens",
    [
        (0, 21, "terça-feira, 24 de novembro, às 9h"),
        (0, 12, "segunda-feira, 23 de novembro, às 14h"),
        (5, 10, "segunda-feira, 30 de novembro, às 9h"),
    ],
)
def test_out_of_hours_a_handover_says_when_the_unit_opens(days: int, hour: int, opens: str) -> None:
    talk = Talk(now=MONDAY.replace(hour=hour) + timedelta(days=days))
    assert opens in talk.says("quero falar com alguém", "request_person").text


def test_three_failures_to_understand_in_a_row_are_handed_over() -> None:
    talk = Talk()
    replies = [talk.says(text, "not_understood") for text in ("xyz", "qwe", "asd")]
    assert [reply.step.handoff for reply in replies] == [None, None, "not_understood"]


def test_an_understood_message_between_begins_the_count_anew() -> None:
    talk = Talk()
    for text, intent in (
        ("xyz", "not_understood"),
        ("qwe", "not_understood"),
        ("onde fica?", "ask_address"),
        ("asd", "not_understood"),
    ):
        assert talk.says(text, intent).step.handoff is None  # type: ignore[arg-type]


def test_the_same_question_four_times_is_handed_over() -> None:
    talk = Talk()
    handoffs = [talk.says("onde fica?", "ask_address").step.handoff for _ in range(4)]
    assert handoffs == [None, None, None, "repeated_question"]


def test_the_price_of_other_subjects_is_another_question() -> None:
    talk = Talk()
    for subject in ("matematica", "portugues", "ingles", "matematica"):
        assert talk.says("quanto custa?", "ask_price", students=[{"subjects": [subject]}]).step.handoff is None


def test_what_a_parent_tells_while_the_unit_serves_is_kept() -> None:
    talk = Talk(state=Talk().state.but(owner="unit", stage="handed_over"))
    reply = talk.says("o Pedro tem 8 anos", "provide", students=[{"name": "Pedro", "age": 8}])
    assert reply.text == ""
    assert talk.state.lead.students[0].age == 8
    assert [type(fact).__name__ for fact in reply.step.facts] == ["LeadUpdated"]


@pytest.mark.parametrize("intent,fact", [("erase_request", "ErasureRequested"), ("opt_out", "OptedOut")])
def test_the_law_is_followed_in_silence_while_the_unit_serves(intent: IntentName, fact: str) -> None:
    talk = Talk(state=Talk().state.but(owner="unit", stage="handed_over"))
    reply = talk.says("...", intent)
    assert reply.text == ""
    assert [type(each).__name__ for each in reply.step.facts] == [fact]
    assert talk.state.owner == "unit"


def test_the_assistant_speaks_again_after_twelve_business_hours() -> None:
    talk = Talk()
    talk.says("quero falar com uma pessoa", "request_person")
    assert talk.waits(days=1).says("oi", "greeting").text == ""
    assert talk.waits(days=1).says("oi", "greeting").text != ""
    assert talk.state.owner == "assistant"


@pytest.mark.parametrize(
    "start,end,hours",
    [
        ("2026-11-23 09:00", "2026-11-23 17:00", 6),
        ("2026-11-23 10:00", "2026-11-23 11:30", 1.5),
        ("2026-11-23 12:00", "2026-11-23 14:00", 0),
        ("2026-11-27 16:00", "2026-11-30 10:00", 2),
        ("2026-12-03 16:00", "2026-12-07 10:00", 2),
        ("2026-11-24 09:00", "2026-11-23 09:00", 0),
    ],
)
def test_business_hours_leave_out_nights_lunch_weekends_and_closed_days(start: str, end: str, hours: float) -> None:
    assert business_time(slot(start).start, slot(end).start, HOURS) == timedelta(hours=hours)


def test_a_message_of_the_staff_begins_the_twelve_hours_anew() -> None:
    first, second = slot("2026-11-23 09:00").start, slot("2026-11-24 16:00").start
    state = taken_over(Talk().state, first)
    assert has_lapsed(state, HOURS, slot("2026-11-25 09:00").start)
    assert not may_have_lapsed(state, slot("2026-11-23 16:00").start)
    assert not has_lapsed(taken_over(state, second), HOURS, slot("2026-11-25 09:00").start)
    assert taken_over(taken_over(state, second), first).last_staff_at == second


def test_a_conversation_given_back_begins_with_a_clean_count() -> None:
    talk = Talk()
    for text in ("xyz", "qwe", "asd"):
        talk.says(text, "not_understood")
    state = given_back(talk.state)
    assert (state.owner, state.stage, state.counters.not_understood) == ("assistant", "discovery", 0)
    assert given_back(state) == state
    visit = BookedVisit(id=talk.visit(slot("2026-11-24 14:00")).id, slot=slot("2026-11-24 14:00"))
    assert given_back(talk.state.but(visit=visit)).stage == "booked"


def test_somebody_who_wants_no_messages_gets_one_word_and_then_none() -> None:
    talk = Talk()
    assert talk.says("parem de mandar mensagem", "opt_out").acts == ["ConfirmOptOut"]
    assert [type(fact).__name__ for fact in talk.replies[-1].step.facts] == ["OptedOut"]
    for text, intent in (("ok", "affirm"), ("obg", "thanks"), ("sair", "opt_out"), ("sai daqui", "insult")):
        assert talk.says(text, intent).text == ""  # type: ignore[arg-type]
    assert talk.state.stage == "closed"


def test_who_writes_again_on_their_own_account_is_answered() -> None:
    talk = Talk()
    talk.says("sair", "opt_out")
    assert "GivePrices" in talk.says("quanto custa?", "ask_price").acts
    assert not talk.state.opted_out
    assert talk.state.stage == "discovery"


def test_what_is_known_is_reported_and_erased_on_request() -> None:
    talk = Talk()
    talk.says("sou a Ana", "provide", parent_name="Ana Souza")
    assert "Ana Souza" in talk.says("quais dados vocês têm?", "data_request").text
    reply = talk.says("apaga meus dados", "erase_request")
    assert reply.acts == ["ConfirmErasure"]
    (fact,) = reply.step.facts
    assert fact.phone == "+5551987650001"  # type: ignore[attr-defined]


def test_a_goodbye_closes_and_a_question_opens_again() -> None:
    talk = Talk()
    talk.says("oi", "greeting")
    assert talk.says("tchau", "goodbye").acts == ["Welcome"]
    assert talk.state.stage == "closed"
    assert talk.says("tchau", "goodbye").step.outcome == "ignored"
    assert talk.state.stage == "closed"
    talk.says("ah, onde fica?", "ask_address")
    assert talk.state.stage == "discovery"
