"""What leaves in one round of the event loop leaves in one write, in order, and nothing stays behind."""

import asyncio
from typing import Any, cast

import pytest
from chassis.broker import consuming, publishing
from chassis.joining import JoiningConnection, JoiningWriter
from yarl import URL


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


async def test_what_is_written_in_one_round_is_one_write() -> None:
    writer, socket = a_writer()
    writer.write(b"one ")
    writer.write(b"two")
    assert socket.told == []
    await asyncio.sleep(0)
    writer.write(b"three")
    await asyncio.sleep(0)
    assert socket.told == [b"one two", b"three"]


async def test_who_waits_for_the_socket_has_it_written_at_once() -> None:
    writer, socket = a_writer()
    writer.write(b"one")
    await writer.drain()
    await asyncio.sleep(0)
    assert socket.told == [b"one", "drained"]


async def test_what_is_left_is_written_before_the_end() -> None:
    writer, socket = a_writer()
    writer.write(b"last words")
    writer.write_eof()
    writer.close()
    await asyncio.sleep(0)
    assert socket.told == [b"last words", "eof", "closed"]


async def test_nothing_is_written_to_a_socket_that_is_gone() -> None:
    writer, socket = a_writer()
    writer.write(b"too late")
    socket.closing = True
    await asyncio.sleep(0)
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
