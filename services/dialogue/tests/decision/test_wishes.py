from datetime import date
from typing import Any

import pytest
from contracts.calendar import SlotWish
from dialogue_service.decision.decide import assess_for, questions_for_calendar
from dialogue_service.decision.taking_in import take_in
from dialogue_service.decision.turn import SlotSearch, Turn
from dialogue_service.decision.wishes import merged, resolved, shifted, why_not, wishes_for
from dialogue_service.testing_facts import CLOSED, MONDAY, UNIT, ZONE, opening, reading, slot, wish
from dialogue_service.testing_talk import SILENCE, Talk

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "preference,wanted",
    [
        (None, {}),
        (wish("instant", date="2026-11-24", start="15:00"), {"exact": slot("2026-11-24 15:00").start}),
        (wish("window", date="2026-11-24", start="15:00"), {"days": (TUESDAY,), "start": "15:00"}),
        (wish("instant", start="15:00"), {"start": "15:00", "end": "15:00"}),
        (wish("period", period="afternoon"), {"start": "12:00", "end": "17:59"}),
        (wish("period", period="afternoon", start="15:00"), {"start": "15:00", "end": "17:59"}),
        (wish("window", exclude_period="morning"), {"start": "12:00"}),
        (wish("window", exclude_period="afternoon"), {"end": "11:59"}),
        (wish("weekdays", weekdays=["tue", "thu"]), {"weekdays": (1, 3)}),
        (wish("window", exclude_weekdays=["mon"]), {"exclude_weekdays": (0,)}),
        (
            wish("window", earliest="2026-11-24", latest="2026-11-27"),
            {"earliest": TUESDAY, "latest": date(2026, 11, 27)},
        ),
    ],
)
def test_a_wish_is_what_the_calendar_is_asked_for(preference: Any, wanted: dict[str, Any]) -> None:
    assert wishes_for(preference, ZONE) == (SlotWish(**wanted),)


def test_alternatives_are_asked_for_one_by_one() -> None:
    either = wish(
        "window", options=[{"kind": "period", "period": "morning"}, {"kind": "weekdays", "weekdays": ["fri"]}]
    )
    search = SlotSearch(wishes=wishes_for(either, ZONE))
    questions = questions_for_calendar(search, "cnv_0", MONDAY)
    assert [question.wish.weekdays for question in questions] == [(), (4,)]
    assert {question.conversation for question in questions} == {"cnv_0"}


def test_the_best_of_each_alternative_come_first_and_are_told_in_order() -> None:
    early, late, other = slot("2026-11-24 09:00"), slot("2026-11-27 09:00"), slot("2026-11-25 09:00")
    assert merged([(late, other), (early, late)], 2) == (early, late)
    assert merged([], 3) == ()


def test_later_means_later_on_the_same_days() -> None:
    (wanted,) = shifted((slot("2026-11-24 09:00"), slot("2026-11-25 14:00")), "later", ZONE)
    assert (wanted.days, wanted.start) == ((TUESDAY, date(2026, 11, 25)), "14:01")


@pytest.mark.parametrize(
    "told,picked",
    [
        (wish("window", date="2026-12-01"), wish("window", date="2026-12-01")),
        (wish("weekdays", weekdays=["tue"]), wish("weekdays", weekdays=["tue"])),
        (wish("window", start="09:00"), wish("window", start="09:00")),
        (wish("none"), None),
        (wish("ambiguous"), None),
        (None, None),
    ],
)
def test_an_answer_that_picks_no_reading_stands_for_itself(told: Any, picked: Any) -> None:
    readings = ({"kind": "window", "date": "2026-11-24"}, {"kind": "window", "date": "2026-12-01"})
    assert resolved(told, readings) == picked


@pytest.mark.parametrize(
    "wanted,why",
    [
        (SlotWish(days=(date(2026, 11, 22),)), "past"),
        (SlotWish(exact=slot("2026-11-23 09:00").start), "past"),
        (SlotWish(days=(date(2026, 12, 25),)), "too_far"),
        (SlotWish(earliest=date(2026, 12, 20)), "too_far"),
        (SlotWish(days=(CLOSED[0].day,)), "holiday"),
        (SlotWish(days=(date(2026, 11, 28),)), "closed_weekday"),
        (SlotWish(weekdays=(5, 6)), "closed_weekday"),
        (SlotWish(start="18:00"), "closed_hour"),
        (SlotWish(start="12:00", end="13:30"), "closed_hour"),
        (SlotWish(exact=slot("2026-11-24 12:30").start), "closed_hour"),
        (SlotWish(exact=slot("2026-11-23 11:00").start), "too_soon"),
        (SlotWish(days=(TUESDAY,)), "full"),
    ],
)
def test_why_nothing_fits_is_told(wanted: SlotWish, why: str) -> None:
    assert why_not((wanted,), opening(MONDAY), CLOSED, UNIT, MONDAY)[0] == why


def test_a_wish_whose_days_are_over_is_forgotten() -> None:
    talk = Talk()
    talk.says("terça à tarde", "book", time_preference=wish("window", date="2026-11-24", start="14:00"))
    talk.waits(days=3).says("oi, quero marcar", "greeting", "book")
    assert len({each.start.date() for each in talk.state.offered}) > 1


def test_rules_are_asked_with_topics_counts_and_students() -> None:
    english = [{"name": "Pedro", "subjects": ["ingles"]}]
    understood = reading("faz desconto?", "ask_price", "negotiate", students=english)
    taken = take_in(Talk().state, Turn(messages=(), understanding=understood), MONDAY, SILENCE)
    asked = assess_for(taken, MONDAY)
    assert asked.topics == ("ask_price",)
    assert asked.students[0].subjects == ("ingles",)
    assert asked.counters["negotiation"] == 1
    assert asked.question is None
