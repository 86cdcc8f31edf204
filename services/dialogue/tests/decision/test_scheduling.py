from typing import Any

import pytest
from contracts.calendar import BookingRejected, ReminderDue, VisitCancelled, VisitRescheduled
from dialogue_service.decision.acts import ConfirmSlot, OfferSlots
from dialogue_service.decision.state import Requested
from dialogue_service.testing_facts import CONTACT, reading, slot, wish
from dialogue_service.testing_talk import Reply, Talk
from dialogue_service.understanding.values import IntentName

PEDRO = {"name": "Pedro", "age": 8, "grade": "ef3", "subjects": ["matematica"]}


def known(**more: Any) -> Talk:
    talk = Talk(**more)
    talk.says("oi, sou a Ana...", "greeting", "provide", parent_name="Ana Souza", students=[PEDRO])
    return talk


def offered(**more: Any) -> Talk:
    talk = known(**more)
    talk.says("à tarde", "provide", time_preference=wish("period", period="afternoon"))
    return talk


def booked() -> Talk:
    talk = offered()
    choose(talk, 1)
    return talk


def choose(talk: Talk, number: int) -> Reply:
    return talk.says(str(number), "choose_slot", slot=talk.state.offered[number - 1].start)


def test_a_curt_parent_books_in_under_ten_messages() -> None:
    talk = Talk()
    talk.says(
        "oi, quanto custa mat e port?", "greeting", "ask_price", students=[{"subjects": ["matematica", "portugues"]}]
    )
    for given in (
        {"parent_name": "Ana"},
        {"students": [{"name": "Pedro"}]},
        {"students": [{"age": 8}]},
        {"students": [{"grade": "ef3"}]},
        {"time_preference": wish("period", period="afternoon")},
    ):
        talk.says("...", "provide", **given)
    assert choose(talk, 1).acts == ["ConfirmBooking"]
    assert talk.turns < 10
    assert talk.state.stage == "booked"
    assert talk.state.lead.completeness == 7


def test_who_insists_on_a_question_while_taking_a_time_has_the_visit() -> None:
    talk, question = known(), "vocês têm van escolar?"
    talk.says(question, "not_understood")
    talk.says("à tarde", "provide", time_preference=wish("period", period="afternoon"))
    reply = talk.says(f"o 1. {question}", "choose_slot", slot=talk.state.offered[0].start)
    assert reply.acts == ["AdmitGap", "ConfirmBooking"]
    assert "(51) 99692-1999" in reply.text
    assert talk.says("mas tem van escolar ou não tem?", "not_understood").step.handoff == "beyond_knowledge"


def test_at_most_three_slots_are_offered_in_the_asked_period_on_several_days() -> None:
    talk = offered()
    assert 1 <= len(talk.state.offered) <= 3
    assert all(12 <= each.start.hour < 18 for each in talk.state.offered)
    assert len({each.start.date() for each in talk.state.offered}) >= 2
    assert talk.state.stage == "scheduling"


def test_the_email_is_asked_for_once_before_booking() -> None:
    talk = offered()
    assert "e-mail" in talk.replies[-1].text
    talk.says("nenhum desses", "reject_slots")
    assert "e-mail" not in talk.replies[-1].text
    assert "e-mail" not in choose(talk, 1).text


def test_a_known_email_is_not_asked_for() -> None:
    talk = known()
    talk.says("a@b.com", "provide", email="a@b.com")
    talk.says("à tarde", "provide", time_preference=wish("period", period="afternoon"))
    assert "e-mail" not in talk.replies[-1].text


def test_an_email_in_answer_to_an_offer_is_noted_and_the_choice_asked_for() -> None:
    talk = offered()
    reply = talk.says("ana@b.com", "provide", email="ana@b.com")
    assert talk.state.lead.email == "ana@b.com"
    assert reply.acts == ["Noted", "AskWhichSlot"]


def test_exactly_one_offered_slot_is_booked_without_reading_it_back() -> None:
    talk = offered()
    chosen = talk.state.offered[1]
    reply = choose(talk, 2)
    assert reply.acts == ["ConfirmBooking"]
    assert talk.state.visit
    assert talk.state.visit.slot == chosen
    assert talk.state.offered == ()


def test_any_slot_is_read_back_first() -> None:
    talk = offered()
    reply = talk.says("qualquer um", "choose_slot", slot="any")
    assert reply.acts == ["ConfirmSlot"]
    assert talk.says("sim", "affirm").acts == ["ConfirmBooking"]


