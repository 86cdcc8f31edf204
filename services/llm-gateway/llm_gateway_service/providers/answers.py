"""What providers answer, in one form, and the reading of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from contracts.llm_gateway import ChatMessage
from contracts.llm_gateway import Provider as Name

from llm_gateway_service.domain import Usage
from llm_gateway_service.providers.errors import Unusable
from llm_gateway_service.schema import problem

TRANSCRIPTION_CONFIDENCE = 0.9
"""For a transcriber that gives no probabilities. It is not measured: it only says that words came back."""


@dataclass(frozen=True)
class Answer:
    """A completion's `text` or `data`, or a transcription's `text` with its `confidence` (0–1), and what it used."""

    usage: Usage
    text: str | None = None
    data: dict[str, Any] | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Prompt:
    """What a provider gets to see: nobody's name is in it. `schema` is the shape of the answer that is wanted."""

    task: str
    messages: tuple[ChatMessage, ...]
    schema: dict[str, Any] | None
    max_tokens: int

    @property
    def is_streamed(self) -> bool:
        """Whether the answer comes word by word; of a shape nobody can use a part, and it is short."""
        return self.schema is None


@dataclass(frozen=True)
class Patience:
    """How long a provider may take, in seconds, to its first word and to its last.

    A shape comes in one piece and is short: all of it has the time of a first word.
    """

    first_s: float
    total_s: float

    @asynccontextmanager
    async def bounds(self) -> AsyncIterator["FirstWord"]:
        """Bound a call: by the time to the first word until it came, then by all of it. Raises `TimeoutError`."""
        now = asyncio.get_running_loop().time()
        async with asyncio.timeout_at(now + min(self.first_s, self.total_s)) as bound:
            yield FirstWord(bound, now + self.total_s)


@dataclass
class FirstWord:
    """Notes that a provider has begun to answer."""

    bound: asyncio.Timeout
    until: float
    came: bool = False

    def note(self) -> None:
        """Give it the rest of its time."""
        if not self.came:
            self.came = True
            self.bound.reschedule(self.until)


class Completer(Protocol):
    """A provider of completions."""

    name: Name

    async def complete(self, prompt: Prompt, model: str, patience: Patience) -> "Said":
        """Answer. Raises `ProviderFailed` or `TimeoutError`."""

    async def close(self) -> None:
        """Give the connections back."""


@runtime_checkable
class Transcriber(Protocol):
    """A provider of transcriptions."""

    name: Name

    async def transcribe(self, audio: bytes, mimetype: str, model: str, patience: Patience) -> Answer:
        """Listen. Raises `ProviderFailed` or `TimeoutError`."""

    async def close(self) -> None:
        """Give back what it holds."""


@dataclass(frozen=True)
class Said:
    """The words of a completion, whole, and what they used."""

    text: str
    usage: Usage


def read_text(said: Said) -> str:
    """Read a plain answer. Raises `Unusable` when there is nothing in it."""
    if not said.text.strip():
        raise Unusable(usage=said.usage)
    return said.text.strip()


def read_data(said: Said) -> dict[str, Any]:
    """Read a JSON object. Raises `Unusable` with a complaint that the provider can mend."""
    try:
        data = json.loads(said.text)
    except ValueError as error:
        complaint = f"não é JSON: {error}"
        raise Unusable("malformed", said.usage, said=said.text, complaint=complaint) from error
    if not isinstance(data, dict):
        raise Unusable("malformed", said.usage, said=said.text, complaint="não é um objeto JSON")
    return data


def checked(data: dict[str, Any], schema: dict[str, Any], said: Said) -> dict[str, Any]:
    """Return data of the wanted shape. Raises `Unusable` with what is wrong with it."""
    wrong = problem(data, schema)
    if wrong is not None:
        raise Unusable("malformed", said.usage, said=said.text, complaint=wrong)
    return data
