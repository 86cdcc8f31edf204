"""Who may answer a question, what each of them did with it, and what became of it in the end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID, uuid4

from contracts.llm_gateway import Completion, CompletionServed, Provider, ProviderFailedOver, Refusal

from llm_gateway_service.domain import Dollar, Price, Usage, verdict
from llm_gateway_service.providers.answers import Answer, Patience
from llm_gateway_service.providers.errors import ProviderFailed, Unusable


@dataclass(frozen=True)
class Candidate:
    """One provider that may answer: its model and price, the most that it can use, and how to ask it.

    It is asked with how long it may take and, the second time, with the answer of its own that it is to mend.
    """

    provider: Provider
    model: str
    price: Price
    most: Usage
    ask: Callable[[Patience, Unusable | None], Awaitable[Answer]]


Result: TypeAlias = Answer | ProviderFailed | Refusal
"""Of one call; a word when none was made."""


@dataclass
class Outcome:
    """What became of one question; `calls` are to be booked at these costs in BRL, `None` where nobody knows it."""

    task: str
    conversation: str | None = None
    id: UUID = field(default_factory=uuid4)
    began: float = field(default_factory=time.perf_counter)
    took_s: float = 0.0
    answer: Answer | None = None
    by: Candidate | None = None
    gave_up: bool = False
    refusals: list[Refusal] = field(default_factory=list)
    calls: dict[UUID, Decimal | None] = field(default_factory=dict)
    failovers: list[ProviderFailedOver] = field(default_factory=list)
    running: set[asyncio.Task[Refusal | None]] = field(default_factory=set)
    used: Usage = field(default_factory=Usage)

    @property
    def refusal(self) -> Refusal | None:
        """Why nobody answered."""
        return None if self.answer else verdict(self.refusals)

    def use(self, usage: Usage | None) -> None:
        """Count what a call used."""
        if usage:
            read, made = self.used.input_tokens + usage.input_tokens, self.used.output_tokens + usage.output_tokens
            self.used = Usage(read, made)

    def take(self, candidate: Candidate, answer: Answer) -> bool:
        """Take an answer; the first one counts. Returns whether this is it."""
        if self.answer is not None:
            return False
        self.answer, self.by = answer, candidate
        return True

    def fact(self, dollar: Dollar, brl: Decimal, cached: Completion | None) -> CompletionServed:
        """Say how the question ended; `cached` is an answer that was given before."""
        by = cached or self.by
        return CompletionServed(
            task=self.task,
            provider=by.provider if by else None,
            model=by.model if by else None,
            refusal=None if cached else self.refusal,
            cached=cached is not None,
            input_tokens=self.used.input_tokens,
            output_tokens=self.used.output_tokens,
            brl=brl,
            usd_brl=dollar.brl,
            usd_brl_on=dollar.on,
            duration_s=round(self.took_s or time.perf_counter() - self.began, 3),
        )


def refusal_of(failure: ProviderFailed, *, is_last: bool) -> Refusal:
    """Say why a failure is no answer; who was asked last and came too late has used up the time."""
    if isinstance(failure, Unusable):
        return "unusable_answer" if failure.is_billed or failure.kind == "filtered" else "failed"
    return "deadline" if is_last and failure.kind == "timeout" else "failed"