def test_a_choice_that_was_hard_to_hear_is_read_back() -> None:
    talk = offered()
    understood = reading("o primeiro", "choose_slot", slot=talk.state.offered[0].start)
    assert talk.sends(understood, ("audio", "o primeiro"), heard=0.5).acts[-1] == "ConfirmSlot"


def test_a_choice_that_was_heard_well_is_booked() -> None:
    talk = offered()
    understood = reading("o primeiro", "choose_slot", slot=talk.state.offered[0].start)
    assert "ConfirmBooking" in talk.sends(understood, ("audio", "o primeiro"), heard=0.95).acts


def test_a_choice_that_fits_several_is_asked_back() -> None:
    talk = offered()
    first, _, third = talk.state.offered
    reply = talk.says("o das 14h", "choose_slot", slot="ambiguous", slot_candidates=(first.start, third.start))
    assert reply.acts == ["AskWhichSlot"]
    assert "1) " in reply.text
    assert "3) " in reply.text
    assert "2) " not in reply.text


@pytest.mark.parametrize("nth,act", [(0, "ConfirmBooking"), (1, "ConfirmSlot"), (2, "ConfirmBooking")])
def test_of_those_shown_again_one_is_booked_and_one_passed_over_is_read_back(nth: int, act: str) -> None:
    talk = offered()
    slots = talk.state.offered
    talk.says("o das 14h", "choose_slot", slot="ambiguous", slot_candidates=(slots[0].start, slots[2].start))
    assert act in choose(talk, nth + 1).acts


def test_a_free_hour_is_read_back_with_the_day_in_words_before_booking() -> None:
    talk = known()
    reply = talk.says("terça às 15h", "book", time_preference=wish("instant", date="2026-11-24", start="15:00"))
    assert reply.acts == ["ConfirmSlot"]
    assert "terça-feira, 24 de novembro, às 15h" in reply.text
    assert reply.text.endswith("?")
    assert "BookingRequested" not in [type(fact).__name__ for fact in reply.step.facts]
    assert talk.says("isso", "affirm").acts == ["ConfirmBooking"]


def test_a_no_to_what_was_read_back_brings_others() -> None:
    talk = known()
    talk.says("terça às 15h", "book", time_preference=wish("instant", date="2026-11-24", start="15:00"))
    reply = talk.says("não", "deny")
    assert reply.acts == ["OfferSlots"]
    assert slot("2026-11-24 15:00") not in talk.state.offered


def test_none_of_these_brings_others_and_never_the_refused() -> None:
    talk = offered()
    seen = {each.start for each in talk.state.offered}
    for _ in range(3):
        talk.says("nenhum desses", "reject_slots")
        now = {each.start for each in talk.state.offered}
        assert now
        assert not now & seen
        seen |= now


def test_earlier_means_earlier_on_the_same_days() -> None:
    talk = offered()
    days, earliest = (
        {each.start.date() for each in talk.state.offered},
        min(each.start.time() for each in talk.state.offered),
    )
    talk.says("mais cedo", "reject_slots", shift="earlier")
    assert {each.start.date() for each in talk.state.offered} <= days
    assert all(each.start.time() < earliest for each in talk.state.offered)


@pytest.mark.parametrize(
    "preference,why",
    [
        (wish("window", date="2026-11-28"), "No sábado, 28/11"),
        (wish("weekdays", weekdays=["sat"]), "de segunda a sexta-feira"),
        (wish("window", start="18:00", end="18:30"), "das 9h às 12h e das 14h às 17h"),
        (wish("instant", date="2026-11-24", start="12:30"), "das 9h às 12h e das 14h às 17h"),
        (wish("window", date="2026-12-04"), "reforma"),
        (wish("window", date="2026-12-18"), "agenda"),
        (wish("window", date="2026-11-20"), "já passou"),
    ],
)
def test_a_closed_time_is_told_and_the_nearest_offered(preference: Any, why: str) -> None:
    reply = known().says("pode ser?", "book", time_preference=preference)
    assert reply.acts == ["OfferSlots"]
    assert why in reply.text
    assert "1) " in reply.text
    assert reply.text.count("?") == 1


def test_a_question_about_a_day_is_answered_with_slots_and_no_gap() -> None:
    talk = known()
    reply = talk.says("vocês têm sábado, pode ser?", "provide", time_preference=wish("weekdays", weekdays=["sat"]))
    assert reply.acts == ["OfferSlots"]


