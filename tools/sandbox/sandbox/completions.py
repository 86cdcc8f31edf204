"""A completion on the wire, as OpenAI and Anthropic send it: in one piece, or as server-sent events."""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Reply:
    """What a model says: its words, why it ends, and the tokens that are charged."""

    model: str
    text: str
    ends: Literal["whole", "length", "filter"]
    read: int
    made: int
    at: int

    def pieces(self) -> list[str]:
        """Return the words, as they come."""
        return re.findall(r"\s*\S+\s*", self.text) or [self.text]


def openai_whole(reply: Reply) -> dict[str, Any]:
    """Return the chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _openai_end(reply)}
    return _openai(reply, "chat.completion", [choice]) | {"usage": _openai_usage(reply)}


def openai_events(reply: Reply, *, with_usage: bool) -> Iterator[str]:
    """Yield the chunks of a chat completion, one a word."""
    for nth, piece in enumerate(reply.pieces()):
        delta = {"content": piece} | ({"role": "assistant"} if nth == 0 else {})
        yield _event(_openai(reply, "chat.completion.chunk", [{"index": 0, "delta": delta, "finish_reason": None}]))
    end = {"index": 0, "delta": {}, "finish_reason": _openai_end(reply)}
    yield _event(_openai(reply, "chat.completion.chunk", [end]))
    if with_usage:
        yield _event(_openai(reply, "chat.completion.chunk", []) | {"usage": _openai_usage(reply)})
    yield "data: [DONE]\n\n"


def anthropic_whole(reply: Reply, tool: str | None) -> dict[str, Any]:
    """Return the message; a tool that is forced gets the reply as its input."""
    block: dict[str, Any] = {"type": "text", "text": reply.text, "citations": None}
    if tool:
        block = {**_tool_use(tool), "input": _object(reply.text)}
    usage = _anthropic_read(reply) | {"output_tokens": reply.made}
    return _anthropic(reply) | {
        "content": [block],
        "stop_reason": _anthropic_end(reply, tool),
        "usage": usage,
    }


def anthropic_events(reply: Reply, tool: str | None) -> Iterator[str]:
    """Yield the events of a message, one a word."""
    usage = _anthropic_read(reply) | {"output_tokens": 1}
    start = _anthropic(reply) | {"content": [], "stop_reason": None, "usage": usage}
    yield _named("message_start", message=start)
    block = _tool_use(tool) if tool else {"type": "text", "text": ""}
    yield _named("content_block_start", index=0, content_block=block)
    for piece in reply.pieces():
        delta = {"type": "input_json_delta", "partial_json": piece} if tool else {"type": "text_delta", "text": piece}
        yield _named("content_block_delta", index=0, delta=delta)
    yield _named("content_block_stop", index=0)
    end = {"stop_reason": _anthropic_end(reply, tool), "stop_sequence": None}
    yield _named("message_delta", delta=end, usage={"output_tokens": reply.made})
    yield _named("message_stop")


def _openai(reply: Reply, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": kind,
        "created": reply.at,
        "model": reply.model,
        "choices": choices,
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _openai_usage(reply: Reply) -> dict[str, Any]:
    return {
        "prompt_tokens": reply.read,
        "completion_tokens": reply.made,
        "total_tokens": reply.read + reply.made,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _openai_end(reply: Reply) -> str:
    return {"whole": "stop", "length": "length", "filter": "content_filter"}[reply.ends]


def _anthropic(reply: Reply) -> dict[str, Any]:
    about = {"id": f"msg_{secrets.token_hex(12)}", "type": "message", "role": "assistant", "model": reply.model}
    return about | {"stop_sequence": None}


def _anthropic_read(reply: Reply) -> dict[str, Any]:
    cached = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "service_tier": "standard"}
    return {"input_tokens": reply.read} | cached


def _anthropic_end(reply: Reply, tool: str | None) -> str:
    whole = "tool_use" if tool else "end_turn"
    return {"whole": whole, "length": "max_tokens", "filter": "refusal"}[reply.ends]


def _tool_use(tool: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{secrets.token_hex(12)}", "name": tool, "input": {}}


def _object(text: str) -> Any:
    """Return the object in a text, an empty one when it is cut off."""
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _named(kind: str, **data: Any) -> str:
    return f"event: {kind}\n{_event({'type': kind, **data})}"
