"""Dead letters on the running system: what cannot be handled holds nobody up, and a replay doubles nothing."""

import asyncio
import json
import re
from typing import Any
from uuid import uuid4

import aiormq
import asyncpg
import pytest
from assistant.home import read_json
from assistant.testing_system import System, until

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

QUESTION, PRICE = "quanto custa matemática?", "R$ 375,00"
TAKEN = "dialogue.preprocessor.message_sanitized.v1"


def letters(system: System) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(system.assistant("dead", "list", "--json").stdout)
    return [letter for letter in told if letter["queue"] != "ingress.quarantine"]


def put(system: System, bodies: dict[str, bytes]) -> None:
    """Put a body straight into each queue."""

    async def publish() -> None:
        connection = await aiormq.connect(system.broker.url)
        channel = await connection.channel(publisher_confirms=True)
        for queue, body in bodies.items():
            properties = aiormq.spec.Basic.Properties(message_id=str(uuid4()), delivery_mode=2)
            await channel.basic_publish(body, routing_key=queue, mandatory=True, properties=properties)
        await connection.close()

    asyncio.run(publish())


def test_poison_in_every_queue_dies_at_once_with_its_reason_and_holds_nobody_up(steady: System) -> None:
    system = steady
    queues = [queue["name"] for queue in system.status()["queues"] if re.search(r"\.v\d+$", queue["name"])]
    assert len(queues) > 40
    put(system, dict.fromkeys(queues, b'{"poison": true}'))
    parent = system.parent()
    parent.write(QUESTION)
    dead = until(lambda: (now := letters(system)) and len(now) == len(queues) and now, 90, "a letter a queue")
    assert {letter["queue"] for letter in dead} == set(queues)
    assert all(letter["reason"].startswith("invalid payload") and letter["attempts"] == 1 for letter in dead)
    until(parent.received, 90, "an answer in spite of it")
    assert system.assistant("dead", "replay", "--all").stdout == f"{len(queues)} sent back to work\n"
    until(lambda: len(letters(system)) == len(queues), 90, "all are dead again")
    assert system.assistant("dead", "drop", "--all").returncode == 0
    assert letters(system) == []
    assert sum(PRICE in text for text in parent.settled()) == 1


def test_a_letter_that_had_been_worked_already_is_replayed_without_effect(steady: System) -> None:
    system, parent = steady, steady.parent()
    parent.ask(QUESTION)
    before = parent.settled()
    put(system, {f"{TAKEN}.dead": asyncio.run(newest_message(system))})
    assert system.assistant("dead", "replay", "--queue", TAKEN).stdout == "1 sent back to work\n"
    until(lambda: not letters(system), 30, "it is worked")
    assert parent.settled(3) == before


async def newest_message(system: System) -> bytes:
    """Return a message as dialogue took it from the line."""
    plan = read_json(system.home / "run" / "plan.json") or {}
    connection = await asyncpg.connect(plan["urls"]["postgresql"])
    try:
        row = await connection.fetchval("select event::text from dialogue.mailbox order by seq desc limit 1")
    finally:
        await connection.close()
    return str(row).encode()
