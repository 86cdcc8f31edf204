"""What the model providers were told to answer, what they were asked, and what they charge for it."""

import json
import random
from collections import deque
from statistics import NormalDist
from typing import Any, Literal

from pydantic import BaseModel, Field

Provider = Literal["openai", "anthropic", "transcription"]
Fault = Literal[
    "http_400",
    "http_401",
    "http_429",
    "http_500",
    "http_503",
    "http_529",
    "hang",
    "cut",
    "bad_json",
    "malformed",
    "wrong_shape",
    "filtered",
    "empty",
    "foreign",
    "invented",
    "leak",
]
SAYS: dict[str, str] = {
    "empty": "",
    "foreign": "Hello! Thank you for your message. Our classes are for all ages and you can visit us this week.",
    "invented": "A mensalidade com desconto fica em R$ 123,45 por mês.",
    "wrong_shape": '{"nobody_asked_for": ["this"]}',
}
"""What faults say in the place of the reply."""
USD_A_MILLION: dict[str, tuple[float, float]] = {
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-6-luna": (0.10, 0.50),
    "claude-haiku-4-5": (1.00, 5.00),
}
"""Tokens read and written; any other model costs `USD_OTHERS`. The services have a price list of their own."""
USD_OTHERS = (15.00, 75.00)


class Script(BaseModel):
    """What a provider does from now on.

    ``replies`` are given in turn, the last one again and again; an object is sent as its JSON, and ``{{user}}`` becomes
    what the user said last. Without replies a model is down (500), and the transcriber understands only the sandbox's
    own voice notes.

    ``plan`` has the faults of the next calls, one each (null: none); then ``fault`` holds for ``times`` calls, or until
    the next script. ``hang`` answers nothing for two minutes; ``cut`` breaks the connection in the middle of the reply;
    ``bad_json`` ends it in the middle, as too long; ``malformed`` does, as if it were whole; ``wrong_shape``,
    ``filtered``, ``empty``, ``foreign`` (another language), ``invented`` (a price) and ``leak`` (the prompt) are what
    models do on bad days. ``retry_after_s`` goes with 429, 503 and 529.

    ``delay_s`` is the median time to the first word, ``p95_s`` what nineteen of twenty calls stay under (unset: all
    take the same), ``word_s`` the time between two words.
    """

    provider: Provider
    replies: list[str | dict[str, Any]] = Field(default_factory=list)
    plan: list[Fault | None] = Field(default_factory=list)
    fault: Fault | None = None
    times: int | None = Field(default=None, ge=1)
    retry_after_s: float | None = Field(default=None, ge=0)
    delay_s: float = Field(default=0.0, ge=0)
    p95_s: float | None = Field(default=None, gt=0)
    word_s: float = Field(default=0.0, ge=0)
    given: int = Field(default=0, exclude=True)

    @property
    def fault_is_due(self) -> bool:
        """Whether the next call meets the fault."""
        return bool(self.plan and self.plan[0]) or (self.fault is not None and self.times != 0)

    def take_fault(self) -> Fault | None:
        """Take the fault of this call, counted."""
        if self.plan:
            return self.plan.pop(0)
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

    def draw_delay_s(self, luck: random.Random) -> float:
        """Draw the time to the first word from a log-normal distribution."""
        if self.p95_s is None or self.delay_s == 0:
            return self.delay_s
        spread = (self.p95_s / self.delay_s) ** (1 / NormalDist().inv_cdf(0.95))
        return float(self.delay_s * spread ** luck.gauss(0, 1))


class Models:
    """Scripts by provider, the calls so far (the newest 5,000), and what all of them were charged for."""

    def __init__(self) -> None:
        self.scripts: dict[Provider, Script] = {}
        self.calls: deque[dict[str, Any]] = deque(maxlen=5000)
        self.charged: dict[str, dict[str, float]] = {}
        self.luck = random.Random(7)  # noqa: S311  # delays that are the same in every run

    def charge(self, model: str, read: int, made: int) -> None:
        """Put a call on the bill."""
        for_read, for_made = USD_A_MILLION.get(model, USD_OTHERS)
        bill = self.charged.setdefault(model, {"calls": 0, "input_tokens": 0, "output_tokens": 0, "usd": 0.0})
        for key, more in (("calls", 1), ("input_tokens", read), ("output_tokens", made)):
            bill[key] += more
        bill["usd"] += (read * for_read + made * for_made) / 1_000_000

    def forget(self) -> None:
        """No scripts, no calls, no bill."""
        self.__init__()  # type: ignore[misc]  # every part holds this very object