def test_a_taken_hour_brings_the_nearest() -> None:
    talk = known(taken=[slot("2026-11-24 15:00").start])
    reply = talk.says("terça 15h", "book", time_preference=wish("instant", date="2026-11-24", start="15:00"))
    (act,) = reply.step.acts
    assert isinstance(act, OfferSlots)
    assert act.why == "full"


def test_several_readings_are_asked_back_and_the_answer_picks_one() -> None:
    talk = known()
    readings = [{"kind": "instant", "date": "2026-11-24", "start": hour} for hour in ("07:00", "19:00")]
    readings += [{"kind": "instant", "date": "2026-11-24", "start": "15:00"}]
    reply = talk.says("terça às 7", "book", time_preference=wish("ambiguous", readings=readings))
    assert reply.acts == ["ClarifyTime"]
    assert "às 7h*" in reply.text
    answered = talk.says("da tarde", "provide", time_preference=wish("period", period="afternoon"))
    (act,) = answered.step.acts
    assert isinstance(act, ConfirmSlot)
    assert act.slot == slot("2026-11-24 15:00")


def test_a_date_that_does_not_exist_is_asked_again() -> None:
    assert known().says("dia 31/11", "book", time_preference=wish("ambiguous")).acts == ["ClarifyTime"]


def test_a_yes_to_the_invitation_brings_slots_and_a_no_is_taken() -> None:
    yes, no = known(), known()
    assert yes.says("sim", "affirm").acts == ["OfferSlots"]
    assert no.says("não, obrigada", "deny", "thanks").acts == ["AcceptRefusal"]
    assert no.says("quanto custa?", "ask_price").acts == ["GivePrices"]
    assert no.state.stage == "discovery"


def test_a_no_beside_a_question_is_no_refusal() -> None:
    reply = known().says("não, antes quero saber onde fica", "deny", "ask_address")
    assert "AcceptRefusal" not in reply.acts
    assert reply.acts[0] == "GiveAddress"


def test_a_question_during_an_offer_is_answered_and_the_offer_stands() -> None:
    talk = offered()
    offer = talk.state.offered
    reply = talk.says("quanto custa?", "ask_price")
    assert reply.acts == ["GivePrices", "AskWhichSlot"]
    assert talk.state.offered == offer
    assert choose(talk, 1).acts == ["ConfirmBooking"]


def test_a_slot_that_somebody_else_took_brings_the_next_best() -> None:
    talk = offered()
    talk.taken.append(talk.state.offered[0].start)
    reply = choose(talk, 1)
    assert reply.acts == ["OfferSlots"]
    assert talk.state.visit is None
    assert talk.state.requested is None
    assert talk.taken[0] not in {each.start for each in talk.state.offered}


def test_no_free_slot_and_no_calendar_are_handed_over() -> None:
    assert known(calendar="full").says("quero marcar", "book").step.handoff == "no_slots"
    assert known(calendar="away").says("quero marcar", "book").step.handoff == "failure"


def test_a_rejection_without_alternatives_is_handed_over() -> None:
    talk = offered(calendar="silent")
    first = talk.state.offered[0]
    choose(talk, 1)
    step = talk.hears(BookingRejected(slot=first, reason="taken", contact=CONTACT)).step
    assert (step.handoff, step.outcome, talk.state.owner) == ("no_slots", "handed_over", "unit")


def test_while_the_calendar_is_asked_a_parent_hears_so() -> None:
    talk = offered(calendar="silent")
    waiting = choose(talk, 1)
    assert waiting.step.outcome == "waiting"
    assert waiting.step.requested == "booking"
    assert talk.says("e aí?", "not_understood").acts == ["SayCalendarIsSlow"]


def test_thanks_after_booking_get_one_short_goodbye_then_silence() -> None:
    talk = booked()
    first = talk.says("obg", "thanks")
    assert first.acts == ["Welcome"]
    assert len(first.text) < 100
    for text, intent in (("👍", "affirm"), ("🙏", "thanks"), ("tchau", "goodbye")):
        reply = talk.says(text, intent)  # type: ignore[arg-type]
        assert (reply.step.outcome, reply.text) == ("ignored", "")
    assert talk.state.stage == "booked"


def test_nothing_is_sold_after_booking() -> None:
    talk = booked()
    assert talk.says("quanto custa?", "ask_price").acts == ["GivePrices"]


