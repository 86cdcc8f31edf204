"""What is asked for meanwhile is done in one go."""

import asyncio
from collections.abc import Sequence

import pytest
from llm_gateway_service.gathered import Gathered


class Doubling:
    """Doubles numbers; the first go waits until it is let on."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.on = asyncio.Event()

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.goes.append(list(items))
        await self.on.wait()
        if 13 in items:
            raise ValueError("not thirteen")
        return [2 * each for each in items]


async def test_those_who_come_during_a_go_share_the_next_one() -> None:
    work = Doubling()
    gathered = Gathered(work)
    first = gathered.do(1)
    await asyncio.sleep(0)
    others = [gathered.do(each) for each in (2, 3)]
    work.on.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6]
    assert work.goes == [[1], [2, 3]]
    assert await gathered.do(4) == 8


async def test_a_go_that_fails_fails_for_its_own_and_for_nobody_after() -> None:
    work = Doubling()
    gathered = Gathered(work)
    first = gathered.do(1)
    await asyncio.sleep(0)
    unlucky = [gathered.do(each) for each in (13, 5)]
    work.on.set()
    assert await first == 2
    for each in unlucky:
        with pytest.raises(ValueError, match="thirteen"):
            await each
    assert await gathered.do(6) == 12


async def test_who_does_not_wait_any_more_keeps_nobody_from_an_answer() -> None:
    work = Doubling()
    gathered = Gathered(work)
    leaving, staying = gathered.do(1), gathered.do(2)
    leaving.cancel()
    work.on.set()
    assert await staying == 4
