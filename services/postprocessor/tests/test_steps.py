from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from contracts.ingress import Address
from contracts.preprocessor import Contact
from hypothesis import given
from hypothesis import strategies as st
from postprocessor_service.schedule import (
    GIVE_UP_LOOKING,
    RETRY_S,
    SCHEDULES,
    after_absence,
    after_failed_look,
    again_after,
)
from postprocessor_service.steps import (
    LOOK_AGAIN,
    Bubble,
    Drop,
    Look,
    Lost,
    Ownership,
    Rest,
    Scene,
    Send,
    Step,
    Wait,
    next_step,
)

FREE = Ownership()
NOW = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)


def ahead(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def a_bubble(nth: int = 0, **about: Any) -> Bubble:
    values: dict[str, Any] = {
        "reply_id": UUID(int=1),
        "nth": nth,
        "state": "queued",
        "author": "assistant",
        "purpose": "answer",
        "drafted_at": ahead(-5),
        "due_at": ahead(-5),
        "conversation": "cnv_0",
        "instance": "kumon",
        "contact": Contact(phone=None, address=Address(jid="1@lid")),
        "text": "Olá!",
        "expires_at": ahead(1800),
        **about,
    }
    return Bubble(**values)


def step_of(
    *bubbles: Bubble, ownership: Ownership = FREE, paced_at: datetime | None = None, per_user_s: float = 6
) -> Step:
    scene = Scene(ownership, 0, paced_at, bubbles)
    return next_step(scene, NOW, per_user_s=per_user_s)


QUEUED, LATER = a_bubble(), a_bubble(due_at=ahead(3))
SENDING = a_bubble(state="sending", lease_left_s=9, attempts=1, began_at=ahead(-1))
UNKNOWN = a_bubble(state="unknown", due_at=ahead(7), attempts=1, began_at=ahead(-1))
STAFF = a_bubble(nth=1, author="staff", expires_at=None)
TAKEN = Ownership(staff_at=ahead(-1))
SECOND = a_bubble(reply_id=UUID(int=2), follows=UUID(int=1))
HELD = replace(SECOND, held_until=ahead(3))


@pytest.mark.parametrize(
    "bubbles,step",
    [
        ([], Rest()),
        ([QUEUED], Send(QUEUED)),
        ([QUEUED, a_bubble(1)], Send(QUEUED)),
        ([LATER], Wait(ahead(3))),
        ([LATER, a_bubble(1)], Wait(ahead(3))),  # nobody overtakes
        ([SENDING, a_bubble(1)], Wait(ahead(9))),
        ([SENDING, STAFF], Wait(ahead(9))),
        ([replace(SENDING, lease_left_s=0), a_bubble(1)], Lost(replace(SENDING, lease_left_s=0))),
        ([UNKNOWN, a_bubble(1)], Wait(ahead(7))),
        ([UNKNOWN, STAFF], Send(STAFF)),
        ([replace(UNKNOWN, author="staff"), STAFF], Wait(ahead(7))),
        ([replace(UNKNOWN, due_at=NOW), STAFF], Send(STAFF)),  # people first
        ([replace(UNKNOWN, due_at=NOW), a_bubble(1)], Look(replace(UNKNOWN, due_at=NOW))),
        ([a_bubble(expires_at=NOW)], Drop(a_bubble(expires_at=NOW), "expired")),
        ([replace(LATER, expires_at=NOW)], Drop(replace(LATER, expires_at=NOW), "expired")),
        ([replace(UNKNOWN, expires_at=NOW), a_bubble(1)], Wait(ahead(7))),  # it may be there
        ([SECOND], Send(SECOND)),
        ([SECOND, QUEUED], Send(QUEUED)),  # though it was drafted later
        ([SECOND, LATER], Wait(ahead(3))),
        ([HELD], Wait(NOW + LOOK_AGAIN)),
        ([HELD, QUEUED], Send(QUEUED)),
        ([HELD, a_bubble(reply_id=UUID(int=3))], Wait(NOW + LOOK_AGAIN)),
        ([replace(HELD, held_until=ahead(0.1))], Wait(ahead(0.1))),
        ([replace(HELD, held_until=NOW)], Send(replace(HELD, held_until=NOW))),
        ([replace(HELD, expires_at=NOW)], Drop(replace(HELD, expires_at=NOW), "expired")),
    ],
)
def test_what_comes_next(bubbles: list[Bubble], step: Any) -> None:
    assert step_of(*bubbles) == step


@pytest.mark.parametrize(
    "ownership,about,may_leave",
    [
        (Ownership(), {}, True),
        (TAKEN, {}, False),
        (TAKEN, {"author": "staff"}, True),
        (TAKEN, {"purpose": "handoff"}, False),
        (Ownership(staff_at=ahead(-9), released_at=ahead(-8)), {}, True),
        (Ownership(staff_at=ahead(-1), released_at=ahead(-0.5)), {}, False),  # drafted before, five seconds ago
        (Ownership(staff_at=ahead(-8), released_at=ahead(-9)), {}, False),
        (Ownership(staff_at=ahead(-12 * 3600)), {}, True),
        (Ownership(staff_at=ahead(-12 * 3600 + 1)), {}, False),
        (Ownership(handoff_at=ahead(-9)), {}, False),
        (Ownership(handoff_at=ahead(-1)), {}, True),  # drafted before, five seconds ago
        (Ownership(handoff_at=ahead(-1)), {"purpose": "handoff"}, True),
        (Ownership(handoff_at=ahead(-9)), {"purpose": "handoff"}, True),
        (Ownership(handoff_at=ahead(-9), released_at=ahead(-8)), {}, True),
        (Ownership(handoff_at=ahead(-12 * 3600)), {}, True),
        (Ownership(handoff_at=ahead(-9), staff_at=ahead(-7)), {"purpose": "handoff"}, False),
        (Ownership(handoff_at=ahead(-7), staff_at=ahead(-9)), {"purpose": "handoff"}, False),
    ],
)
def test_whose_a_conversation_is_decides_what_may_leave(ownership: Ownership, about: Any, may_leave: bool) -> None:
    bubble = a_bubble(**about)
    assert step_of(bubble, ownership=ownership) == (Send(bubble) if may_leave else Drop(bubble, "taken_over"))


def test_a_dropped_bubble_is_dropped_before_its_time_so_that_staff_need_not_wait() -> None:
    assert step_of(LATER, STAFF, ownership=TAKEN) == Drop(LATER, "taken_over")


@pytest.mark.parametrize(
    "paced_s,per_user_s,step",
    [
        (None, 6, Send(QUEUED)),
        (-100, 6, Send(QUEUED)),
        (54, 6, Send(QUEUED)),  # nine of a burst are out: the tenth may go
        (60, 6, Wait(ahead(6))),
        (57, 6, Wait(ahead(3))),
        (0.5, 0, Wait(ahead(0.5))),
    ],
)
def test_a_person_is_not_flooded(paced_s: float | None, per_user_s: float, step: Any) -> None:
    assert step_of(QUEUED, paced_at=paced_s and ahead(paced_s), per_user_s=per_user_s) == step


@given(st.lists(st.sampled_from(["queued", "later", "sending", "lost", "unknown", "look", "staff"]), max_size=6))
def test_nothing_is_sent_beside_another_and_something_always_follows(kinds: list[str]) -> None:
    made = {
        "queued": QUEUED,
        "later": LATER,
        "sending": SENDING,
        "lost": replace(SENDING, lease_left_s=0),
        "unknown": UNKNOWN,
        "look": replace(UNKNOWN, due_at=NOW),
        "staff": STAFF,
    }
    bubbles = [replace(made[kind], nth=nth) for nth, kind in enumerate(kinds)]
    step = step_of(*bubbles)
    assert isinstance(step, Rest) == (not bubbles)
    if isinstance(step, Send):
        earlier = bubbles[: step.bubble.nth]
        assert not {"sending", "lost"} & set(kinds)
        assert step.bubble.author == "staff" or not earlier
    if isinstance(step, Wait):
        assert step.until > NOW


@pytest.mark.parametrize("cause", SCHEDULES)
def test_retries_come_later_and_later_and_end(cause: Any) -> None:
    pauses_s, finally_ = SCHEDULES[cause]
    assert list(pauses_s) == sorted(pauses_s)
    assert [again_after(cause, n + 1) for n in range(len(pauses_s))] == [timedelta(seconds=s) for s in pauses_s]
    assert again_after(cause, len(pauses_s) + 1) == finally_


def test_an_absent_bubble_is_looked_for_again_until_it_may_be_sent_again() -> None:
    resend_after = timedelta(seconds=45)
    bubble, looked_at, looks = replace(UNKNOWN, began_at=NOW), NOW, []
    while isinstance(next_look := after_absence(bubble, looked_at, resend_after, NOW), datetime):
        looks.append((next_look - NOW).total_seconds())
        bubble, looked_at = replace(bubble, looks=bubble.looks + 1), next_look
    assert looks == [1, 4, 14, 45]
    assert next_look is None


def test_a_channel_that_hung_is_given_time_to_do_what_it_was_asked_meanwhile() -> None:
    resend_after = timedelta(seconds=45)
    bubble = replace(UNKNOWN, began_at=NOW, looks=9)
    assert after_absence(bubble, ahead(60), resend_after, ahead(58)) == ahead(58 + 15)
    assert after_absence(bubble, ahead(73), resend_after, ahead(58)) is None


def test_an_absent_bubble_is_not_sent_again_for_ever() -> None:
    tired = replace(UNKNOWN, began_at=NOW, attempts=len(RETRY_S) + 1)
    assert after_absence(tired, ahead(60), timedelta(seconds=45), NOW) == "exhausted"


def test_a_look_that_fails_is_repeated_and_not_for_ever() -> None:
    bubble = replace(UNKNOWN, began_at=NOW, looks=100)
    assert after_failed_look(bubble, NOW) == ahead(60)
    assert after_failed_look(bubble, NOW + GIVE_UP_LOOKING) == "exhausted"
