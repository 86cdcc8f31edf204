"""The clock that plays share, who plays beside whom, and how the end of a turn is known."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from assistant.replaying import conductor as conducting
from assistant.replaying.conductor import Conductor
from assistant.replaying.tap import Followed
from assistant.replaying.waves import MOST_AT_ONCE, MOST_BOOKING, waves
from assistant.scenarios.model import ZONE, Scenario, World
from contracts.dialogue import TurnClosed
from contracts.examples import FACTS
from contracts.postprocessor import ReplyDelivered
from contracts.preprocessor import MessageRejected, MessageSanitized
from contracts.rules import ReplyDrafted

NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZONE)


class Clock:
    def __init__(self) -> None:
        self.at = NOW
        self.moves: list[datetime] = []

    def move(self, to: datetime) -> None:
        self.at = to
        self.moves.append(to)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(conducting, "SEEN_S", 0)
    return Clock()


def conductor(clock: Clock, players: int) -> Conductor:
    return Conductor(players, read=lambda: clock.at, move=clock.move)


async def test_the_clock_moves_to_the_earliest_moment_when_everybody_waits(clock: Clock) -> None:
    wave, seen = conductor(clock, 2), []

    async def player(name: str, *minutes: int) -> None:
        for minute in minutes:
            await wave.until(NOW + timedelta(minutes=minute))
            seen.append((name, clock.at - NOW))
        wave.leave()

    await asyncio.wait_for(asyncio.gather(player("a", 1, 5), player("b", 3)), 5)
    assert seen == [(name, timedelta(minutes=minute)) for name, minute in (("a", 1), ("b", 3), ("a", 5))]


async def test_a_past_moment_moves_nothing(clock: Clock) -> None:
    wave = conductor(clock, 1)
    await asyncio.wait_for(wave.until(NOW - timedelta(minutes=1)), 5)
    assert clock.moves == []


async def test_burst_windows_are_skipped_once_for_all_who_write(clock: Clock) -> None:
    wave = conductor(clock, 3)

    async def writes() -> None:
        await wave.until(NOW)
        await wave.written()
        wave.leave()

    async def waits() -> None:
        await wave.until(NOW + timedelta(hours=1))
        wave.leave()

    await asyncio.wait_for(asyncio.gather(writes(), writes(), waits()), 5)
    assert clock.moves == [NOW + timedelta(seconds=conducting.GATHERED_S), NOW + timedelta(hours=1)]


def scenario(name: str, expect: dict[str, Any] | None = None, now: datetime = NOW) -> Scenario:
    turn = {"parent": "oi", **({"expect": expect} if expect else {})}
    return Scenario.model_validate({"name": name, "now": now.isoformat(), "turns": [turn]})


def test_one_wave_begins_at_one_moment_and_has_at_most_one_who_wants_a_certain_time() -> None:
    certain = [scenario(f"certain {nth}", {"visit": {"at": NOW.isoformat()}}) for nth in range(3)]
    booking = [scenario(f"booking {nth}", {"visit": {"status": "booked"}}) for nth in range(7)]
    free = [scenario(f"free {nth}") for nth in range(40)]
    later = [scenario("later", now=NOW + timedelta(days=1))]
    every = [*free, *later, *booking, *certain]
    planned = list(waves(every))
    assert sorted(each.name for wave in planned for each in wave) == sorted(each.name for each in every)
    for wave in planned:
        assert len({each.now for each in wave}) == 1
        assert len(wave) <= MOST_AT_ONCE
        assert sum(each.wants_a_certain_time for each in wave) <= 1
        at_the_calendar = sum(each.books for each in wave)
        assert at_the_calendar <= (1 if any(each.wants_a_certain_time for each in wave) else MOST_BOOKING)


def test_who_wants_another_world_has_it_alone() -> None:
    away = scenario("away").model_copy(update={"world": World(calendar="away")})
    planned = list(waves([scenario("before"), away, scenario("after")]))
    assert [away] in planned
    assert sorted(each.name for wave in planned for each in wave) == ["after", "away", "before"]


def example(kind: type[Any], **changes: Any) -> Any:
    fact = next(each for each in FACTS if type(each) is kind)
    return fact.model_copy(update=changes)


def test_a_turn_is_over_when_what_it_says_has_arrived() -> None:
    line, turn, reply = Followed(), uuid4(), uuid4()
    message = example(MessageSanitized)
    line.note(message)
    assert line.arrived == {message.key.id}
    line.note(example(TurnClosed, turn_id=turn, keys=(message.key,), route="template"))
    assert line.ended == {message.key.id}
    assert not line.is_quiet
    line.note(example(ReplyDrafted, reply_id=reply, turn_id=turn))
    assert not line.is_quiet
    line.note(example(ReplyDelivered, reply_id=reply, turn_id=turn))
    assert line.is_quiet


def test_a_turn_without_a_word_and_a_refused_message_wait_for_nothing() -> None:
    line = Followed()
    line.note(example(TurnClosed, route=None))
    refused = example(MessageRejected)
    line.note(refused)
    assert line.is_quiet
    assert refused.key.id in line.ended


async def test_a_condition_that_never_comes_is_waited_for_only_so_long() -> None:
    assert not await Followed().until(lambda line: bool(line.ended), 0.01)
