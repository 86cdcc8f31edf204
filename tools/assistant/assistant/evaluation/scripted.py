"""A model that answers sensibly by heart: what parents write that the grammar does not know (`readings.toml`).

It sees what a real one would see, and no more: the question as llm-gateway gets it.
"""

import asyncio
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.llm_gateway import Complete, Completion

from assistant.evaluation.measuring import Spent
from assistant.rehearsal.prices import brl

READINGS = Path(__file__).parent / "readings.toml"
MODEL = "gpt-4o-mini"
"""Whose price is taken."""
CHARACTERS = 4
"""Of a token, about; the providers' own rule of thumb."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[^\W\d_]{4,}")
_LOST: dict[str, Any] = {"commands": ["not_understood"], "values": [], "option": None}


@dataclass(frozen=True)
class _Reading:
    says: re.Pattern[str]
    answer: dict[str, Any]


class Scripted:
    """Answers questions; `delay_s` is how long it thinks."""

    def __init__(self, delay_s: float = 0.0, file: Path = READINGS) -> None:
        self._delay_s = delay_s
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        self._readings = tuple(_reading(each) for each in tables["readings"])
        self._unanswered = tuple(map(re.compile, tables["unanswered"]))

    async def __call__(self, question: Complete, *, within_s: float) -> Completion:
        """Answer as a model that obeys its prompt."""
        if self._delay_s > within_s:
            await asyncio.sleep(within_s)
            return Completion(refusal="deadline")
        await asyncio.sleep(self._delay_s)
        data = json.loads(question.messages[-1].content)
        answer = self._word(data) if question.task == "phrase" else self._understand(data)
        return Completion(data=answer, provider="openai", model=MODEL)

    def _understand(self, data: dict[str, Any]) -> dict[str, Any]:
        text = "\n".join(data["messages"]).casefold()
        return next((each.answer for each in self._readings if each.says.search(text)), _LOST)

    def _word(self, data: dict[str, Any]) -> dict[str, Any]:
        """Say the sentences of the passage that share most with the question, at most two, in their order."""
        question, passage = data["question"].casefold(), data["passage"]
        if any(pattern.search(question) for pattern in self._unanswered):
            return {"answer": None}
        asked = {word[:5] for word in _WORD.findall(question)}
        sentences = _SENTENCE.split(passage)
        shares = [len(asked & {word[:5] for word in _WORD.findall(each.casefold())}) for each in sentences]
        best = sorted(range(len(sentences)), key=lambda nth: -shares[nth])[:2]
        return {"answer": " ".join(sentences[nth] for nth in sorted(best))}


def metered(question: Complete, answer: Completion) -> Spent:
    """Estimate what a provider would bill: a token for four characters, at the price of `MODEL`."""
    if answer.data is None:
        return Spent()
    shape = json.dumps(question.json_schema) if question.json_schema else ""
    read = (sum(len(each.content) for each in question.messages) + len(shape)) // CHARACTERS
    written = len(json.dumps(answer.data, ensure_ascii=False)) // CHARACTERS
    return Spent(read, written, brl(MODEL, read, written))


def _reading(table: dict[str, Any]) -> _Reading:
    values = [{"student": None, **value} for value in table.get("values", [])]
    answer = {"commands": table["commands"], "values": values, "option": table.get("option")}
    return _Reading(re.compile(table["says"]), answer)
