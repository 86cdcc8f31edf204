"""Calls over real sockets: what is certain about a call that failed, and what is not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest
from postprocessor_service.channels.rest import NeverLeft, NoAnswer, Rest

Conduct: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A server that behaves as told, and remembers its connections and the requests' bytes."""

    def __init__(self, conduct: Conduct) -> None:
        self.conduct = conduct
        self.connections = 0
        self.requests: list[bytes] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.append(asyncio.current_task())  # type: ignore[arg-type]  # there is one
        try:
            while head := await _request(reader):
                self.requests.append(head)
                await self.conduct(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


def answering(status: str, body: bytes, *headers: str) -> Conduct:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]

    async def conduct(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return conduct


async def hangs(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await writer.drain()
    await asyncio.Event().wait()


async def hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def stops_in_the_middle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"key"')
    await writer.drain()
    writer.close()


@asynccontextmanager
async def before(conduct: Conduct) -> AsyncIterator[tuple[Rest, Server]]:
    told = Server(conduct)
    server = await asyncio.start_server(told.serve, "127.0.0.1", 0)
    rest = Rest(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/base/", {"apikey": "k"})
    try:
        yield rest, told
    finally:
        await rest.close()
        server.close()
        for task in told.tasks:
            task.cancel()
        await asyncio.gather(*told.tasks, return_exceptions=True)
        await server.wait_closed()


async def test_an_answer_is_its_status_and_its_json() -> None:
    async with before(answering("201 Created", b'{"a": 1}')) as (rest, told):
        assert await rest.post("/message/sendText/kumon", {"text": "Olá!"}, 2) == (201, {"a": 1})
        (request,) = told.requests
        assert request.startswith(b"POST /base/message/sendText/kumon HTTP/1.1\r\n")
        assert b"apikey: k" in request


async def test_what_is_no_json_is_nothing() -> None:
    async with before(answering("502 Bad Gateway", b"<html>")) as (rest, _):
        assert await rest.post("/x/y", {}, 2) == (502, None)


async def test_a_redirection_is_not_followed() -> None:
    async with before(answering("302 Found", b"", "Location: /elsewhere")) as (rest, told):
        assert await rest.post("/x/y", {}, 2) == (302, None)
        assert len(told.requests) == 1


async def test_a_form_is_sent_as_such() -> None:
    async with before(answering("201 Created", b"{}")) as (rest, told):
        await rest.post_form("/x/y", {"Body": "Olá & tchau"}, 2)
        (request,) = told.requests
        assert request.endswith(b"Body=Ol%C3%A1+%26+tchau")


async def test_a_connection_serves_many_calls() -> None:
    async with before(answering("200 OK", b"{}")) as (rest, told):
        for _ in range(5):
            await rest.get("/x/y", {"q": "1"}, 2)
        assert (told.connections, len(told.requests)) == (1, 5)


async def test_a_connection_that_was_refused_sent_nothing() -> None:
    async with before(answering("200 OK", b"{}")) as (_, told):
        pass
    rest = Rest("http://127.0.0.1:9/", {})
    with pytest.raises(NeverLeft):
        await rest.post("/x/y", {}, 2)
    await rest.close()
    assert told.requests == []


@pytest.mark.parametrize("conduct", [hangs, hangs_up, stops_in_the_middle])
async def test_what_was_sent_and_not_answered_may_have_happened_and_is_not_repeated(conduct: Conduct) -> None:
    async with before(conduct) as (rest, told):
        with pytest.raises(NoAnswer):
            await rest.post("/x/y", {"text": "Olá!"}, 0.3)
        assert len(told.requests) == 1
