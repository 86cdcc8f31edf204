"""A person who asks to be forgotten is: nothing of them is in any table, Redis key or queue."""

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import aio_pika
import asyncpg
import httpx
import pytest
from assistant.home import read_json
from assistant.testing_system import Parent, System, running_system, until
from contracts import conversation_id
from contracts.preprocessor import MessageSanitized
from redis.asyncio import Redis

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

SECRETS = ("Beatriz Quadros", "Teodoro", "beatriz.quadros@example.com", "sabem se tem bicicletário")
BOOKED = "marcada!"
SAID = (
    "oi, quanto custa matemática? aqui é a Beatriz Quadros",
    "é pro meu filho Teodoro, ele tem 8 anos e tá no 3o ano, meu email é beatriz.quadros@example.com",
    "vocês sabem se tem bicicletário na unidade?",
    "quero agendar uma visita, pode ser à tarde",
    "1",
    "sim",
)


@pytest.fixture
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own, its services in one process, whose stores hold nobody else."""
    with running_system(tmp_path_factory.mktemp("system"), together=True) as running:
        yield running


async def in_tables(url: str, secrets: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return every table in which something of the person is, and what."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            """select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
            where schemaname not in ('pg_catalog', 'information_schema')"""
        )
        found = set()
        for table in (row["name"] for row in tables):
            for row in await connection.fetch(f"select to_jsonb(t)::text as line, t::text as raw from {table} t"):
                said = row["line"] + row["raw"] + _unhexed(row["line"])
                found |= {(table, secret) for secret in secrets if secret in said}
        return found
    finally:
        await connection.close()


def _unhexed(line: str) -> str:
    r"""Read the bodies that are kept as bytes: `\\x7b22…`."""
    parts = [part.split('"')[0] for part in line.split("\\\\x")[1:]]
    return " ".join(bytes.fromhex(part).decode(errors="replace") for part in parts)


async def let_die(url: str, broker: str, conversation: str) -> None:
    """Put what somebody wrote among the dead letters."""
    database = await asyncpg.connect(url)
    query = "select event::text from dialogue.mailbox where conversation = $1 limit 1"
    written = await database.fetchval(query, conversation)
    await database.close()
    async with await aio_pika.connect(broker) as connection:
        channel = await connection.channel()
        dead = f"dialogue.{MessageSanitized.routing_key()}.dead"
        await channel.default_exchange.publish(aio_pika.Message(written.encode()), dead)


async def in_redis(url: str, secrets: tuple[str, ...]) -> set[str]:
    redis = Redis.from_url(url, decode_responses=True)
    keys = [key async for key in redis.scan_iter("*")]
    await redis.aclose()
    return {key for key in keys if any(secret in key for secret in secrets)}


async def in_queues(url: str, queues: list[str], secrets: tuple[str, ...]) -> set[tuple[str, str]]:
    """Look at every message of every queue, and leave it there."""
    connection = await aio_pika.connect(url)
    found = set()
    async with connection:
        channel = await connection.channel()
        for name in queues:
            queue = await channel.get_queue(name, ensure=False)
            looked = [message async for message in _waiting(queue)]
            found |= {(name, secret) for message in looked for secret in secrets if secret.encode() in message.body}
            for message in looked:
                await message.reject(requeue=True)
    return found


async def _waiting(queue: Any) -> Any:
    while (message := await queue.get(fail=False)) is not None:
        yield message


def traces(system: System, database: str, redis: str, secrets: tuple[str, ...]) -> list[Any]:
    """Where anything of the person is."""
    queues = [each["name"] for each in system.status()["queues"]]
    queues += [f"{name}.dead" for name in queues if re.search(r"\.v\d+$", name)]

    async def look() -> list[Any]:
        return [
            *await in_tables(database, secrets),
            *await in_redis(redis, secrets),
            *await in_queues(system.broker.url, queues, secrets),
        ]

    return asyncio.run(look())


def known(system: System, parent: Parent) -> int:
    url = f"{system.frontdesk}/api/v1/contacts/{quote(parent.phone)}"
    return int(system.http.get(url, headers=system.bearer()).status_code)


def tell_everything(parent: Parent) -> dict[str, Any]:
    for text in SAID:
        if BOOKED in parent.ask(text):
            break
    return until(lambda: (told := parent.contact())["visits"] and told, 60, "the visit stands")


def test_nothing_is_left_of_who_is_erased_by_the_unit_or_asks_for_it_in_the_chat(
    system: System,
) -> None:
    stores = (read_json(system.home / "run" / "plan.json") or {})["urls"]
    database, redis = stores["postgresql"], stores["redis"]
    by_unit, by_chat = system.parent("Bia"), system.parent("Bia")
    visits = [tell_everything(each)["visits"][-1] for each in (by_unit, by_chat)]
    names = (name for each in (by_unit, by_chat) for name in (each.phone[1:], conversation_id(each.phone)))
    secrets = (*SECRETS, *names)
    assert {secret for _, secret in asyncio.run(in_tables(database, secrets))} >= set(secrets[:3])

    for each in (by_unit, by_chat):
        asyncio.run(let_die(database, system.broker.url, conversation_id(each.phone)))

    url = f"{system.frontdesk}/api/v1/contacts/{quote(by_unit.phone)}"
    assert system.http.delete(url, headers=system.bearer()).status_code == httpx.codes.ACCEPTED
    until(lambda: known(system, by_unit) == httpx.codes.NOT_FOUND, 30, "the unit's erasure")
    assert "apag" in by_chat.ask("quero apagar meus dados").lower()
    until(lambda: known(system, by_chat) == httpx.codes.NOT_FOUND, 30, "the erasure by chat")

    began = time.monotonic()
    left: list[Any] = []

    def nothing_left() -> bool:
        left[:] = [each for each in traces(system, database, redis, secrets) if not _told_to_forget(each)]
        return not left

    try:
        until(nothing_left, 90, "everything is gone")
    except AssertionError:
        pytest.fail(f"after {time.monotonic() - began:.0f} s there still is {left}")

    again = system.parent()
    again.ask("oi, quero agendar uma visita, pode ser à tarde")
    offered = " ".join(again.received())
    assert all(visit["start"][11:16].replace(":", "h") in offered for visit in visits[:1]), "the slot is free again"


def _told_to_forget(trace: Any) -> bool:
    """Whether it is the note that keeps what was still on its way from coming back: a name that says nothing."""
    return isinstance(trace, tuple) and trace[0] == "frontdesk.erased" and trace[1].startswith("cnv_")
