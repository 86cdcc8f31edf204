"""Voice notes become text: their bytes from the channel, their words from llm-gateway, both within a bound.

Source: Evolution API 2.3, `POST /chat/getBase64FromMediaMessage/{instance}`.
"""

import asyncio
from typing import Any
from urllib.parse import quote

import httpx
from chassis.breaker import Breakers
from chassis.errors import Permanent, Transient, Unavailable
from chassis.line import Line
from chassis.logging import get_logger
from chassis.telemetry import span
from contracts.ingress import ChannelKey, MessageReceived
from contracts.llm_gateway import Transcribe, Transcription
from pydantic import SecretStr

from preprocessor_service.domain import Heard

log = get_logger(__name__)

HEAR_WITHIN_S = 15.0
"""The whole of it; a parent who waits longer would rather be asked to write."""
FETCH_WITHIN_S = 6.0
MOST_BYTES = 10_000_000
"""Of base64: half an hour of speech. A question that holds more would be a burden for the broker."""


class ChannelFiles:
    """The files of media messages, from an Evolution API."""

    def __init__(self, url: str, api_key: SecretStr, breakers: Breakers) -> None:
        self._url = url.rstrip("/")
        self._api_key = api_key
        self._breakers = breakers

    async def fetch(self, key: ChannelKey) -> tuple[str, str | None]:
        """Return a file as base64, and its type. Raises `Unavailable`, or `Permanent` when there is no such file."""
        try:
            async with self._breakers.guard("evolution"), asyncio.timeout(FETCH_WITHIN_S):
                status, document = await self._post(key)
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise Unavailable(f"evolution: {type(error).__name__}") from error
        file, mimetype = document.get("base64"), document.get("mimetype")
        if not isinstance(file, str) or not file:
            raise Permanent(f"evolution: no file (HTTP {status})")
        return file, mimetype if isinstance(mimetype, str) else None

    async def _post(self, key: ChannelKey) -> tuple[int, dict[str, Any]]:
        """Ask for the file. A refusal is an answer, a server's trouble an `httpx.HTTPStatusError`."""
        address = f"{self._url}/chat/getBase64FromMediaMessage/{quote(key.instance, safe='')}"
        asked = {"message": {"key": {"id": key.id}}, "convertToMp4": False}
        headers = {"apikey": self._api_key.get_secret_value()}
        async with (
            httpx.AsyncClient(timeout=FETCH_WITHIN_S) as client,
            client.stream("POST", address, json=asked, headers=headers) as response,
        ):
            if response.is_server_error:
                response.raise_for_status()
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    return response.status_code, {}
        document: Any = httpx.Response(response.status_code, content=bytes(body)).json()
        return response.status_code, document if isinstance(document, dict) and response.is_success else {}


def files_of(url: str | None, api_key: SecretStr | None, breakers: Breakers) -> ChannelFiles | None:
    """Return the channel's files, `None` when nobody said where the channel is."""
    return None if url is None or api_key is None else ChannelFiles(url, api_key, breakers)


class Ears:
    """Listens to voice notes; without the channel's files nothing can be heard."""

    def __init__(self, line: Line, files: ChannelFiles | None) -> None:
        self._line = line
        self._files = files

    async def hear(self, message: MessageReceived) -> Heard:
        """Return what a voice note says; whatever goes wrong, the conversation goes on without."""
        if self._files is None or (message.media and (message.media.bytes or 0) > MOST_BYTES):
            return Heard()
        try:
            with span("preprocessor.hear"):
                async with asyncio.timeout(HEAR_WITHIN_S):
                    answer = await self._ask(message, self._files)
        except (Transient, Permanent, TimeoutError) as error:
            log.warning("voice_note_unheard", message=message.key.id, error=type(error).__name__)
            return Heard()
        if answer.refusal is not None:
            log.info("voice_note_unheard", message=message.key.id, refusal=answer.refusal)
        return Heard(answer.text or "", answer.confidence)

    async def _ask(self, message: MessageReceived, files: ChannelFiles) -> Transcription:
        audio, mimetype = await files.fetch(message.key)
        media = message.media
        question = Transcribe(
            audio=audio,
            mimetype=mimetype or (media.mimetype if media else None) or "audio/ogg; codecs=opus",
            seconds=media.seconds if media else None,
        )
        answer: Transcription = await self._line.ask(question, within_s=HEAR_WITHIN_S)
        return answer