@pytest.mark.parametrize("intent,word", [("thanks", "Por nada"), ("affirm", "Combinado"), ("goodbye", "Até logo")])
def test_a_goodbye_answers_what_was_said(intent: IntentName, word: str) -> None:
    assert booked().says("...", intent).text.startswith(f"{word}, Ana!")


def test_what_is_told_after_booking_is_noted() -> None:
    talk = booked()
    reply = talk.says("a Lia também vem", "provide", students=[{"name": "Lia"}])
    assert reply.acts == ["Noted"]
    assert "*Lia*" in reply.text


def test_who_wants_a_second_visit_hears_of_the_first() -> None:
    talk = booked()
    assert talk.says("quero agendar", "book").acts == ["SayAlreadyBooked"]
    assert talk.says("não", "deny").acts == ["KeepVisit"]


def test_a_visit_is_moved_by_chat() -> None:
    talk = booked()
    assert talk.state.visit
    before = talk.state.visit
    assert talk.says("preciso remarcar", "reschedule_visit").acts == ["OfferSlots"]
    assert talk.state.stage == "scheduling"
    assert choose(talk, 2).acts == ["ConfirmReschedule"]
    assert talk.state.visit
    assert (talk.state.visit.id, talk.state.visit.version) == (before.id, 2)
    assert talk.state.stage == "booked"


def test_a_question_while_moving_a_visit_keeps_the_offer() -> None:
    talk = booked()
    talk.says("preciso remarcar", "reschedule_visit")
    assert talk.says("onde fica?", "ask_address").acts == ["GiveAddress", "AskWhichSlot"]
    assert choose(talk, 1).acts == ["ConfirmReschedule"]


def test_a_visit_is_cancelled_by_chat_and_nothing_is_sold_then() -> None:
    talk = booked()
    assert talk.says("não vou poder ir, cancela", "cancel_visit").acts == ["ConfirmCancellation"]
    assert talk.state.visit is None
    assert talk.says("onde fica?", "ask_address").acts == ["GiveAddress"]


@pytest.mark.parametrize("intent", ["cancel_visit", "reschedule_visit"])
def test_without_a_visit_there_is_none_to_change(intent: IntentName) -> None:
    assert known().says("...", intent).acts[0] == "SayNoVisit"


def test_a_reminder_is_confirmed_once() -> None:
    talk = booked().waits(hours=1)
    assert talk.is_reminded().acts == ["Remind"]
    assert talk.says("1", "affirm").acts == ["ThankForConfirming"]
    assert talk.state.visit
    assert talk.state.visit.confirmed
    assert talk.says("obg", "thanks").text == ""


def test_an_unclear_answer_to_a_reminder_is_asked_back() -> None:
    talk = booked().waits(hours=1)
    talk.is_reminded()
    assert talk.says("hmm", "provide").acts == ["SayNotUnderstood"]
    assert talk.says("1", "affirm").acts == ["ThankForConfirming"]


@pytest.mark.parametrize("intent", ["reschedule_visit", "deny"])
def test_the_other_answer_to_a_reminder_moves_the_visit_without_another_greeting(intent: IntentName) -> None:
    talk = Talk()
    talk.says("oi, sou a Ana", "greeting", "provide", parent_name="Ana", students=[PEDRO])
    talk.says("quinta 15h", "book", time_preference=wish("instant", date="2026-11-26", start="15:00"))
    talk.says("sim", "affirm")
    talk.now = slot("2026-11-26 13:00").start
    talk.is_reminded()
    assert talk.waits(minutes=20).says("2", intent).acts == ["OfferSlots"]


def test_a_reminder_of_what_no_longer_stands_is_not_sent() -> None:
    talk = booked()
    assert talk.state.visit
    talk.state = talk.state.but(visit=talk.state.visit.model_copy(update={"version": 0}))
    talk.replies.clear()
    step = talk.hears(_reminder(talk)).step
    assert (step.outcome, step.reason) == ("ignored", "stale_reminder")


def _reminder(talk: Talk) -> Any:
    assert talk.state.visit
    return ReminderDue(visit=talk.visit(talk.state.visit.slot, talk.state.visit.id, 1))


