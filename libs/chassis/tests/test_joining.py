"""What leaves in one round, or while a connection waits for its turn, is one write; in order, nothing stays behind."""

import asyncio
from typing import Any, cast

import pytest
from aiormq.abc import ChannelFrame
from chassis.broker import consuming, publishing
from chassis.joining import AT_ONCE, PACE_S, JoiningConnection, JoiningWriter
from pamqp.commands import Basic, Queue
from yarl import URL


def frame(*methods: Any) -> bytes:
    """Encode what leaves in one write, as aiormq does."""
    return ChannelFrame.marshall(1, methods).payload


WORD = frame(Basic.Ack(7))
"""One of the many things that may wait for the next turn."""


class Socket:
    """Stands for a stream writer: notes what it is told."""

    def __init__(self) -> None:
        self.told: list[bytes | str] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        self.told.append(data)

    def write_eof(self) -> None:
        self.told.append("eof")

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True
        self.told.append("closed")

    async def drain(self) -> None:
        self.told.append("drained")


def a_writer() -> tuple[JoiningWriter, Socket]:
    socket = Socket()
    return JoiningWriter(cast("Any", socket)), socket


async def a_round() -> None:
    """Let the event loop do what is due: it looks at its timers after what is ready."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_what_is_written_in_one_round_is_one_write() -> None:
    writer, socket = a_writer()
    writer.write(b"one ")
    writer.write(b"two")
    assert socket.told == []
    await a_round()
    writer.write(b"three")
    await a_round()
    assert socket.told == [b"one two", b"three"]


async def test_who_writes_much_waits_for_the_next_turn_and_who_was_silent_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = 100.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: at)
    writer, socket = a_writer()
    for _ in range(AT_ONCE + 3):
        writer.write(WORD)
        await a_round()
    assert socket.told == [WORD] * AT_ONCE
    at += PACE_S
    await a_round()
    assert socket.told == [*[WORD] * AT_ONCE, WORD * 3]
    at += PACE_S * AT_ONCE
    for _ in range(AT_ONCE):
        writer.write(WORD)
        await a_round()
    assert socket.told[AT_ONCE + 1 :] == [WORD] * AT_ONCE


async def test_what_is_asked_of_the_broker_itself_waits_for_no_turn_and_takes_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: 100.0)
    writer, socket = a_writer()
    question = frame(Queue.Declare(queue="ours"))
    for _ in range(AT_ONCE * 3):
        writer.write(question)
        await a_round()
    for _ in range(AT_ONCE):
        writer.write(WORD)
        await a_round()
    assert socket.told == [question] * AT_ONCE * 3 + [WORD] * AT_ONCE
    writer.write(WORD)
    await a_round()
    assert len(socket.told) == AT_ONCE * 4, "this one waits"
    writer.write(question)
    await a_round()
    assert socket.told[-1] == WORD + question, "in the order in which it was said"


async def test_who_waits_for_the_socket_has_it_written_at_once() -> None:
    writer, socket = a_writer()
    writer.write(b"one")
    await writer.drain()
    await a_round()
    assert socket.told == [b"one", "drained"]


async def test_what_is_left_is_written_before_the_end() -> None:
    writer, socket = a_writer()
    writer.write(b"last words")
    writer.write_eof()
    writer.close()
    await a_round()
    assert socket.told == [b"last words", "eof", "closed"]


async def test_nothing_is_written_to_a_socket_that_is_gone() -> None:
    writer, socket = a_writer()
    writer.write(b"too late")
    socket.closing = True
    await a_round()
    assert socket.told == []


@pytest.mark.stores
async def test_both_connections_of_a_service_are_opened_with_such_writers(amqp_url: str) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.read(100))
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for broker in (consuming(amqp_url, "joiner"), publishing(amqp_url, "joiner")):
            async with broker:
                connection = await broker.connect()
                assert isinstance(connection, JoiningConnection)
                _, writer = await connection.kwargs["transport_factory"].create(URL(f"amqp://127.0.0.1:{port}"))
                assert isinstance(writer, JoiningWriter)
                writer.write(b"one ")
                writer.write(b"two")
                assert await heard.get() == b"one two"
                writer.close()
                await writer.wait_closed()


@pytest.mark.stores
async def test_a_connection_that_ends_while_it_rests_is_left_alone(amqp_url: str) -> None:
    troubles: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, trouble: troubles.append(trouble))
    async with consuming(amqp_url, "joiner") as broker:
        connection = cast("JoiningConnection", await broker.connect())
        connection.rest(0.05)
        connection.rest(0.05)
        await connection.close()
        connection.rest(0.05)
        await asyncio.sleep(0.1)
    assert troubles == []
