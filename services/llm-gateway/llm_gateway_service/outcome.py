"""Who may answer a question, what each of them did with it, and what became of it in the end."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID, uuid4

from contracts.llm_gateway import CompletionServed, Provider, Refusal

from llm_gateway_service.domain import Usage, verdict
from llm_gateway_service.providers.answers import Answer
from llm_gateway_service.providers.errors import ProviderFailed, Unusable


@dataclass(frozen=True)
class Candidate:
    """One provider that may answer: the most that it can use, and how to ask it within a time in seconds."""

    provider: Provider
    model: str
    most: Usage
    ask: Callable[[float], Awaitable[Answer]]


Result: TypeAlias = Answer | ProviderFailed | None
"""`None`: the breaker is open."""


@dataclass
class Outcome:
    """What became of one question."""

    task: str
    id: UUID = field(default_factory=uuid4)
    began: float = field(default_factory=time.perf_counter)
    answer: Answer | None = None
    by: Candidate | None = None
    refusals: list[Refusal] = field(default_factory=list)
    brl: Decimal = Decimal(0)
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def refusal(self) -> Refusal | None:
        """Why nobody answered."""
        return None if self.answer else verdict(self.refusals)

    def add(self, candidate: Candidate, result: Result) -> None:
        """Take a result in: the answer, or what there is to say about a failure."""
        usage = result.usage if isinstance(result, Answer | Unusable) else None
        if usage:
            self.input_tokens += usage.input_tokens
            self.output_tokens += usage.output_tokens
        if isinstance(result, Answer):
            self.answer, self.by = result, candidate

    def fact(self, usd_brl: Decimal) -> CompletionServed:
        """Say how the question ended."""
        return CompletionServed(
            task=self.task,
            provider=self.by.provider if self.by else None,
            model=self.by.model if self.by else None,
            refusal=self.refusal,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            brl=self.brl,
            usd_brl=usd_brl,
            duration_s=round(time.perf_counter() - self.began, 3),
        )


def refusal_of(result: Result, *, is_last: bool) -> Refusal | None:
    """Say why a result is no answer; who was asked last and came too late has used up the time."""
    match result:
        case Answer():
            return None
        case None:
            return "breakers_open"
        case Unusable():
            return "unusable_answer"
        case _:
            return "deadline" if is_last and result.kind == "timeout" else "failed"
