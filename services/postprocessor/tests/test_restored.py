"""After a backup was restored: what was sent after it was made is not sent again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.stores

ANSWER, NEWS = "A mensalidade é R$ 375,00.", "Abrimos às 9h."


@pytest.fixture
async def desk(open_desk: Any) -> AsyncIterator[Any]:
    """A desk whose channel may be slow: none of these messages is to be in doubt for that."""
    async with open_desk(channel_timeout_s=10) as one:
        yield one


async def restored(desk: Any, since: Any) -> None:
    """Forget what came after the backup, as a restore does."""
    await desk.execute("delete from reply")
    await desk.execute("delete from alias")
    await desk.execute("insert into restored (since) values ($1)", since)


async def test_a_reply_that_left_after_the_backup_is_found_and_not_sent_again(desk: Any) -> None:
    since = desk.clock()
    await desk.say(ANSWER)
    assert await desk.outside.phone() == [ANSWER]
    await restored(desk, since)
    desk.clock.on(600)
    await desk.say(ANSWER)
    assert await desk.outside.phone() == [ANSWER]
    assert [state in {"sent", "delivered", "read"} for state in await desk.states()] == [True]


async def test_a_reply_that_never_left_is_sent_once_the_channel_has_proven_it(desk: Any) -> None:
    since = desk.clock()
    await restored(desk, since)
    desk.clock.on(600)
    await desk.say(NEWS)
    await desk.wait(10)
    assert await desk.outside.phone() == []
    await desk.wait(6)
    assert await desk.outside.phone() == [NEWS]


async def test_the_doubt_ends_a_while_after_the_first_reply(desk: Any) -> None:
    await desk.say(ANSWER)
    await restored(desk, desk.clock() - timedelta(minutes=1))
    await desk.say(NEWS)
    desk.clock.on(16 * 60)
    await desk.say(ANSWER)
    assert await desk.outside.phone() == [ANSWER, NEWS, ANSWER]


async def test_what_the_unit_writes_is_never_doubted(desk: Any) -> None:
    await restored(desk, desk.clock())
    await desk.probe.deliver(desk.staff_reply(NEWS))
    await desk.run()
    assert await desk.outside.phone() == [NEWS]
    assert await desk.rows("attempts") == [(1,)]
