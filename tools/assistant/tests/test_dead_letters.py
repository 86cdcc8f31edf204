"""`dead` on the real broker."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import aiormq
import pytest
from assistant.home import write_json

pytestmark = pytest.mark.stores


@pytest.fixture
async def channel(amqp_url: str) -> AsyncIterator[Any]:
    connection = await aiormq.connect(amqp_url)
    yield await connection.channel(publisher_confirms=True)
    await connection.close()


@pytest.fixture
async def queues(channel: Any, installation: Any) -> AsyncIterator[list[str]]:
    """Two work queues with their dead ones, known to the installation, removed at the end."""
    names = [f"{service}.test{uuid4().hex[:8]}.thing_happened.v1" for service in ("calendar", "frontdesk")]
    for name in names:
        for queue in (name, f"{name}.dead"):
            await channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    write_json(installation.home.queues_file, {"calendar": names[:1], "frontdesk": names[1:]})
    yield names
    for name in names:
        for queue in (name, f"{name}.dead"):
            await channel.queue_delete(queue)


async def die(channel: Any, queue: str, number: int) -> None:
    """Put a letter where the chassis would put it."""
    body = json.dumps({"id": f"e{number}", "type": "receptionist.test.thing_happened.v1", "data": {"text": "segredo"}})
    properties = aiormq.spec.Basic.Properties(
        message_id=f"e{number}",
        content_type="application/json",
        delivery_mode=2,
        headers={
            "x-reason": "Permanent: no such slot",
            "x-attempts": 5,
            "x-died-at": datetime(2026, 11, 23, 13, tzinfo=UTC).isoformat(),
            "traceparent": "00-aa-bb-01",
        },
    )
    await channel.basic_publish(body.encode(), routing_key=f"{queue}.dead", properties=properties)


async def count(channel: Any, queue: str) -> int:
    return int((await channel.queue_declare(queue, passive=True)).message_count)


def listed(installation: Any, queues: list[str]) -> list[dict[str, Any]]:
    letters = json.loads(installation.run("dead", "list", "--json").stdout)
    return [letter for letter in letters if letter["queue"] in queues]


async def test_a_list_tells_where_what_why_and_when_and_takes_nothing_away(
    installation: Any, channel: Any, queues: list[str]
) -> None:
    first, second = queues
    for number, queue in enumerate((first, first, second)):
        await die(channel, queue, number)
    letters = listed(installation, queues)
    assert [(letter["queue"], letter["id"]) for letter in letters] == [(first, "e0"), (first, "e1"), (second, "e2")]
    assert letters[0] == {
        "queue": first,
        "id": "e0",
        "fact": "receptionist.test.thing_happened.v1",
        "reason": "Permanent: no such slot",
        "attempts": 5,
        "at": "2026-11-23T10:00:00-03:00",
    }
    assert listed(installation, queues) == letters
    assert "segredo" not in installation.run("dead", "list").stdout


async def test_show_prints_the_body(installation: Any, channel: Any, queues: list[str]) -> None:
    await die(channel, queues[0], 7)
    (shown,) = json.loads(installation.run("dead", "show", "e7", "--json").stdout)
    assert shown["body"]["data"] == {"text": "segredo"}
    none = installation.run("dead", "show", "nobody")
    assert (none.returncode, none.stdout) == (1, "")


async def test_a_replayed_letter_goes_to_its_own_queue_fresh_and_only_once(
    installation: Any, channel: Any, queues: list[str]
) -> None:
    first, second = queues
    for number, queue in enumerate((first, first, second)):
        await die(channel, queue, number)
    done = installation.run("dead", "replay", "e1")
    assert (done.returncode, done.stdout) == (0, "1 sent back to work\n")
    assert [await count(channel, queue) for queue in queues] == [1, 0]
    assert [letter["id"] for letter in listed(installation, queues)] == ["e0", "e2"]
    message = await channel.basic_get(first, no_ack=True)
    properties = message.header.properties
    assert properties.message_id == "e1"
    assert {name for name in properties.headers if name != "x-delivery-count"} == {"traceparent"}  # the broker counts
    assert json.loads(message.body)["data"] == {"text": "segredo"}


async def test_a_letter_that_dies_again_at_once_is_replayed_once(
    installation: Any, channel: Any, queues: list[str]
) -> None:
    """A consumer that fails at once puts its letters back while others are still being replayed."""
    first, _ = queues
    for number in range(3):
        await die(channel, first, number)

    async def fail(message: Any) -> None:
        await channel.basic_publish(
            message.body, routing_key=f"{first}.dead", properties=message.header.properties, mandatory=True
        )
        await channel.basic_ack(message.delivery_tag)

    await channel.basic_consume(first, fail)
    async with asyncio.timeout(20):
        replaying = installation.start("dead", "replay", "--queue", first)
        while replaying.poll() is None:
            await asyncio.sleep(0.02)
        assert replaying.stdout.read() == "3 sent back to work\n"
        while await count(channel, f"{first}.dead") < 3:
            await asyncio.sleep(0.02)


async def test_dropped_letters_are_gone_and_the_others_stay(installation: Any, channel: Any, queues: list[str]) -> None:
    first, second = queues
    for number, queue in enumerate((first, first, second)):
        await die(channel, queue, number)
    assert installation.run("dead", "drop", "e0").stdout == "1 dropped\n"
    assert installation.run("dead", "drop", "--queue", second).stdout == "1 dropped\n"
    assert [letter["id"] for letter in listed(installation, queues)] == ["e1"]
    assert await count(channel, first) == 0


async def test_an_id_that_is_not_there_is_told_and_the_rest_is_done(
    installation: Any, channel: Any, queues: list[str]
) -> None:
    await die(channel, queues[0], 1)
    await die(channel, queues[1], 1)
    done = installation.run("dead", "drop", "e1", "nobody")
    assert (done.returncode, done.stdout) == (1, "2 dropped\n")
    assert "not every id was found" in done.stderr


@pytest.mark.parametrize("what", ["replay", "drop"])
def test_nothing_is_done_to_all_letters_unless_that_is_said(installation: Any, what: str) -> None:
    done = installation.run("dead", what)
    assert done.returncode == 2
    assert "--all" in done.stderr


@pytest.mark.parametrize("what", ["replay", "drop"])
async def test_a_queue_that_is_not_there_is_told(installation: Any, queues: list[str], what: str) -> None:
    done = installation.run("dead", what, "--queue", f"{queues[0]}x")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"there is no queue {queues[0]}x; see ./assistant dead list\n"
    assert installation.run("dead", what, "--queue", queues[0]).returncode == 0


async def test_a_system_that_was_started_otherwise_has_the_queues_of_the_contracts(
    installation: Any, channel: Any
) -> None:
    queue = "calendar.dialogue.booking_requested.v1"
    await channel.queue_declare(f"{queue}.dead", durable=True, arguments={"x-queue-type": "quorum"})
    number = uuid4().int
    await die(channel, queue, number)
    shown = installation.run("dead", "show", f"e{number}", "--json")
    dropped = installation.run("dead", "drop", "--queue", queue, f"e{number}")
    assert [each["queue"] for each in json.loads(shown.stdout or "[]")] == [queue]
    assert dropped.stdout == "1 dropped\n"


def test_without_a_broker_there_is_one_clear_line(installation: Any) -> None:
    none = installation.run("dead", "list", RABBITMQ_URL="")
    away = installation.run("dead", "list", RABBITMQ_URL="amqp://127.0.0.1:9/")
    nonsense = installation.run("dead", "list", RABBITMQ_URL="nonsense")
    assert (none.returncode, away.returncode, nonsense.returncode) == (1, 1, 1)
    assert len(nonsense.stderr.splitlines()) == 1
    assert "no broker is known" in none.stderr
    assert "see ./assistant status" in away.stderr
    assert len(away.stderr.splitlines()) == 1


def test_a_broker_that_hangs_is_given_up(installation: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs:  # takes a connection and never answers
        done = installation.run("dead", "list", RABBITMQ_URL=f"amqp://127.0.0.1:{hangs.getsockname()[1]}/")
    assert done.returncode == 1
    assert "the broker does not do it (TimeoutError)" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "[/bold]", "id": "[/red]"}',
        b'{"type": {"a": [1]}, "id": ["x"]}',
        b'{"type": "\\u001b[31mred", "text": "\\ud800"}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
    ids=["markup", "no texts", "no signs", "deep", "no UTF-8"],
)
async def test_whatever_is_in_a_body_can_be_listed_and_shown(
    installation: Any, channel: Any, queues: list[str], body: bytes
) -> None:
    await channel.basic_publish(body, routing_key=f"{queues[0]}.dead")
    (letter,) = listed(installation, queues)
    listing = installation.run("dead", "list")
    assert (listing.returncode, listing.stderr) == (0, "")
    assert letter["id"] in listing.stdout
    assert "\x1b" not in listing.stdout
    for as_json in ((), ("--json",)):
        (shown,) = json.loads(installation.run("dead", "show", letter["id"], *as_json).stdout)
        assert shown["queue"] == queues[0]
    assert installation.run("dead", "drop", "--queue", queues[0]).stdout == "1 dropped\n"


async def test_a_quarantined_body_is_listed_with_its_reason_and_is_not_replayed(
    installation: Any, channel: Any
) -> None:
    queue = "ingress.quarantine"
    await channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    body = f"{{not json {uuid4()}".encode()
    headers = {"x-reason": "not JSON"}
    await channel.basic_publish(body, routing_key=queue, properties=aiormq.spec.Basic.Properties(headers=headers))
    before = await count(channel, queue)
    letters = listed(installation, [queue])
    (letter,) = [one for one in letters if one["reason"] == "not JSON"]
    assert (letter["fact"], letter["attempts"]) == (None, None)
    assert installation.run("dead", "replay", letter["id"]).returncode == 1
    assert await count(channel, queue) == before
    assert installation.run("dead", "drop", letter["id"]).stdout == "1 dropped\n"


@contextlib.asynccontextmanager
async def deaf(url: str, after: bytes) -> AsyncIterator[str]:
    """The address of a way to the broker on which it hears nothing more from the first piece on that holds `after`."""
    broker = urlsplit(url)

    async def carry(client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        there, out = await asyncio.open_connection(broker.hostname, broker.port)
        back = asyncio.create_task(_pour(there, answer))
        while (piece := await client.read(65536)) and after not in piece:
            out.write(piece)
        while await client.read(65536):
            pass
        out.close()
        await back

    async with await asyncio.start_server(carry, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        yield urlunsplit(broker._replace(netloc=f"{broker.netloc.rpartition(':')[0]}:{port}"))


async def _pour(one: asyncio.StreamReader, other: asyncio.StreamWriter) -> None:
    while piece := await one.read(65536):
        other.write(piece)
    other.close()


async def test_a_broker_that_takes_nothing_is_said_and_the_letter_stays(
    installation: Any, channel: Any, queues: list[str], amqp_url: str
) -> None:
    """As RabbitMQ under a memory or disk alarm, which hears nothing more of a connection that publishes."""
    await die(channel, queues[0], 7)
    async with deaf(amqp_url, after=b'"id": "e7"') as url:
        done = await asyncio.to_thread(installation.run, "dead", "replay", "--queue", queues[0], RABBITMQ_URL=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the broker does not do it (TimeoutError)" in " ".join(done.stderr.split())

    async def is_back() -> bool:
        return await count(channel, f"{queues[0]}.dead") == 1

    async with asyncio.timeout(10):
        while not await is_back():
            await asyncio.sleep(0.05)
