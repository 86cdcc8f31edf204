"""Which scenarios are played side by side: those that begin at the same moment and do not want the same slots."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from assistant import clock
from assistant.home import Home
from assistant.replaying.conductor import SEEN_S, Conductor
from assistant.replaying.stage import Desk, Live
from assistant.scenarios.model import Scenario
from assistant.scenarios.playing import Result, play

MOST_AT_ONCE = 16
"""Plays side by side; each keeps one conversation busy."""
MOST_BOOKING = 5
"""Of these, those that book whatever they are offered."""


def waves(scenarios: Sequence[Scenario]) -> Iterator[list[Scenario]]:
    """Group scenarios: one that wants a certain time is the only one at the calendar, others share it.

    One that wants another world has it alone.
    """
    in_order = sorted(scenarios, key=lambda each: each.now)
    for _, same in groupby(in_order, key=lambda each: each.now):
        alone: list[Scenario] = []
        booking: list[Scenario] = []
        free: list[Scenario] = []
        for each in same:
            if each.world.calendar:
                yield [each]
                continue
            (alone if each.wants_a_certain_time else booking if each.books else free).append(each)
        # Who looks without booking leaves slots held for ten minutes: they come after those who want one certain slot.
        alone.sort(key=lambda each: not each.books_a_certain_time)
        wave_of: list[list[Scenario]] = [[each] for each in alone]
        wave_of += [booking[nth : nth + MOST_BOOKING] for nth in range(0, len(booking), MOST_BOOKING)]
        while free or wave_of:
            wave = wave_of.pop(0) if wave_of else []
            room = MOST_AT_ONCE - len(wave)
            yield wave + free[:room]
            free = free[room:]


async def replay_wave(wave: Sequence[Scenario], home: Home, desk: Desk) -> list[Result]:
    """Set the clock, backwards too, and play all of them."""
    clock.move(home, wave[0].now.isoformat())
    await asyncio.sleep(SEEN_S)  # who has not seen it yet would count a burst window from the time before

    def move(to: datetime) -> None:
        clock.move(home, to.isoformat())

    conductor = Conductor(len(wave), read=lambda: clock.now(home), move=move)
    return list(await asyncio.gather(*(_play(each, desk, conductor) for each in wave)))


async def _play(scenario: Scenario, desk: Desk, conductor: Conductor) -> Result:
    stage = Live(desk, conductor, scenario.contact.phone, scenario.contact.profile_name)
    result = Result(scenario.name)
    try:
        async with desk.world.with_calendar(scenario.world.calendar, scenario.now):
            await stage.enter()
            return await play(scenario, stage, result)
    except Exception as error:  # noqa: BLE001  # one play that breaks down must not take the others with it
        result.failures.append(f"broke off: {type(error).__name__}: {error}")
        return result
    finally:
        desk.in_use.discard(stage.phone)
        conductor.leave()
