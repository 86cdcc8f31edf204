"""What providers answer, in one form, and the reading of it."""

import json
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from contracts.llm_gateway import Complete
from contracts.llm_gateway import Provider as Name

from llm_gateway_service.domain import Usage
from llm_gateway_service.providers.errors import Unusable
from llm_gateway_service.schema import fits

TRANSCRIPTION_CONFIDENCE = 0.9
"""For a transcriber that gives no probabilities. It is not measured: it only says that words came back."""


@dataclass(frozen=True)
class Answer:
    """A completion's `text` or `data`, or a transcription's `text` with its `confidence` (0–1), and what it used."""

    usage: Usage
    text: str | None = None
    data: dict[str, Any] | None = None
    confidence: float | None = None


class Completer(Protocol):
    """A provider of completions."""

    name: Name
    model: str

    async def complete(self, question: Complete, timeout_s: float) -> Answer:
        """Answer. Raises `ProviderFailed`."""

    async def close(self) -> None:
        """Give the connections back."""


@runtime_checkable
class Transcriber(Protocol):
    """A provider of transcriptions."""

    name: Name
    transcriber: str

    async def transcribe(self, audio: bytes, mimetype: str, timeout_s: float) -> Answer:
        """Listen. Raises `ProviderFailed`."""


def read_text(said: str | None, usage: Usage) -> Answer:
    """Read a plain answer. Raises `Unusable` when there is nothing in it."""
    if not said or not said.strip():
        raise Unusable(usage)
    return Answer(usage, text=said.strip())


def read_data(said: Any, schema: dict[str, Any], usage: Usage) -> Answer:
    """Read an answer of a shape, given as JSON text or as an object. Raises `Unusable` when it has another."""
    try:
        data = json.loads(said) if isinstance(said, str) else said
    except ValueError as error:
        raise Unusable(usage) from error
    if not isinstance(data, dict) or not fits(data, schema):
        raise Unusable(usage)
    return Answer(usage, data=data)
