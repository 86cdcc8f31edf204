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


def register(line: Line, gateway: Gateway) -> None:
    """Put llm-gateway on the line."""
    line.emits(CompletionServed, ProviderFailedOver, BudgetThresholdCrossed)

    @line.stage(ErasureRequested, emits=(DataErased,))
    async def on_erasure_requested(event: Event[ErasureRequested]) -> Event[DataErased]:
        # Calls are kept without any person: day, task, model and cost.
        return event.causes(DataErased(owner="llm-gateway", rows=0), now=line.clock(), source="llm-gateway")

    @line.answers(Complete)
    async def on_complete(question: Complete) -> Completion:
        return await gateway.complete(question)

    @line.answers(Transcribe, prefetch=8)
    async def on_transcribe(question: Transcribe) -> Transcription:
        return await gateway.transcribe(question)
