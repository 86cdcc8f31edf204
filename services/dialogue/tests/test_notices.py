"""Messages that are not worked on."""

from typing import Any

import pytest
from chassis.errors import Unavailable
from chassis.testing import an_event
from contracts.frontdesk import StaffTookOver
from contracts.ingress import ChannelKey
from contracts.preprocessor import MessageRejected
from contracts.rules import Assess

pytestmark = pytest.mark.stores


def rejected(dialogue: Any, key: str = "3AFF", *, reason: str = "rate_limited", tell: bool = True) -> Any:
    fact = MessageRejected(
        key=ChannelKey(instance="kumon", id=key),
        contact=dialogue.contact,
        reason=reason,
        tell=tell,
        sent_at=dialogue.clock(),
    )
    return an_event(fact, subject=dialogue.ana, key=key, at=dialogue.clock())


async def test_too_many_messages_are_answered_with_one_notice(dialogue: Any) -> None:
    event = rejected(dialogue)
    for each in (event, event, rejected(dialogue, "3AFE", tell=False)):
        await dialogue.probe.deliver(each)
    await dialogue.passes(seconds=1)
    await dialogue.passes(seconds=60)
    (notice,) = dialogue.proposals
    assert (notice.purpose, notice.answers) == ("notice", (event.data.key,))
    assert [(each.outcome, each.reason) for each in dialogue.closed] == [("ignored", "rate_limited")] * 2


async def test_a_notice_that_is_worked_twice_is_said_once(dialogue: Any) -> None:
    event = rejected(dialogue)
    await dialogue.probe.deliver(event)
    for _ in range(2):
        await dialogue.probe.fire("slow_down", dialogue.ana, {"event": event.to_wire().decode()})
    assert len(dialogue.proposals) == 1


async def test_a_message_is_closed_though_rules_are_away_and_the_notice_comes_later(dialogue: Any) -> None:
    dialogue.probe.answer(Assess, Unavailable("rules are away"))
    await dialogue.probe.deliver(rejected(dialogue))
    assert len(dialogue.closed) == 1
    with pytest.raises(Unavailable):
        await dialogue.passes(seconds=1)
    dialogue.probe.answer(Assess, dialogue.assessment())
    await dialogue.passes(seconds=1)
    assert len(dialogue.proposals) == 1


async def test_a_refused_message_does_not_disturb_a_turn(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.writes("quanto custa?")
    refused = [rejected(dialogue, tell=False)]

    async def assess() -> Any:
        if refused:
            await dialogue.probe.deliver(refused.pop())
        return dialogue.assessment()

    dialogue.answers_slowly(Assess, assess)
    asked = len(dialogue.probe.asked)
    await dialogue.passes(seconds=5)
    assert len(dialogue.probe.asked) == asked + 1
    assert len(dialogue.proposals) == 2


async def test_nobody_who_is_served_by_the_unit_gets_a_notice(dialogue: Any) -> None:
    await dialogue.says("oi")
    await dialogue.probe.deliver(an_event(StaffTookOver(by="Marta"), subject=dialogue.ana))
    await dialogue.probe.deliver(rejected(dialogue))
    await dialogue.passes(seconds=5)
    assert len(dialogue.proposals) == 1
