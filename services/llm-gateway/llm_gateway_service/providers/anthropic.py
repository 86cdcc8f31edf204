"""Anthropic through its own client: messages, with the bodies as they are on the wire (as in `openai.py`).

A shape is asked for as structured output where it can be kept to strictly, else as the input of a tool that must be
used. What every prompt begins with is marked for Anthropic's cache. Source: the API reference of Anthropic (Messages,
structured outputs, tool use, prompt caching).
"""

import json
from typing import Any, Self

import anthropic
import httpx2
from contracts.llm_gateway import Provider as Name
from pydantic import SecretStr

from llm_gateway_service.domain import Usage
from llm_gateway_service.policy import Kind
from llm_gateway_service.providers.answers import Patience, Prompt, Said
from llm_gateway_service.providers.errors import Declined, ProviderFailed, Unusable, of_connection, of_status
from llm_gateway_service.providers.events import events
from llm_gateway_service.schema import is_strict

PATH = "/v1/messages"
STREAM = anthropic.AsyncStream[Any]
TOOL = "answer"


class Anthropic:
    """Asks Anthropic."""

    name: Name = "anthropic"

    def __init__(self, api_key: SecretStr, base_url: str) -> None:
        self._client = anthropic.AsyncAnthropic(api_key=api_key.get_secret_value(), base_url=base_url, max_retries=0)

    async def complete(self, prompt: Prompt, model: str, patience: Patience) -> Said:
        """Answer a prompt: words as a stream, a shape in one piece. Raises `ProviderFailed`, `TimeoutError`."""
        said, body = _Pieces(), _body(prompt, model)
        try:
            async with patience.bounds() as first:
                if not prompt.is_streamed:
                    whole = await self._client.post(PATH, cast_to=httpx2.Response, body=body, options=_within(patience))
                    return said.take_all(whole.json()).whole()
                async with await self._client.post(
                    PATH, cast_to=object, body=body, options=_within(patience), stream=True, stream_cls=STREAM
                ) as stream:
                    async for event in events(stream.response.aiter_lines()):
                        if event.get("type") not in {"message_start", "ping"}:
                            first.note()
                        said.take(event)
        except (anthropic.AnthropicError, httpx2.TransportError, ValueError) as error:
            raise _sorted(error) from error
        return said.whole()

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()


def _within(patience: Patience) -> anthropic.RequestOptions:
    return {"timeout": patience.total_s}


class _Pieces:
    """Puts the pieces of a message together."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._read: Usage | None = None
        self._made: int | None = None
        self._stopped: str | None = None
        self._ended = False

    def take_all(self, message: dict[str, Any]) -> Self:
        """Take a whole message in. Raises `ValueError` when it is none."""
        try:
            self._read, self._made = _read(message["usage"]), message["usage"]["output_tokens"]
            self._stopped, self._ended = message["stop_reason"], True
            for block in message["content"]:
                self._texts.append(json.dumps(block["input"]) if "input" in block else block.get("text") or "")
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no message") from error
        return self

    def take(self, event: dict[str, Any]) -> None:
        """Take one event in. Raises `ProviderFailed` when it is an error, `ValueError` when it is no event."""
        try:
            match event["type"]:
                case "message_start":
                    self._read = _read(event["message"]["usage"])
                case "content_block_delta":
                    delta = event["delta"]
                    self._texts.append(delta.get("text") or delta.get("partial_json") or "")
                case "message_delta":
                    self._stopped = event["delta"].get("stop_reason") or self._stopped
                    self._made = event["usage"]["output_tokens"]
                case "message_stop":
                    self._ended = True
                case "error":
                    kind: Kind = "overloaded" if event["error"].get("type") == "overloaded_error" else "server"
                    raise ProviderFailed(kind, is_billed=True)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no event of a message") from error

    def whole(self) -> Said:
        """Return everything. Raises `ProviderFailed` when it is not all, or not meant to be used."""
        usage = self._usage()
        if self._stopped == "refusal":
            raise Declined("filtered", usage)
        if not self._ended:
            raise ProviderFailed("connection", is_billed=True)
        if self._stopped not in {"end_turn", "stop_sequence", "tool_use"}:
            raise Unusable("truncated", usage)
        if usage is None:  # what nobody can book is not used
            raise Unusable
        return Said("".join(self._texts), usage)

    def _usage(self) -> Usage | None:
        if self._read is None or self._made is None:
            return None
        return Usage(
            self._read.input_tokens,
            self._made,
            cached_tokens=self._read.cached_tokens,
            stored_tokens=self._read.stored_tokens,
        )


def _read(used: dict[str, Any]) -> Usage:
    cached, stored = used.get("cache_read_input_tokens") or 0, used.get("cache_creation_input_tokens") or 0
    return Usage(used["input_tokens"] + cached + stored, cached_tokens=cached, stored_tokens=stored)


def _body(prompt: Prompt, model: str) -> dict[str, Any]:
    """Say system messages apart, as Anthropic wants them; a conversation of nothing else is the user's."""
    system = [{"type": "text", "text": each.content} for each in prompt.messages if each.role == "system"]
    said = [{"role": each.role, "content": each.content} for each in prompt.messages if each.role != "system"]
    body: dict[str, Any] = {
        "model": model,
        "messages": said or [{"role": "user", "content": system}],
        "max_tokens": prompt.max_tokens,
    }
    if prompt.is_streamed:
        body["stream"] = True
    if said and system:
        cached = {**system[0], "cache_control": {"type": "ephemeral"}}
        body["system"] = [cached, *system[1:]]
    if prompt.schema is None:
        return body
    if is_strict(prompt.schema):
        shape = {"type": "json_schema", "schema": anthropic.transform_schema(prompt.schema)}
        return body | {"output_config": {"format": shape}}
    tool = {"name": TOOL, "description": "Give the answer.", "input_schema": prompt.schema}
    return body | {"tools": [tool], "tool_choice": {"type": "tool", "name": TOOL}}


def _sorted(error: Exception) -> ProviderFailed:
    match error:
        case anthropic.APITimeoutError():
            return ProviderFailed("timeout", is_billed=True)
        case anthropic.APIConnectionError():
            return of_connection(error)
        case httpx2.TransportError():  # in the middle of a stream
            return ProviderFailed("connection", is_billed=True)
        case anthropic.APIStatusError():
            return of_status(error.status_code, _kind(error.body), error.response.headers.get("retry-after"))
        case _:  # a body that is not the API's
            return Unusable()


def _kind(body: object) -> str:
    """Return Anthropic's own word for an error."""
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("type", "")) if isinstance(error, dict) else ""
