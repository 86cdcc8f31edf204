"""What bears one name is done one after the other, and nothing else waits for it."""

import asyncio

from chassis.in_turn import InTurn


async def test_what_bears_one_name_is_done_in_the_order_of_asking_and_other_names_pass() -> None:
    in_turn, done, let_go = InTurn(), list[str](), asyncio.Event()

    async def do(name: str, what: str, until: asyncio.Event | None = None) -> None:
        async with in_turn.of(name):
            if until:
                await until.wait()
            done.append(what)

    async with asyncio.TaskGroup() as group:
        for each in (do("ana", "1", let_go), do("ana", "2"), do("ana", "3"), do("bia", "other")):
            group.create_task(each)
        while not done:
            await asyncio.sleep(0)
        assert "ana" in in_turn
        assert done == ["other"]
        let_go.set()
    assert done == ["other", "1", "2", "3"]
    assert "ana" not in in_turn
