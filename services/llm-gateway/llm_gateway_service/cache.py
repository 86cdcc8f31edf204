"""Answers that were given before, in Redis, for prompts with nobody in them."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from chassis.telemetry import signals
from chassis.telemetry.declaring import OUTCOME
from contracts.llm_gateway import Complete, Completion

from llm_gateway_service.domain import Choice
from llm_gateway_service.providers.answers import Prompt
from llm_gateway_service.shared import Shared
from llm_gateway_service.telemetry import TASK

KEEP_S = 24 * 3600.0
_lookups = signals(__name__).counter(
    "receptionist.llm_gateway.cache", "{lookup}", "Looks into the cache, `hit` or `miss`.", OUTCOME, TASK
)


class Cache:
    """Remembers completions under everything that shaped them."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def find(self, question: Complete, prompt: Prompt, choices: Sequence[Choice]) -> Completion | None:
        """Return what one of the models that would be asked has answered before, the first one's first."""
        found = await self._shared.get([_key(question, prompt, choice.model) for choice in choices])
        first = next((each for each in found if each is not None), None)
        _lookups.add(1, {OUTCOME: "miss" if first is None else "hit", TASK: question.task})
        if first is None:
            return None
        return Completion.model_validate_json(first).model_copy(update={"cached": True})

    async def keep(self, question: Complete, prompt: Prompt, completion: Completion) -> None:
        """Remember an answer."""
        await self._shared.put(_key(question, prompt, completion.model or ""), completion.model_dump_json(), KEEP_S)

    async def close(self) -> None:
        """Give the connections back."""
        await self._shared.close()


def _key(question: Complete, prompt: Prompt, model: str) -> str:
    shaped: dict[str, Any] = {
        "prompt": question.prompt_version,
        "facts": question.facts_version,
        "task": prompt.task,
        "messages": [each.model_dump() for each in prompt.messages],
        "schema": question.json_schema,
        "max_tokens": prompt.max_tokens,
        "model": model,
    }
    return f"answer:{hashlib.sha256(json.dumps(shaped, sort_keys=True).encode()).hexdigest()}"
