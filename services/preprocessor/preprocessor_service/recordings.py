"""Where a voice note's bytes are had: sent along, at an address of the channel's storage, or from the channel itself.

Source: Evolution API 2.3: `message.base64`, `message.mediaUrl`, `POST /chat/getBase64FromMediaMessage/{instance}`.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

import httpx
from chassis.breaker import Breakers
from chassis.errors import Permanent, Unavailable
from chassis.logging import get_logger
from chassis.telemetry.http import calling
from contracts.ingress import ChannelKey, Media
from pydantic import SecretStr

log = get_logger(__name__)

FETCH_WITHIN_S = 6.0
MOST_BYTES = 10_000_000
"""Of base64: half an hour of speech. A question that holds more would be a burden for the broker."""
MOST_FILE_BYTES = MOST_BYTES * 3 // 4


@dataclass(frozen=True)
class Answer:
    """What an address answered; `body` is `None` when it is too long, `location` where a redirect leads."""

    status: int
    body: bytes | None = field(repr=False)
    kind: str | None = None
    location: str | None = field(default=None, repr=False)

    def json(self) -> Any:
        """Return its document; an empty one when there is none. Raises `ValueError`."""
        return httpx.Response(self.status, content=self.body).json() if self.body else {}


@dataclass(frozen=True)
class Recording:
    """A voice note in base64, and its type as whoever gave it says."""

    audio: str = field(repr=False)
    mimetype: str | None = None


class ChannelFiles:
    """The files of media messages, from an Evolution API."""

    def __init__(self, url: str, api_key: SecretStr, breakers: Breakers) -> None:
        self._url = url.rstrip("/")
        self._api_key = api_key
        self._breakers = breakers

    async def fetch(self, key: ChannelKey) -> Recording:
        """Return a file. Raises `Unavailable`, or `Permanent` when there is no such file."""
        async with guarded(self._breakers, "evolution"):
            status, document = await self._post(key)
        file, mimetype = document.get("base64"), document.get("mimetype")
        if not isinstance(file, str) or not file:
            raise Permanent(f"evolution: no file (HTTP {status})")
        return Recording(file, mimetype if isinstance(mimetype, str) else None)

    async def _post(self, key: ChannelKey) -> tuple[int, dict[str, Any]]:
        """Ask for the file. A refusal is an answer, a server's trouble an `httpx.HTTPStatusError`."""
        address = f"{self._url}/chat/getBase64FromMediaMessage/{quote(key.instance, safe='')}"
        asked = {"message": {"key": {"id": key.id}}, "convertToMp4": False}
        headers = {"apikey": self._api_key.get_secret_value()}
        answer = await read("POST", address, MOST_BYTES, json=asked, headers=headers)
        document = answer.json()
        is_one = isinstance(document, dict) and answer.status < httpx.codes.BAD_REQUEST
        return answer.status, document if is_one else {}


class Files(Protocol):
    """The files of a channel that has its own way to them."""

    async def fetch(self, media: Media | None) -> Recording:
        """Return a message's file. Raises `Unavailable`, or `Permanent` when there is no such file."""


class Recordings:
    """Finds a voice note wherever it is; without `channel` only what was sent along or has an address.

    `others` are the channels without Evolution, by how the names of their instances begin.
    """

    def __init__(
        self, channel: ChannelFiles | None, breakers: Breakers, others: Mapping[str, Files] | None = None
    ) -> None:
        self._channel = channel
        self._breakers = breakers
        self._others = others or {}

    async def of(self, key: ChannelKey, media: Media | None) -> Recording:
        """Return a message's recording. Raises `Unavailable` or `Permanent`."""
        if media and media.content:
            return Recording(media.content, media.mimetype)
        if other := self._others.get(key.instance.partition(":")[0]):
            return await other.fetch(media)
        if media and media.url:
            try:
                return await self._download(media.url)
            except (Unavailable, Permanent) as error:
                log.warning("recording_not_at_its_address", message=key.id, error=type(error).__name__)
        if self._channel is None:
            raise Unavailable("nobody said where the channel is")
        return await self._channel.fetch(key)

    async def _download(self, url: str) -> Recording:
        async with guarded(self._breakers, "media"):
            answer = await read("GET", url, MOST_FILE_BYTES)
        return recording(answer, where="media")


def recording(answer: Answer, *, where: str) -> Recording:
    """Return what was downloaded. Raises `Permanent` when that is no file."""
    if answer.status != httpx.codes.OK or not answer.body:
        raise Permanent(f"{where}: no file (HTTP {answer.status})")
    is_audio = answer.kind is not None and answer.kind.startswith("audio/")
    return Recording(base64.b64encode(answer.body).decode(), answer.kind if is_audio else None)


@asynccontextmanager
async def guarded(breakers: Breakers, dependency: str) -> AsyncIterator[None]:
    """Bound a fetch in time, and count its trouble. Raises `Unavailable`, which names no address."""
    try:
        async with breakers.guard(dependency), asyncio.timeout(FETCH_WITHIN_S):
            yield
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
        raise Unavailable(f"{dependency}: {type(error).__name__}") from error


async def read(method: str, url: str, most: int, **request: Any) -> Answer:
    """Return what an address answers, with at most `most` bytes; no redirect is followed."""
    with calling(method, "/media", httpx.URL(url).host) as call:
        async with (
            httpx.AsyncClient(timeout=FETCH_WITHIN_S) as client,
            client.stream(method, url, **request) as response,
        ):
            call.answered(response.status_code)
            return await _body(response, most)


async def _body(response: httpx.Response, most: int) -> Answer:
    if response.is_server_error:
        response.raise_for_status()
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > most:
            return Answer(response.status_code, None)
    kind, location = response.headers.get("content-type"), response.headers.get("location")
    return Answer(response.status_code, bytes(body), kind, location)


def files_of(url: str | None, api_key: SecretStr | None, breakers: Breakers) -> ChannelFiles | None:
    """Return the channel's files, `None` when nobody said where the channel is."""
    return None if url is None or api_key is None else ChannelFiles(url, api_key, breakers)
