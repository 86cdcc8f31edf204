"""The end of a question, beside its answer: losers of a race are heard out, calls booked, facts told, in one go."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store
from contracts import Event
from contracts.llm_gateway import Completion, LlmGatewayFact, ProviderFailedOver

from llm_gateway_service.domain import Dollar
from llm_gateway_service.gathered import Gathered
from llm_gateway_service.ledger import Ledger
from llm_gateway_service.outcome import Candidate, Outcome
from llm_gateway_service.providers.errors import ProviderFailed
from llm_gateway_service.telemetry import TASK, spent

log = get_logger(__name__)

TELL_WITHIN_S = 1.0
STOP_WITHIN_S = 5.0


@dataclass(frozen=True)
class _Ended:
    """A question that has ended; `cached` is an answer that was given before."""

    outcome: Outcome
    cached: Completion | None


class Closing:
    """Books and tells how questions ended."""

    def __init__(self, store: Store, ledger: Ledger, dollar: Dollar) -> None:
        self._store = store
        self._ledger = ledger
        self._dollar = dollar
        self._open: set[asyncio.Task[None]] = set()
        self._booking = Gathered(self._book)

    def begin(self, outcome: Outcome, *, cached: Completion | None = None) -> None:
        """Close a question while its answer is on its way; `cached` is one that was given before."""
        self.beside(self._close(outcome, cached))

    def beside(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something that no answer waits for."""
        task = asyncio.create_task(doing)
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    def note(
        self, outcome: Outcome, candidate: Candidate, following: Candidate | None, failure: ProviderFailed
    ) -> None:
        """Note that a provider failed, and who is asked in its place."""
        to = following.provider if following and not outcome.gave_up else None
        outcome.failovers.append(ProviderFailedOver(provider=candidate.provider, to=to, error=failure.kind))

    async def all_closed(self) -> None:
        """Wait until every question that was answered so far is booked."""
        if self._open:
            await asyncio.wait(self._open, timeout=STOP_WITHIN_S)

    async def _close(self, outcome: Outcome, cached: Completion | None) -> None:
        outcome.took_s = outcome.took_s or time.perf_counter() - outcome.began
        if outcome.running:
            await asyncio.wait(outcome.running)
        try:
            await self._booking.do(_Ended(outcome, cached))
        except Transient as error:
            log.warning("ledger_away", error=type(error).__name__)  # reservations stand, and are swept
            known = sum((cost for cost in outcome.calls.values() if cost), Decimal(0))
            await self._tell(self._events(outcome, cached, known))

    async def _book(self, ended: Sequence["_Ended"]) -> list[None]:
        """Book and tell in one transaction. Raises `Transient`."""
        async with self._store.unit() as tx:
            costs = {call: cost for each in ended for call, cost in each.outcome.calls.items()}
            booked = await self._ledger.settle(tx, costs) if costs else {}
            told = [
                (each, sum((booked.get(call, Decimal(0)) for call in each.outcome.calls), Decimal(0))) for each in ended
            ]
            for each, brl in told:
                for event in self._events(each.outcome, each.cached, brl):
                    await tx.emit(event)
        for each, brl in told:
            spent.add(float(brl), {TASK: each.outcome.task})
        return [None] * len(ended)

    async def _tell(self, events: Sequence[Event[Any]]) -> None:
        """Publish without the outbox; without a broker either there is nobody left to tell."""
        for event in events:
            try:
                await self._store.line.publish(event, within_s=TELL_WITHIN_S)
            except Transient as error:
                log.warning("fact_lost", fact=type(event.data).__name__, error=type(error).__name__)

    def _events(self, outcome: Outcome, cached: Completion | None, brl: Decimal) -> list[Event[Any]]:
        now = self._store.line.clock()
        facts: list[LlmGatewayFact] = [*outcome.failovers, outcome.fact(self._dollar, brl, cached)]
        events = []
        for fact in facts:
            key = f"{outcome.id}:{fact.provider}" if isinstance(fact, ProviderFailedOver) else str(outcome.id)
            subject = outcome.conversation or fact.producer
            events.append(Event.first(fact, key=key, source=fact.producer, subject=subject, now=now))
        return events