def test_a_move_and_a_cancellation_by_the_unit_are_told() -> None:
    talk = booked()
    assert talk.state.visit
    visit, previous = talk.state.visit, talk.state.visit.slot
    moved = talk.hears(
        VisitRescheduled(visit=talk.visit(slot("2026-11-27 10:00"), visit.id, 2), previous=previous, by="unit")
    )
    assert "sexta-feira, 27 de novembro, às 10h" in moved.text
    cancelled = talk.hears(
        VisitCancelled(visit=talk.visit(slot("2026-11-27 10:00"), visit.id, 3, "cancelled"), by="unit")
    )
    assert "cancel" in cancelled.text
    assert talk.state.visit is None


def test_what_the_calendar_says_is_kept_in_silence_while_the_unit_serves() -> None:
    talk = booked()
    assert talk.state.visit
    visit = talk.state.visit
    talk.state = talk.state.but(owner="unit", stage="handed_over")
    reply = talk.hears(VisitCancelled(visit=talk.visit(visit.slot, visit.id, 2, "cancelled"), by="unit"))
    assert (reply.text, reply.step.outcome, talk.state.stage, talk.state.visit) == ("", "ignored", "handed_over", None)


def test_a_second_booking_is_refused_with_the_first() -> None:
    talk = offered(calendar="silent")
    first = talk.state.offered[0]
    choose(talk, 1)
    reply = talk.hears(
        BookingRejected(slot=first, reason="already_booked", contact=CONTACT, existing=talk.visit(first))
    )
    assert reply.acts == ["SayAlreadyBooked"]
    assert talk.state.visit


def test_a_choice_outlives_the_session_in_which_it_was_offered() -> None:
    talk = offered()
    later = talk.state.offered[2]
    reply = talk.waits(hours=3).says("3", "choose_slot", slot=later.start)
    assert "ConfirmBooking" in reply.acts


def test_a_request_waits_for_its_answer_before_another_is_made() -> None:
    talk = offered()
    asked = Requested(what="booking", slot=slot("2026-11-24 14:00"), asked_at=talk.now)
    talk.state = talk.state.but(requested=asked)
    reply = talk.says("1", "choose_slot", slot=talk.state.offered[0].start)
    assert not any(type(fact).__name__ == "BookingRequested" for fact in reply.step.facts)


def test_a_yes_to_several_readings_offers_exactly_these() -> None:
    talk = known()
    both = (
        wish("instant", date="2026-11-27", start="15:00"),
        wish("instant", date="2026-12-03", start="15:00"),
    )
    asked = talk.says("sexta que vem 15h", "provide", time_preference=wish("ambiguous", readings=both))
    assert asked.acts == ["ClarifyTime"]
    reply = talk.says("isso", "affirm")
    assert reply.acts == ["OfferSlots"]
    assert talk.state.offered == (slot("2026-11-27 15:00"), slot("2026-12-03 15:00"))


def test_an_hour_alone_while_a_slot_is_read_back_is_an_hour_of_that_day() -> None:
    talk = known()
    talk.says("quinta às 14h", "book", "provide", time_preference=wish("instant", date="2026-11-26", start="14:00"))
    reply = talk.says("melhor 15h", "provide", time_preference=wish("instant", start="15:00"))
    assert reply.acts == ["ConfirmSlot"]
    assert talk.state.pending == slot("2026-11-26 15:00")


def test_a_time_named_after_the_booking_is_asked_about_and_a_yes_moves_the_visit_there() -> None:
    talk = known()
    talk.says("quinta às 14h", "book", "provide", time_preference=wish("instant", date="2026-11-26", start="14:00"))
    talk.says("sim", "affirm")
    asked = talk.says("15h", "provide", time_preference=wish("instant", start="15:00"))
    assert asked.acts == ["SayAlreadyBooked"]
    talk.says("sim", "affirm")
    assert talk.state.pending == slot("2026-11-26 15:00")
    talk.says("sim", "affirm")
    assert talk.state.visit
    assert talk.state.visit.slot == slot("2026-11-26 15:00")


def test_who_puts_it_off_while_choosing_is_offered_nothing_more() -> None:
    talk = offered()
    reply = talk.says("então deixa", "deny")
    assert reply.acts == ["AcceptRefusal"]
    assert talk.state.offered == ()


def test_another_day_while_choosing_is_no_change_of_a_visit() -> None:
    talk = offered()
    monday = wish("weekdays", weekdays=["mon"])
    reply = talk.says("muda pra segunda", "reschedule_visit", "provide", time_preference=monday)
    assert reply.acts == ["OfferSlots"]
