"""One question to a model costs a turn no more than it has, and nothing while nobody would answer."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from chassis.errors import DeadlineExceeded, Permanent, Unavailable
from contracts.llm_gateway import ChatMessage, Complete, Completion
from dialogue_service import turns
from dialogue_service.asking import Deadline
from dialogue_service.asking_model import AT_ONCE, LEAST_S, MOST_QUIET_S, MOST_S, ModelLine, Refused

QUESTION = Complete(task="understand", messages=(ChatMessage(role="user", content="{}"),))
YES = Completion(data={"ok": True}, provider="openai", model="m")


@dataclass
class Gateway:
    """Answers as the test says, and knows when and for how long it was asked."""

    reply: Any = YES
    asked: list[float] = field(default_factory=list)
    at: float = 1000.0

    async def ask(self, question: Complete, *, within_s: float) -> Completion:
        assert question is QUESTION
        self.asked.append(within_s)
        reply = await self.reply() if callable(self.reply) else self.reply
        if isinstance(reply, BaseException):
            raise reply
        return reply  # type: ignore[no-any-return]  # what a test gave


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def line(gateway: Gateway) -> ModelLine:
    return ModelLine(gateway.ask, timer=lambda: gateway.at)


async def refused(line: ModelLine, seconds: float = 8.0) -> str:
    with pytest.raises(Refused) as refusal:
        await line.ask(QUESTION, Deadline(seconds))
    return str(refusal.value)


async def test_an_answer_is_returned_and_the_next_one_asked_for(line: ModelLine, gateway: Gateway) -> None:
    assert await line.ask(QUESTION, Deadline(8)) == YES
    assert await line.ask(QUESTION, Deadline(8)) == YES
    assert len(gateway.asked) == 2


@pytest.mark.parametrize("seconds", [1.2, 3.0, 8.0, 60.0])
async def test_a_question_leaves_the_turn_its_reserve(line: ModelLine, gateway: Gateway, seconds: float) -> None:
    await line.ask(QUESTION, Deadline(seconds))
    (within_s,) = gateway.asked
    assert within_s <= min(MOST_S, 0.8 * seconds)


async def test_a_turn_without_time_asks_nobody(line: ModelLine, gateway: Gateway) -> None:
    assert await refused(line, seconds=LEAST_S) == "deadline"
    assert gateway.asked == []
    assert await line.ask(QUESTION, Deadline(8)) == YES


@pytest.mark.parametrize("refusal,quiet_s", [("no_provider", 60), ("budget", 60), ("breakers_open", 10), ("failed", 5)])
async def test_after_a_refusal_nobody_is_asked_for_a_while(
    line: ModelLine, gateway: Gateway, refusal: Any, quiet_s: float
) -> None:
    gateway.reply = Completion(refusal=refusal)
    assert [await refused(line) for _ in range(20)] == [refusal] * 20
    assert len(gateway.asked) == 1
    gateway.at += quiet_s + 1
    gateway.reply = YES
    assert await line.ask(QUESTION, Deadline(8)) == YES


async def test_one_unusable_answer_is_no_reason_to_be_silent(line: ModelLine, gateway: Gateway) -> None:
    gateway.reply = Completion(refusal="unusable_answer")
    assert [await refused(line) for _ in range(3)] == ["unusable_answer"] * 3
    assert len(gateway.asked) == 3


@pytest.mark.parametrize(
    "error,reason",
    [(DeadlineExceeded("late"), "deadline"), (Unavailable("away"), "away"), (Permanent("cannot"), "away")],
    ids=repr,
)
async def test_a_gateway_that_cannot_be_had_is_left_alone_longer_and_longer(
    line: ModelLine, gateway: Gateway, error: Exception, reason: str
) -> None:
    gateway.reply = error
    waited = []
    for _ in range(6):
        assert await refused(line) == reason
        before, gateway.at = len(gateway.asked), gateway.at + 0.1
        while len(gateway.asked) == before:
            gateway.at += 1
            await refused(line)
            waited.append(gateway.at)
    assert len(gateway.asked) == 7
    gateway.at += MOST_QUIET_S + 1
    gateway.reply = YES
    assert await line.ask(QUESTION, Deadline(8)) == YES
    gateway.reply = error
    await refused(line)
    gateway.at += 6
    await refused(line)
    assert len(gateway.asked) == 10, "after an answer trouble is counted anew"


async def test_after_a_silence_one_turn_finds_out_for_all(line: ModelLine, gateway: Gateway) -> None:
    gateway.reply = Completion(refusal="no_provider")
    await refused(line)
    gateway.at += 61
    answered = asyncio.Event()

    async def slowly() -> Completion:
        await answered.wait()
        return YES

    gateway.reply = slowly
    first = asyncio.create_task(line.ask(QUESTION, Deadline(8)))
    while len(gateway.asked) < 2:  # one turn of the loop
        await asyncio.sleep(0)
    assert await refused(line) == "no_provider"
    answered.set()
    assert await first == YES
    assert await line.ask(QUESTION, Deadline(8)) == YES


async def test_of_many_turns_only_so_many_wait_for_a_model(line: ModelLine, gateway: Gateway) -> None:
    answered = asyncio.Event()

    async def slowly() -> Completion:
        await answered.wait()
        return YES

    gateway.reply = slowly
    waiting = [asyncio.create_task(line.ask(QUESTION, Deadline(8))) for _ in range(AT_ONCE)]
    while len(gateway.asked) < AT_ONCE:
        await asyncio.sleep(0)
    assert await refused(line) == "busy"
    answered.set()
    assert await asyncio.gather(*waiting) == [YES] * AT_ONCE
    assert await line.ask(QUESTION, Deadline(8)) == YES
    assert AT_ONCE < turns.AT_ONCE
