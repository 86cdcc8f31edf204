"""Replies that did not arrive: noted, and excused when they became too old on their way."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.errors import Unavailable
from chassis.testing import an_event
from contracts.frontdesk import StaffTookOver
from contracts.postprocessor import DeliveryFailed
from contracts.rules import Assess

pytestmark = pytest.mark.stores


def failed(dialogue: Any, reason: str = "expired", reply_id: UUID | None = None) -> Any:
    fact = DeliveryFailed(reply_id=reply_id or uuid4(), contact=dialogue.contact, reason=reason, attempts=1)
    return an_event(fact, subject=dialogue.ana, key=str(fact.reply_id), at=dialogue.clock())


@pytest.mark.parametrize("reason", ["taken_over", "not_on_whatsapp", "rejected"])
async def test_a_reply_that_could_not_arrive_is_not_said_again(dialogue: Any, reason: str) -> None:
    await dialogue.says("oi")
    state = await dialogue.state()
    assert await dialogue.probe.deliver(failed(dialogue, reason)) == []
    await dialogue.passes(minutes=5)
    assert len(dialogue.proposals) == 1
    assert await dialogue.state() == state


@pytest.mark.parametrize("reason", ["expired", "exhausted"])
async def test_replies_that_became_too_old_are_excused_once_until_the_person_writes_again(
    dialogue: Any, reason: str
) -> None:
    (reply,) = await dialogue.says("quanto custa?")
    for each in (failed(dialogue, reason, reply.reply_id), failed(dialogue, reason, reply.reply_id), failed(dialogue)):
        await dialogue.probe.deliver(each)
    await dialogue.passes(seconds=10)
    (excuse,) = dialogue.proposals[1:]
    (bubble,) = excuse.bubbles
    assert "Desculpe" in bubble.text
    assert (excuse.purpose, excuse.turn_id, excuse.answers) == ("notice", None, ())
    assert (excuse.policy.expires_at - dialogue.clock()).total_seconds() > 22 * 3600

    await dialogue.probe.deliver(failed(dialogue, reason, excuse.reply_id))
    await dialogue.passes(minutes=5)
    assert len(dialogue.proposals) == 2, "an excuse that lapses is not excused"

    await dialogue.says("oi?")
    await dialogue.probe.deliver(failed(dialogue, reason))
    await dialogue.passes(seconds=10)
    assert [each.purpose for each in dialogue.proposals].count("notice") == 2


async def test_nobody_whom_the_unit_serves_is_excused_to(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.probe.deliver(failed(dialogue))
    await dialogue.probe.deliver(an_event(StaffTookOver(by="Marta"), subject=dialogue.ana))
    await dialogue.passes(seconds=10)
    assert len(dialogue.proposals) == 1


async def test_nobody_who_wrote_long_ago_is_excused_to(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.passes(hours=24)
    await dialogue.probe.deliver(failed(dialogue))
    await dialogue.passes(seconds=10)
    assert len(dialogue.proposals) == 1


async def test_an_excuse_waits_for_rules(dialogue: Any) -> None:
    await dialogue.says("oi")
    dialogue.probe.answer(Assess, Unavailable("rules are away"))
    await dialogue.probe.deliver(failed(dialogue))
    with pytest.raises(Unavailable):
        await dialogue.passes(seconds=10)
    dialogue.probe.answer(Assess, dialogue.assessment())
    await dialogue.passes(seconds=10)
    assert len(dialogue.proposals) == 2
