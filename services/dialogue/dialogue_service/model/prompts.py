"""The prompts, as data: `prompts/*.toml`, read and checked once, at import."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from contracts.llm_gateway import ChatMessage, Complete, PersonalValue
from pydantic import BaseModel, ConfigDict, Json

FOLDER = Path(__file__).parent / "prompts"


class Example(BaseModel):
    """An input and the right answer to it, as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    given: Json[dict[str, Any]]
    answer: Json[dict[str, Any]]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Literal["understand", "phrase"]
    max_tokens: int
    instructions: str
    json_schema: Json[dict[str, Any]]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Prompt:
    """What is asked of a model, without what it is asked about.

    `version` is a hash of the file: it changes with every word. What never changes stands first, so that providers can
    keep it.
    """

    name: str
    version: str
    task: Literal["understand", "phrase"]
    system: str
    schema: dict[str, Any]
    max_tokens: int
    examples: tuple[Example, ...]

    def about(self, data: Mapping[str, Any], context: "About", *, cacheable: bool = False) -> Complete:
        """Ask about data. What others wrote is inside of one JSON object: no quotation mark of theirs can end it."""
        return Complete(
            task=self.task,
            messages=(
                ChatMessage(role="system", content=self.system),
                ChatMessage(role="user", content=json.dumps(data, ensure_ascii=False)),
            ),
            json_schema=self.schema,
            max_tokens=self.max_tokens,
            personal=tuple(context.personal),
            prompt_version=self.version,
            facts_version=context.facts_version,
            cacheable=cacheable,
            conversation=context.conversation,
        )


@dataclass(frozen=True)
class About:
    """What the gateway must know of a question: whose it is, what is personal in it, and which facts shaped it."""

    facts_version: str
    conversation: str | None = None
    personal: Sequence[PersonalValue] = field(default=(), repr=False)


def read(name: str, folder: Path = FOLDER) -> Prompt:
    """Read a prompt. Raises `pydantic.ValidationError` when a part of it is missing or no JSON."""
    body = (folder / f"{name}.toml").read_bytes()
    file = _File.model_validate(tomllib.loads(body.decode()))
    shown = (f"{_compact(each.given)}\n-> {_compact(each.answer)}" for each in file.examples)
    return Prompt(
        name=name,
        version=f"{name}-{hashlib.sha256(body).hexdigest()[:8]}",
        task=file.task,
        system="\n\n".join([file.instructions.strip(), "Examples:", *shown]),
        schema=file.json_schema,
        max_tokens=file.max_tokens,
        examples=file.examples,
    )


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


UNDERSTAND = read("understand")
PHRASE = read("phrase")
