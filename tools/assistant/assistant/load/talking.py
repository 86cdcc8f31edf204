"""Parents who write at a given rate, each in a conversation of their own, and how long each waits for every reply."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import httpx
from contracts import conversation_id
from contracts.dialogue import TurnClosed

from assistant.load.watching import Line
from assistant.replaying.stage import a_new_phone

SCRIPT = (
    "oi! quanto custa matemática?",
    "aqui é a Fernanda, é pro meu filho Theo",
    "ele tem 8 anos e tá no 3o ano",
    "qual é o horário de vocês?",
    "e onde fica?",
)
"""What templates answer. No visit is asked for: a unit has a few hundred slots, not as many as load has parents."""
FOR_A_MODEL = "então deixa eu explicar: meu guri tá penando na escola, me ajuda?"
READING = {"commands": ["ask_method"], "values": [], "option": None}
"""How the sandbox's model reads that."""
BETWEEN_PARTS_S = 1.0


@dataclass(frozen=True)
class Load:
    """How much: conversations a second for so many seconds, and how parents write.

    Every message comes in `burst` parts; a parent thinks for about `think_s` seconds; `model_share` (0–1) of the
    conversations ask what only a model understands.
    """

    per_s: float = 1.0
    for_s: float = 60.0
    burst: int = 1
    think_s: float = 5.0
    model_share: float = 0.0


@dataclass(frozen=True)
class Waited:
    """One answer: when (monotonic) its last message was written, seconds to its delivery, of these the burst window."""

    at: float
    total_s: float
    window_s: float
    turn: TurnClosed


async def converse(
    http: httpx.AsyncClient, sandbox: str, line: Line, bursts: Sequence[Sequence[str]], pause: Callable[[], float]
) -> AsyncIterator[Waited]:
    """Write burst after burst as somebody new, each after the reply to the one before and a pause in seconds.

    Raises `TimeoutError` when a reply does not come, `httpx.HTTPError` when the sandbox does not take a message.
    """
    phone = a_new_phone()
    heard = line.conversations[conversation_id(phone)]
    for nth, texts in enumerate(bursts, start=1):
        written: list[float] = []
        for text in texts:
            await asyncio.sleep(BETWEEN_PARTS_S if written else 0)
            written.append(time.monotonic())
            body = {"phone": phone, "name": "Responsável", "text": text}
            (await http.post(f"{sandbox}/sandbox/messages", json=body)).raise_for_status()
        delivered = await heard.replies(nth)
        turn = heard.closed[nth - 1]
        yield Waited(
            at=written[-1],
            total_s=delivered - written[-1],
            window_s=max(turn.window_s - (written[-1] - written[0]), 0.0),
            turn=turn,
        )
        await asyncio.sleep(pause())


@dataclass
class Crowd:
    """Many parents on the sandbox's WhatsApp, and what became of their conversations so far."""

    load: Load
    begun: int = 0
    finished: int = 0
    unanswered: int = 0
    refused: int = 0
    waited: list[Waited] = field(default_factory=list)
    _random: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - repeatable, not secret

    @property
    def talking(self) -> int:
        """How many conversations have begun and not ended."""
        return self.begun - self.finished - self.unanswered - self.refused

    async def talk(self, http: httpx.AsyncClient, sandbox: str, line: Line) -> None:
        """Begin conversations at the load's rate, however quickly they are answered, and wait until all have ended."""
        begins = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for nth in range(round(self.load.per_s * self.load.for_s)):
                await asyncio.sleep(begins + nth / self.load.per_s - time.monotonic())
                group.create_task(self._one(http, sandbox, line))

    async def _one(self, http: httpx.AsyncClient, sandbox: str, line: Line) -> None:
        self.begun += 1
        texts = list(SCRIPT)
        if self._random.random() < self.load.model_share:
            texts.insert(1, FOR_A_MODEL)
        bursts = [in_parts(text, self.load.burst) for text in texts]
        try:
            async for waited in converse(http, sandbox, line, bursts, self._thinks_s):
                self.waited.append(waited)
        except TimeoutError:
            self.unanswered += 1
        except httpx.HTTPError:
            self.refused += 1
        else:
            self.finished += 1

    def _thinks_s(self) -> float:
        return self._random.uniform(0.5, 1.5) * self.load.think_s


def in_parts(text: str, parts: int) -> list[str]:
    """Cut a text between its words, into at most so many parts."""
    words = text.split()
    size = math.ceil(len(words) / parts)
    return [" ".join(words[at : at + size]) for at in range(0, len(words), size)]
