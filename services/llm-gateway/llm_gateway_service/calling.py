"""One call to one provider: nothing is asked that is not reserved, and every end is a word or an answer."""

import time
from dataclasses import dataclass
from decimal import Decimal

from chassis.errors import Transient, Unavailable
from chassis.logging import get_logger

from llm_gateway_service.breakers import SharedBreakers
from llm_gateway_service.domain import Dollar, Usage, most_used
from llm_gateway_service.ledger import Call, Ledger
from llm_gateway_service.outcome import Candidate, Outcome, Result
from llm_gateway_service.pace import Pace
from llm_gateway_service.providers.answers import Answer, Patience
from llm_gateway_service.providers.errors import ProviderFailed, Unusable
from llm_gateway_service.telemetry import measured

log = get_logger(__name__)


@dataclass(frozen=True)
class Calling:
    """Makes calls within the budget, past open breakers."""

    ledger: Ledger
    breakers: SharedBreakers
    dollar: Dollar
    pace: Pace

    async def call(self, outcome: Outcome, candidate: Candidate, patience: Patience, mend: Unusable | None) -> Result:
        """Reserve, ask, and note the cost in the outcome; the ledger is told when the question ends."""
        if await self.breakers.rests(candidate.provider):
            return "breakers_open"
        most = candidate.most if mend is None else _with(candidate.most, mend)
        call = Call(
            question=outcome.id,
            conversation=outcome.conversation,
            task=outcome.task,
            provider=candidate.provider,
            model=candidate.model,
            worst=candidate.price.brl(most, self.dollar.brl),
            usd_brl=self.dollar.brl,
            within_s=patience.total_s,
        )
        try:
            reserved = await self.ledger.reserve(call)
        except Transient as error:
            log.warning("ledger_away", error=type(error).__name__)
            return "failed"  # what cannot be booked is not asked
        if reserved is None:
            return "budget"
        outcome.calls[reserved] = None
        result = await self._guarded(outcome, candidate, patience, mend)
        outcome.calls[reserved] = self._cost(candidate, result)
        outcome.use(_usage(result))
        return result

    async def _guarded(
        self, outcome: Outcome, candidate: Candidate, patience: Patience, mend: Unusable | None
    ) -> Result:
        began = time.monotonic()
        try:
            async with self.breakers.guard(candidate.provider):
                with measured(candidate.provider, candidate.model, outcome.task, candidate.most) as measuring:
                    measuring.answer = answer = await _asked(candidate, patience, mend)
        except Unavailable:
            return "breakers_open"
        except ProviderFailed as error:
            log.warning("provider_failed", provider=candidate.provider, model=candidate.model, error=error.kind)
            return error
        self.pace.note(f"{outcome.task} {candidate.model}", time.monotonic() - began)
        return answer

    def _cost(self, candidate: Candidate, result: Result) -> Decimal | None:
        """Return what a call cost in BRL, `None` when nobody knows."""
        usage = _usage(result)
        if usage is not None:
            return candidate.price.brl(usage, self.dollar.brl)
        return None if isinstance(result, ProviderFailed) and result.is_billed else Decimal(0)


async def _asked(candidate: Candidate, patience: Patience, mend: Unusable | None) -> Answer:
    """Ask. Raises `ProviderFailed`, whatever happens."""
    try:
        return await candidate.ask(patience, mend)
    except TimeoutError as error:
        raise ProviderFailed("timeout", is_billed=True) from error
    except ProviderFailed:
        raise
    except Exception as error:  # a client's surprise must not cost the other provider its turn
        log.error("provider_surprised", cause=error, provider=candidate.provider)
        raise ProviderFailed("server", is_billed=True) from error


def _with(most: Usage, mend: Unusable) -> Usage:
    """Return the most that a call uses that also shows an answer and what is wrong with it."""
    more = most_used([mend.said, mend.complaint], 0)
    read = most.input_tokens + more.input_tokens
    return Usage(read, most.output_tokens, stored_tokens=read)


def _usage(result: Result) -> Usage | None:
    return result.usage if isinstance(result, Answer | ProviderFailed) else None
