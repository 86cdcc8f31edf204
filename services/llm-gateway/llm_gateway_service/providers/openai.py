"""OpenAI through its own client: chat completions with structured outputs, and transcriptions.

The client's typed methods rewrite every request and response by their annotations, which takes longer than all that is
done here; its `post` takes the same body as it is. Source: the API reference of OpenAI; a compatible
server behind another address is asked in the same way.
"""

import math
from typing import Any, Self

import httpx2
import openai
from contracts.llm_gateway import Provider as Name
from pydantic import SecretStr

from llm_gateway_service.catalogue import read_catalogue
from llm_gateway_service.domain import Usage
from llm_gateway_service.providers.answers import TRANSCRIPTION_CONFIDENCE, Answer, Patience, Prompt, Said
from llm_gateway_service.providers.errors import Declined, ProviderFailed, Unusable, of_connection, of_status
from llm_gateway_service.providers.events import events
from llm_gateway_service.schema import is_strict

PATH = "/chat/completions"
STREAM = openai.AsyncStream[Any]
_ERRORS = (openai.OpenAIError, httpx2.TransportError, ValueError)
_EXTENSIONS = {"mpeg": "mp3", "mp3": "mp3", "mp4": "m4a", "m4a": "m4a", "aac": "m4a", "wav": "wav", "webm": "webm"}


class OpenAi:
    """Asks OpenAI."""

    name: Name = "openai"

    def __init__(self, api_key: SecretStr, base_url: str) -> None:
        self._client = openai.AsyncOpenAI(api_key=api_key.get_secret_value(), base_url=base_url, max_retries=0)

    async def complete(self, prompt: Prompt, model: str, patience: Patience) -> Said:
        """Answer a prompt: words as a stream, a shape in one piece. Raises `ProviderFailed`, `TimeoutError`."""
        said, body = _Pieces(), _body(prompt, model)
        try:
            async with patience.bounds() as first:
                if not prompt.is_streamed:
                    whole = await self._client.post(PATH, cast_to=httpx2.Response, body=body, options=_within(patience))
                    return said.take(whole.json()).whole()
                async with await self._client.post(
                    PATH, cast_to=object, body=body, options=_within(patience), stream=True, stream_cls=STREAM
                ) as stream:
                    async for chunk in events(stream.response.aiter_lines()):
                        first.note()
                        said.take(chunk)
        except _ERRORS as error:
            raise _sorted(error) from error
        return said.whole()

    async def transcribe(self, audio: bytes, mimetype: str, model: str, patience: Patience) -> Answer:
        """Listen to a voice note. Raises `ProviderFailed`, `TimeoutError`."""
        wanted: dict[str, Any] = {"include": ["logprobs"]} if read_catalogue().of(model).logprobs else {}
        try:
            async with patience.bounds() as first:
                first.note()  # words come all at once, and not so soon
                heard = await self._client.audio.transcriptions.create(
                    model=model,
                    file=(f"voice.{_extension(mimetype)}", audio, mimetype.partition(";")[0]),
                    language="pt",
                    response_format="json",
                    timeout=patience.total_s,
                    **wanted,
                )
        except _ERRORS as error:
            raise _sorted(error) from error
        return _read_transcription(heard)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()


def _within(patience: Patience) -> openai.RequestOptions:
    return {"timeout": patience.total_s}


class _Pieces:
    """Puts the pieces of a completion together; a whole one is one piece."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._usage: Usage | None = None
        self._finished: str | None = None
        self._refused = False

    def take(self, piece: dict[str, Any]) -> Self:
        """Take one piece in. Raises `ProviderFailed` when it is an error, `ValueError` when it is no piece."""
        try:
            if piece.get("error"):
                raise ProviderFailed("server", is_billed=True)
            if used := piece.get("usage"):
                cached = (used.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
                self._usage = Usage(used["prompt_tokens"], used["completion_tokens"], cached_tokens=cached)
            for choice in piece.get("choices") or ():
                self._finished = choice.get("finish_reason") or self._finished
                words = choice["delta" if "delta" in choice else "message"]
                self._refused |= bool(words.get("refusal"))
                self._texts.append(words.get("content") or "")
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no piece of a completion") from error
        return self

    def whole(self) -> Said:
        """Return everything. Raises `ProviderFailed` when it is not all, or not meant to be used."""
        if self._refused or self._finished == "content_filter":
            raise Declined("filtered", self._usage)
        if self._finished is None:
            raise ProviderFailed("connection", is_billed=True, usage=self._usage)
        if self._finished != "stop":
            raise Unusable("truncated", self._usage)
        if self._usage is None:  # what nobody can book is not used
            raise Unusable
        return Said("".join(self._texts), self._usage)


def _body(prompt: Prompt, model: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": each.role, "content": each.content} for each in prompt.messages],
        "max_completion_tokens": prompt.max_tokens,
    }
    if prompt.is_streamed:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    if prompt.schema is not None:
        shape = {"name": prompt.task, "schema": prompt.schema, "strict": is_strict(prompt.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    if effort := read_catalogue().of(model).reasoning:
        body["reasoning_effort"] = effort
    return body


def _sorted(error: Exception) -> ProviderFailed:
    match error:
        case openai.APITimeoutError():
            return ProviderFailed("timeout", is_billed=True)
        case openai.APIConnectionError():
            return of_connection(error)
        case openai.APIStatusError():
            code = f"{error.code or ''} {error.type or ''}"
            return of_status(error.status_code, code, error.response.headers.get("retry-after"))
        case httpx2.TransportError():  # in the middle of a stream
            return ProviderFailed("connection", is_billed=True)
        case _:  # a body that is not the API's
            return Unusable()


def _read_transcription(heard: Any) -> Answer:
    said = getattr(heard, "text", None)
    if not isinstance(said, str):
        raise Unusable
    used = getattr(heard, "usage", None)
    usage = Usage(
        getattr(used, "input_tokens", 0), getattr(used, "output_tokens", 0), float(getattr(used, "seconds", 0) or 0)
    )
    if usage == Usage():
        raise Unusable
    return Answer(usage, text=said.strip(), confidence=_confidence(getattr(heard, "logprobs", None)))


def _confidence(tokens: Any) -> float:
    """Return the geometric mean of the tokens' probabilities."""
    logs = [each.logprob for each in tokens or () if each.logprob is not None]
    return min(math.exp(math.fsum(logs) / len(logs)), 1.0) if logs else TRANSCRIPTION_CONFIDENCE


def _extension(mimetype: str) -> str:
    """Name the format as OpenAI wants it: by the file's name."""
    kind = mimetype.partition(";")[0].partition("/")[2].removeprefix("x-").lower()
    return _EXTENSIONS.get(kind, "ogg")
