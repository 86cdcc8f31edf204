"""`kill -9` at every boundary of a sending: exactly one bubble on the phone, said once, whoever comes after."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from contracts.postprocessor import ReplyDelivered

pytestmark = pytest.mark.stores

BOUNDARIES = (
    "before the claim",
    "after the claim",
    "before the call",
    "during the call",
    "after the answer",
    "inside the settling",
    "after the settling",
)


async def is_killed(desk: Any, database_url: str, boundary: str, conversation: str) -> None:
    """Have another process work the conversation and die."""
    script = str(Path(__file__).with_name("killed.py"))
    command = (sys.executable, script, boundary, database_url, desk.outside.url, conversation)
    process = await asyncio.create_subprocess_exec(*command)
    if boundary == "during the call":
        await desk.outside.receives()  # the message is out, its answer is not
        process.kill()
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("boundary", BOUNDARIES)
async def test_exactly_one_bubble_whenever_the_sender_is_killed(
    open_desk: Any, fresh_database_url: str, boundary: str, copies: int
) -> None:
    async with open_desk(resend_after_s=4) as desk, open_desk(resend_after_s=4) as other:
        if boundary == "during the call":
            await desk.outside.breaks("timeout_after_send", delay_s=60)
        event = desk.draft("Olá!", "Tudo bem?")
        await desk.probe.deliver(event)
        await is_killed(desk, fresh_database_url, boundary, event.subject)
        await desk.execute("update bubble set lease_until = clock_timestamp() where state = 'sending'")
        alive = (desk, other)[:copies]
        async with asyncio.timeout(60):
            while await desk.states() != ["sent", "sent"]:
                await asyncio.gather(*(copy.run() for copy in alive))
                desk.clock.on(seconds=1)
        await desk.run()
        assert await desk.outside.phone() == ["Olá!", "Tudo bem?"]
        published = [*desk.probe.published, *other.probe.published]
        assert len({one.id for one in published if isinstance(one.data, ReplyDelivered)}) == 1
