"""What llm-gateway answers."""

from chassis.line import Line
from contracts.llm_gateway import (
    BudgetThresholdCrossed,
    Complete,
    Completion,
    CompletionServed,
    ProviderFailedOver,
    Transcribe,
    Transcription,
)

from llm_gateway_service.gateway import Gateway


def register(line: Line, gateway: Gateway) -> None:
    """Put llm-gateway on the line."""
    line.emits(CompletionServed, ProviderFailedOver, BudgetThresholdCrossed)

    @line.answers(Complete, prefetch=200)  # they wait, for others
    async def on_complete(question: Complete) -> Completion:
        return await gateway.complete(question)

    @line.answers(Transcribe, prefetch=8)
    async def on_transcribe(question: Transcribe) -> Transcription:
        return await gateway.transcribe(question)
