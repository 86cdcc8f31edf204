"""What the model providers were told to answer, and what they were asked."""

import json
from collections import deque
from typing import Any, Literal

from pydantic import BaseModel, Field

Provider = Literal["openai", "anthropic", "transcription"]


class Script(BaseModel):
    """What a provider does from now on.

    ``replies`` are given in turn, the last one again and again; an object is sent as its JSON. Without replies a model
    is down (500), and the transcriber understands only the sandbox's own voice notes. ``fault`` holds for ``times``
    calls, or until the next script: ``bad_json`` cuts the text of the reply in half, ``hang`` answers nothing for two
    minutes. ``delay_s`` delays every answer.
    """

    provider: Provider
    replies: list[str | dict[str, Any]] = Field(default_factory=list)
    fault: Literal["http_401", "http_429", "http_500", "http_529", "hang", "bad_json"] | None = None
    times: int | None = Field(default=None, ge=1)
    delay_s: float = Field(default=0.0, ge=0)
    given: int = Field(default=0, exclude=True)

    @property
    def fault_is_due(self) -> bool:
        """Whether the next call meets the fault."""
        return self.fault is not None and self.times != 0

    def take_fault(self) -> str | None:
        """Take the fault of this call, counted."""
        if self.times is not None:
            if self.times == 0:
                return None
            self.times -= 1
        return self.fault

    def take_reply(self) -> str | None:
        """Take the text of this call; None when nothing is scripted."""
        if not self.replies:
            return None
        reply = self.replies[min(self.given, len(self.replies) - 1)]
        self.given += 1
        return reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)


class Models:
    """Scripts by provider, and the calls so far (the newest 5,000)."""

    def __init__(self) -> None:
        self.scripts: dict[Provider, Script] = {}
        self.calls: deque[dict[str, Any]] = deque(maxlen=5000)

    def forget(self) -> None:
        """No scripts, no calls."""
        self.scripts.clear()
        self.calls.clear()
