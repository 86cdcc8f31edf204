"""OpenAI and Anthropic on the wire, answering what a test scripted; a transcriber of the sandbox's voice notes."""

import json
import secrets
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse

from sandbox import media
from sandbox.clock import iso
from sandbox.scripts import Provider, Script
from sandbox.world import TheWorld, World, hold

HANG_S = 120.0
ERRORS = {
    400: ("invalid_request_error", "Bad request"),
    401: ("authentication_error", "Incorrect API key provided."),
    429: ("rate_limit_error", "Rate limit reached for requests."),
    500: ("api_error", "The server had an error while processing your request."),
    529: ("overloaded_error", "Overloaded"),
}
router = APIRouter(tags=["models"])


class ModelError(Exception):
    """An HTTP error in the provider's own words."""

    def __init__(self, provider: Provider, status: int, message: str | None = None) -> None:
        super().__init__(status)
        self.provider = provider
        self.status = status
        self.message = message

    def response(self) -> JSONResponse:
        """OpenAI's ``{"error": {…}}`` or Anthropic's ``{"type": "error", "error": {…}}``."""
        kind, said = ERRORS[self.status]
        said = self.message or said
        headers = {"retry-after": "1"} if self.status == 429 else {}
        if self.provider == "anthropic":
            request_id = f"req_{secrets.token_hex(12)}"
            body: dict[str, Any] = {"type": "error", "error": {"type": kind, "message": said}, "request_id": request_id}
            return JSONResponse(body, self.status, headers | {"request-id": request_id})
        code = {401: "invalid_api_key", 429: "rate_limit_exceeded"}.get(self.status)
        kind = {500: "server_error", 401: "invalid_request_error", 429: "requests"}.get(self.status, kind)
        body = {"error": {"message": said, "type": kind, "param": None, "code": code}}
        return JSONResponse(body, self.status, headers | {"x-request-id": f"req_{secrets.token_hex(16)}"})


@router.post("/openai/v1/chat/completions")
async def chat_completions(request: Request, world: TheWorld) -> Response:
    """OpenAI's chat completion, ``response_format`` accepted; errors in OpenAI's shape."""
    body = await _body(request, "openai", ("model", "messages"))
    _needs_key(request.headers.get("authorization", "").removeprefix("Bearer "), "openai")
    text, cut = await _reply(request, world, "openai", body)
    spent, made = _tokens(json.dumps(body["messages"])), _tokens(text)
    return JSONResponse(
        {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "object": "chat.completion",
            "created": int(world.clock.now()),
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text, "refusal": None, "annotations": []},
                    "logprobs": None,
                    "finish_reason": "length" if cut else "stop",
                }
            ],
            "usage": {
                "prompt_tokens": spent,
                "completion_tokens": made,
                "total_tokens": spent + made,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "default",
            "system_fingerprint": None,
        }
    )


@router.post("/anthropic/v1/messages")
async def anthropic_messages(request: Request, world: TheWorld) -> Response:
    """Anthropic's message; a forced tool gets the reply as its input. Errors in Anthropic's shape."""
    body = await _body(request, "anthropic", ("model", "messages", "max_tokens"))
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    _needs_key(request.headers.get("x-api-key", bearer), "anthropic")
    text, cut = await _reply(request, world, "anthropic", body)
    forced = (body.get("tool_choice") or {}).get("name")
    content: dict[str, Any] = {"type": "text", "text": text, "citations": None}
    if forced:
        tool_input = {} if cut else json.loads(text)
        content = {"type": "tool_use", "id": f"toolu_{secrets.token_hex(12)}", "name": forced, "input": tool_input}
    finished = "tool_use" if forced else "end_turn"
    return JSONResponse(
        {
            "id": f"msg_{secrets.token_hex(12)}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [content],
            "stop_reason": "max_tokens" if cut else finished,
            "stop_sequence": None,
            "usage": {
                "input_tokens": _tokens(json.dumps(body["messages"])) + _tokens(json.dumps(body.get("system", ""))),
                "output_tokens": _tokens(text),
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "service_tier": "standard",
            },
        },
        headers={"request-id": f"req_{secrets.token_hex(12)}"},
    )


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
        text, _ = await _reply(request, world, "transcription", {"model": model, "file": file.filename})
    else:
        if script and script.delay_s:
            await hold(request, script.delay_s)
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
    if body.get("stream"):
        raise ModelError(provider, 400, "stream: the sandbox answers in one piece")
    return dict(body)


def _needs_key(key: str, provider: Provider) -> None:
    if not key:
        raise ModelError(provider, 401)


async def _reply(request: Request, world: World, provider: Provider, body: dict[str, Any]) -> tuple[str, bool]:
    """Give the scripted text, and whether it was cut; ModelError for a scripted fault, or when nothing is scripted."""
    script = world.models.scripts.get(provider) or Script(provider=provider)
    fault = script.take_fault()
    if script.delay_s:
        await hold(request, script.delay_s)
    if fault == "hang":
        _log(world, provider, body, None)
        await hold(request, HANG_S)
        raise ModelError(provider, 500)
    text = None if fault and fault.startswith("http_") else script.take_reply()
    if text is None:
        status = int(fault.removeprefix("http_")) if fault and fault.startswith("http_") else 500
        _log(world, provider, body, status)
        raise ModelError(provider, status)
    _log(world, provider, body, 200)
    return (text[: len(text) // 2], True) if fault == "bad_json" else (text, False)


def _log(world: World, provider: Provider, body: dict[str, Any], status: int | None) -> None:
    at = iso(world.clock.now())
    world.models.calls.append({"provider": provider, "at": at, "status": status, "request": body})


def _tokens(text: str) -> int:
    """Estimate tokens as both providers' guides do: four characters each."""
    return max(1, len(text) // 4)
