"""What llm-gateway answers."""

from chassis.line import Line
from contracts import Event
from contracts.llm_gateway import (
    BudgetThresholdCrossed,
    Complete,
    Completion,
    CompletionServed,
    ProviderFailedOver,
    Transcribe,
    Transcription,
)
from contracts.privacy import DataErased, ErasureRequested

from llm_gateway_service.gateway import Gateway
from llm_gateway_service.ledger import Ledger


def register(line: Line, gateway: Gateway, ledger: Ledger) -> None:
    """Put llm-gateway on the line."""
    line.emits(CompletionServed, ProviderFailedOver, BudgetThresholdCrossed)

    @line.stage(ErasureRequested, emits=(DataErased,))
    async def on_erasure_requested(event: Event[ErasureRequested]) -> Event[DataErased]:
        rows = await ledger.forget(event.data.conversations(event.subject))
        return event.causes(DataErased(owner="llm-gateway", rows=rows), now=line.clock(), source="llm-gateway")

    @line.answers(Complete, prefetch=200)  # they wait, for others
    async def on_complete(question: Complete) -> Completion:
        return await gateway.complete(question)

    @line.answers(Transcribe, prefetch=8)
    async def on_transcribe(question: Transcribe) -> Transcription:
        return await gateway.transcribe(question)
