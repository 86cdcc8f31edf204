"""Asking one provider after the other: within the time, within the budget, and with an end that is always told."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from uuid import UUID

from chassis.breaker import Breakers
from chassis.errors import Transient, Unavailable
from chassis.logging import get_logger
from chassis.rpc import remaining_s
from chassis.store import Store
from contracts import Event
from contracts.llm_gateway import LlmGatewayFact, ProviderFailedOver, Refusal

from llm_gateway_service.domain import PriceList, Usage, share
from llm_gateway_service.ledger import Ledger, Purpose
from llm_gateway_service.outcome import Candidate, Outcome, Result, refusal_of
from llm_gateway_service.providers.answers import Answer
from llm_gateway_service.providers.errors import ProviderFailed, Unusable
from llm_gateway_service.telemetry import measured

log = get_logger(__name__)

UNBOUNDED_S = 10.0
"""How long a question may take that came without a deadline."""
KEPT_S = 0.3
"""What is kept of a deadline for the ledger and the way back."""
LEAST_S = 0.4
"""A call with less time than this is not begun."""
TELL_WITHIN_S = 1.0


@dataclass(frozen=True)
class Asking:
    """Asks candidates in turn."""

    store: Store
    ledger: Ledger
    breakers: Breakers
    prices: PriceList
    usd_brl: Decimal

    async def ask(self, task: str, candidates: Sequence[Candidate]) -> Outcome:
        """Return the first answer, or why there is none; never later than the question's deadline."""
        outcome = Outcome(task)
        left = remaining_s()
        until = time.monotonic() + (UNBOUNDED_S if left is None else left) - KEPT_S
        for candidate, following in zip_longest(candidates, candidates[1:]):
            refusal = await self._try(outcome, candidate, following, until - time.monotonic())
            if refusal is None:
                return outcome
            outcome.refusals.append(refusal)
        await self._tell(outcome.id, [outcome.fact(self.usd_brl)])
        return outcome

    async def _try(
        self, outcome: Outcome, candidate: Candidate, following: Candidate | None, left_s: float
    ) -> Refusal | None:
        if left_s < LEAST_S:
            return "deadline"
        purpose = Purpose(outcome.task, candidate.provider, candidate.model)
        try:
            call = await self.ledger.reserve(purpose, self._brl(candidate, candidate.most))
        except Transient as error:
            log.warning("ledger_away", error=type(error).__name__)
            return "failed"  # what cannot be booked is not asked
        if call is None:
            return "budget"
        result = await self._call(candidate, share(left_s, is_last=following is None))
        outcome.add(candidate, result)
        await self._settle(outcome, call, candidate, following, result)
        return refusal_of(result, is_last=following is None)

    async def _call(self, candidate: Candidate, timeout_s: float) -> Result:
        try:
            async with self.breakers.guard(candidate.provider):
                with measured(candidate.provider, candidate.model, candidate.most) as call:
                    call.answer = await _within(candidate, timeout_s)
                    return call.answer
        except Unavailable:
            return None
        except ProviderFailed as error:
            log.warning("provider_failed", provider=candidate.provider, model=candidate.model, error=error.kind)
            return error

    async def _settle(
        self, outcome: Outcome, call: UUID, candidate: Candidate, following: Candidate | None, result: Result
    ) -> None:
        """Book what a call cost and tell what became of it, together; without a database its reservation stands."""
        told: list[LlmGatewayFact] = []
        if isinstance(result, ProviderFailed):
            to = following.provider if following else None
            told.append(ProviderFailedOver(provider=candidate.provider, to=to, error=result.kind))
        try:
            async with self.store.unit() as tx:
                outcome.brl += await self.ledger.settle(tx, call, self._cost(candidate, result))
                if isinstance(result, Answer):
                    told.append(outcome.fact(self.usd_brl))
                for fact in told:
                    await tx.emit(self._event(outcome.id, fact))
        except Transient as error:
            log.warning("ledger_away", error=type(error).__name__)
            outcome.brl += self._brl(candidate, candidate.most)
            if isinstance(result, Answer):
                told = [outcome.fact(self.usd_brl)]
            await self._tell_directly(outcome.id, told)

    def _cost(self, candidate: Candidate, result: Result) -> Decimal | None:
        """Return what a call cost in BRL, `None` when nobody knows."""
        if isinstance(result, Answer | Unusable) and result.usage is not None:
            return self._brl(candidate, result.usage)
        return None if isinstance(result, ProviderFailed) and result.is_billed else Decimal(0)

    def _brl(self, candidate: Candidate, usage: Usage) -> Decimal:
        return self.prices.of(candidate.model).brl(usage, self.usd_brl)

    async def _tell(self, question: UUID, facts: Sequence[LlmGatewayFact]) -> None:
        try:
            async with self.store.unit() as tx:
                for fact in facts:
                    await tx.emit(self._event(question, fact))
        except Transient:
            await self._tell_directly(question, facts)

    async def _tell_directly(self, question: UUID, facts: Sequence[LlmGatewayFact]) -> None:
        """Publish without the outbox; without a broker either there is nobody left to tell."""
        for fact in facts:
            try:
                await self.store.line.publish(self._event(question, fact), within_s=TELL_WITHIN_S)
            except Transient as error:
                log.warning("fact_lost", fact=type(fact).__name__, error=type(error).__name__)

    def _event(self, question: UUID, fact: LlmGatewayFact) -> Event[Any]:
        key = f"{question}:{fact.provider}" if isinstance(fact, ProviderFailedOver) else str(question)
        now = self.store.line.clock()
        return Event.first(fact, key=key, source=fact.producer, subject=fact.producer, now=now)


async def _within(candidate: Candidate, timeout_s: float) -> Answer:
    """Ask within a time. Raises `ProviderFailed`, whatever happens."""
    try:
        async with asyncio.timeout(timeout_s):
            return await candidate.ask(timeout_s)
    except TimeoutError as error:
        raise ProviderFailed("timeout", is_billed=True) from error
    except ProviderFailed:
        raise
    except Exception as error:  # a client's surprise must not cost the other provider its turn
        log.error("provider_surprised", cause=error, provider=candidate.provider)
        raise ProviderFailed("server", is_billed=True) from error
