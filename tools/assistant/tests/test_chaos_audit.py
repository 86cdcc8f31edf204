"""The audit of a storm finds what is planted, and nothing in a clean run: a proof that cannot fail proves nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from assistant.chaos.audit import audit
from assistant.chaos.evidence import Closed, Draft, Evidence, Seen, Settled, Visit

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PHONE, OTHER = "+5551900000001", "+5551900000002"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def clean() -> Evidence:
    """A parent asks two things, one after the other, and a visit was booked."""
    price, address = UUID(int=1), UUID(int=2)
    return Evidence(
        written=(
            Seen("in1", PHONE, "quanto custa matemática?", at(0), 0),
            Seen("in2", PHONE, "qual o endereço de vocês?", at(10), 3),
        ),
        shown=(
            Seen("out1", PHONE, "A mensalidade é de *R$ 375,00*.", at(2), 1),
            Seen("out2", PHONE, "Seu nome é *Ana*?", at(3), 2),
            Seen("out3", PHONE, "Fica na *Rua Amoreira, 571*.", at(12), 4),
        ),
        arrived={"in1": at(0), "in2": at(10)},
        closed=(Closed(UUID(int=11), ("in1",), "replied"), Closed(UUID(int=12), ("in2",), "replied")),
        drafts=(
            Draft(price, PHONE, 2, "answer", ("in1",), at(1)),
            Draft(address, PHONE, 1, "answer", ("in2",), at(11)),
        ),
        settled=(Settled(price, {0: "out1", 1: "out2"}), Settled(address, {0: "out3"})),
        visits=(Visit(PHONE, at(9000), at(10800)),),
        booked=frozenset({PHONE}),
    )


def kinds(evidence: Evidence) -> set[str]:
    return {finding.kind for finding in audit(evidence)}


def test_a_clean_run_has_no_findings() -> None:
    assert audit(clean()) == ()


def test_what_is_asked_once_the_unit_has_it_is_for_the_unit_to_answer_and_nothing_before() -> None:
    handed_over = replace(clean().closed[1], outcome="handed_over")
    silent = replace(clean(), shown=clean().shown[:2], drafts=clean().drafts[:1], settled=clean().settled[:1])
    assert kinds(silent) == {"unanswered"}
    assert kinds(replace(silent, closed=(clean().closed[0], handed_over))) == set()
    assert kinds(replace(silent, closed=(handed_over, handed_over), shown=())) >= {"unanswered"}


def without_last(name: str) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, **{name: getattr(evidence, name)[:-1]})


def with_more(name: str, *more: Any) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, **{name: getattr(evidence, name) + more})


def swapped(evidence: Evidence) -> Evidence:
    first, second, third = evidence.shown
    return replace(evidence, shown=(replace(first, nth=4), second, replace(third, nth=1)))


@pytest.mark.parametrize(
    "spoil,kind",
    [
        pytest.param(without_last("closed"), "without_end", id="a message that no turn ended"),
        pytest.param(without_last("shown"), "unanswered", id="a question whose answer is on no phone"),
        pytest.param(without_last("shown"), "lost", id="a bubble that was said to be sent"),
        pytest.param(without_last("settled"), "lost", id="a reply that was never settled"),
        pytest.param(without_last("visits"), "lost", id="a visit that was confirmed and does not stand"),
        pytest.param(
            with_more("shown", Seen("out4", PHONE, "Fica na *Rua Amoreira, 571*.", at(13), 5)),
            "twice",
            id="a bubble that nobody has on their books",
        ),
        pytest.param(
            with_more("closed", Closed(UUID(int=13), ("in2",), "replied")), "twice", id="a message that ended twice"
        ),
        pytest.param(
            with_more("drafts", Draft(UUID(int=3), PHONE, 1, "answer", ("in2",), at(11))),
            "twice",
            id="a message with two replies",
        ),
        pytest.param(swapped, "order", id="a reply that overtook the one before it"),
        pytest.param(
            with_more("visits", Visit(OTHER, at(9600), at(11400))), "double_booking", id="two visits at one time"
        ),
        pytest.param(
            with_more("visits", Visit(PHONE, at(90000), at(91800))), "double_booking", id="a person with two visits"
        ),
        pytest.param(
            lambda evidence: replace(evidence, taken_at={PHONE: at(11.6)}),
            "after_take_over",
            id="a bubble 0.4 s after a take-over",
        ),
        pytest.param(
            lambda evidence: replace(evidence, taken_at={PHONE: at(11.6)}, begun={"out3": at(11.7)}),
            "after_take_over",
            id="a bubble that was begun after a take-over",
        ),
    ],
)
def test_what_is_planted_is_found(spoil: Callable[[Evidence], Evidence], kind: str) -> None:
    assert kind in kinds(spoil(clean()))


def test_a_bubble_that_was_on_its_way_when_staff_took_over_is_no_finding() -> None:
    assert audit(replace(clean(), taken_at={PHONE: at(11.8)})) == ()
    assert audit(replace(clean(), taken_at={PHONE: at(5)}, begun={"out3": at(5)})) == ()


def test_a_bubble_that_was_sent_again_is_told_from_one_that_nobody_knows() -> None:
    again = Seen("out4", PHONE, "Fica na *Rua Amoreira, 571*.", at(13), 5)
    evidence = replace(clean(), shown=(*clean().shown, again), again=frozenset({"out4"}))
    (finding,) = audit(evidence)
    assert (finding.kind, finding.what) == ("twice", "out4 is a bubble that was sent again")


def test_a_message_that_came_too_late_for_a_turn_may_be_answered_after_it() -> None:
    late = replace(swapped(clean()), arrived={"in1": at(11.5), "in2": at(10)})
    assert not any("overtook" in finding.what for finding in audit(late))


def test_a_reply_that_staff_took_over_was_rightly_not_sent() -> None:
    evidence = clean()
    first, second = evidence.settled
    dropped = replace(
        evidence,
        settled=(first, replace(second, sent={}, failure="taken_over")),
        shown=evidence.shown[:-1],
        taken_at={PHONE: at(11)},
    )
    assert audit(dropped) == ()
