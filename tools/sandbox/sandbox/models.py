"""OpenAI and Anthropic over HTTP, answering what a test scripted; a transcriber of the sandbox's voice notes."""

import asyncio
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from sandbox import media
from sandbox.clock import iso
from sandbox.completions import Reply, anthropic_events, anthropic_whole, openai_events, openai_whole
from sandbox.scripts import SAYS, Fault, Provider, Script
from sandbox.world import TheWorld, World, hold

HANG_S = 120.0
ERRORS = {
    400: ("invalid_request_error", "Bad request"),
    401: ("authentication_error", "Incorrect API key provided."),
    429: ("rate_limit_error", "Rate limit reached for requests."),
    500: ("api_error", "The server had an error while processing your request."),
    503: ("overloaded_error", "The engine is currently overloaded, please try again later."),
    529: ("overloaded_error", "Overloaded"),
}
BUSY = frozenset({429, 503, 529})
router = APIRouter(tags=["models"])


class ModelError(Exception):
    """An HTTP error in the provider's own words."""

    def __init__(
        self, provider: Provider, status: int, message: str | None = None, *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(status)
        self.provider = provider
        self.status = status
        self.message = message
        self.retry_after_s = 1.0 if retry_after_s is None and status == 429 else retry_after_s

    def response(self) -> JSONResponse:
        """OpenAI's ``{"error": {…}}`` or Anthropic's ``{"type": "error", "error": {…}}``."""
        kind, said = ERRORS[self.status]
        said = self.message or said
        wants_pause = self.status in BUSY and self.retry_after_s is not None
        headers = {"retry-after": f"{self.retry_after_s:g}"} if wants_pause else {}
        if self.provider == "anthropic":
            request_id = f"req_{secrets.token_hex(12)}"
            body: dict[str, Any] = {"type": "error", "error": {"type": kind, "message": said}, "request_id": request_id}
            return JSONResponse(body, self.status, headers | {"request-id": request_id})
        code = {401: "invalid_api_key", 429: "rate_limit_exceeded"}.get(self.status)
        kind = {500: "server_error", 503: "server_error", 401: "invalid_request_error", 429: "requests"}.get(
            self.status, kind
        )
        body = {"error": {"message": said, "type": kind, "param": None, "code": code}}
        return JSONResponse(body, self.status, headers | {"x-request-id": f"req_{secrets.token_hex(16)}"})


class Whole(JSONResponse):
    """A body in one piece; cut, the connection breaks in the middle of it."""

    def __init__(self, content: Any, *, cut: bool, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, headers=headers)
        if cut:
            self.body = self.body[: len(self.body) // 2]  # of the length that the headers promise


class Events(Response):
    """Server-sent events with a pause between them; cut, the connection breaks in the middle."""

    media_type = "text/event-stream"

    def __init__(self, events: Iterator[str], pause_s: float, *, cut: bool) -> None:
        super().__init__()
        del self.headers["content-length"]
        all_of_them = list(events)
        self._events = all_of_them[: max(len(all_of_them) // 2, 1)] if cut else all_of_them
        self._pause_s = pause_s
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's
        """Send them."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if self._pause_s:
            for event in self._events:
                await send({"type": "http.response.body", "body": event.encode(), "more_body": True})
                await asyncio.sleep(self._pause_s)
        else:
            await send({"type": "http.response.body", "body": "".join(self._events).encode(), "more_body": True})
        if not self._cut:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


@router.post("/openai/v1/chat/completions")
async def chat_completions(request: Request, world: TheWorld) -> Response:
    """OpenAI's chat completion, ``response_format`` and ``stream`` accepted; errors in OpenAI's shape."""
    body = await _body(request, "openai", ("model", "messages"))
    _needs_key(request.headers.get("authorization", "").removeprefix("Bearer "), "openai")
    script = _script(world, "openai")
    reply, fault = await _reply(request, world, script, body)
    if not body.get("stream"):
        return Whole(openai_whole(reply), cut=fault == "cut")
    with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    return Events(openai_events(reply, with_usage=with_usage), script.word_s, cut=fault == "cut")


@router.post("/anthropic/v1/messages")
async def anthropic_messages(request: Request, world: TheWorld) -> Response:
    """Anthropic's message, ``output_config``, tools and ``stream`` accepted; errors in Anthropic's shape."""
    body = await _body(request, "anthropic", ("model", "messages", "max_tokens"))
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    _needs_key(request.headers.get("x-api-key", bearer), "anthropic")
    script = _script(world, "anthropic")
    reply, fault = await _reply(request, world, script, body)
    tool = (body.get("tool_choice") or {}).get("name")
    if not body.get("stream"):
        headers = {"request-id": f"req_{secrets.token_hex(12)}"}
        return Whole(anthropic_whole(reply, tool), cut=fault == "cut", headers=headers)
    return Events(anthropic_events(reply, tool), script.word_s, cut=fault == "cut")


@router.post("/openai/v1/audio/transcriptions")
async def transcriptions(
    request: Request,
    world: TheWorld,
    file: Annotated[UploadFile, File()],
    model: Annotated[str, Form()],
    response_format: Annotated[str, Form()] = "json",
) -> Response:
    """Answer what a voice note of this sandbox is said to say.

    A scripted fault comes first; any other file gets the scripted reply, or is not audio.
    """
    _needs_key(request.headers.get("authorization", "").removeprefix("Bearer "), "openai")
    message_id = media.audio_message_id(await file.read())
    message = world.state.message(message_id) if message_id else None
    text = message.transcription if message else None
    script = world.models.scripts.get("transcription")
    if script and (script.fault_is_due or (text is None and script.replies)):
        reply, _ = await _reply(request, world, script, {"model": model, "file": file.filename})
        text = reply.text
    else:
        if script and script.delay_s:
            await hold(request, script.draw_delay_s(world.models.luck))
        _log(world, "transcription", {"model": model, "file": file.filename}, 200 if text is not None else 400)
    if text is None:
        raise ModelError("openai", 400, "Audio file might be corrupted or unsupported")
    if response_format == "text":
        return PlainTextResponse(text)
    return JSONResponse({"text": text, "usage": {"type": "duration", "seconds": 7}})


async def _body(request: Request, provider: Provider, required: tuple[str, ...]) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise ModelError(provider, 400, "We could not parse the JSON body of your request.") from None
    missing = [name for name in required if not isinstance(body, dict) or name not in body]
    if missing:
        said = f"{missing[0]}: Field required" if provider == "anthropic" else f"Missing parameter: {missing[0]}"
        raise ModelError(provider, 400, said)
    return dict(body)


def _needs_key(key: str, provider: Provider) -> None:
    if not key:
        raise ModelError(provider, 401)


def _script(world: World, provider: Provider) -> Script:
    return world.models.scripts.get(provider) or Script(provider=provider)


async def _reply(request: Request, world: World, script: Script, body: dict[str, Any]) -> tuple[Reply, Fault | None]:
    """Say what is scripted, with its fault, on the bill; ModelError for an HTTP fault, or when nothing is scripted."""
    provider, fault = script.provider, script.take_fault()
    if delay_s := script.draw_delay_s(world.models.luck):
        await hold(request, delay_s)
    status = int(fault.removeprefix("http_")) if fault and fault.startswith("http_") else None
    said = None if status else script.take_reply()
    if fault == "hang":
        said = said or ""
    elif said is None:
        _log(world, provider, body, status or 500)
        raise ModelError(provider, status or 500, retry_after_s=script.retry_after_s)
    reply = _spoken(world, body, said, fault)
    world.models.charge(reply.model, reply.read, reply.made)
    _log(world, provider, body, None if fault == "hang" else 200)
    if fault == "hang":
        await hold(request, HANG_S)
        raise ModelError(provider, 500)
    return reply, fault


def _spoken(world: World, body: dict[str, Any], said: str, fault: Fault | None) -> Reply:
    messages = body.get("messages", [])
    text = said.replace("{{user}}", _last_words(messages))
    if fault == "leak":
        text = "\n".join(_texts(body.get("system"))) or "\n".join(_texts(messages[:1]))
    elif fault in {"bad_json", "malformed"}:
        text = text[: len(text) // 2]
    text = SAYS.get(fault or "", text)
    ends = {"bad_json": "length", "filtered": "filter"}.get(fault or "", "whole")
    read = _tokens(json.dumps(messages)) + (_tokens(json.dumps(body["system"])) if "system" in body else 0)
    at = int(world.clock.now())
    return Reply(body["model"], text, ends, read, _tokens(text), at)  # type: ignore[arg-type]  # from a table of words


def _last_words(messages: list[dict[str, Any]]) -> str:
    users = [message["content"] for message in messages if message["role"] == "user"]
    return " ".join(_texts(users[-1])) if users else ""


def _texts(content: Any) -> list[str]:
    """Return the words in a content, which may be a string, a block, a message, or several of them."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return _texts(content.get("text", content.get("content")))
    return [text for each in content or () for text in _texts(each)]


def _log(world: World, provider: Provider, body: dict[str, Any], status: int | None) -> None:
    at = iso(world.clock.now())
    world.models.calls.append({"provider": provider, "at": at, "status": status, "request": body})


def _tokens(text: str) -> int:
    """Estimate tokens as both providers' guides do: four characters each."""
    return max(1, len(text) // 4)
