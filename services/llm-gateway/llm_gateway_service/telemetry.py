"""Spans and metrics of calls to models, without a word of what was said.

Source: OpenTelemetry's conventions for generative AI, 1.37 (status: development).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chassis.telemetry import signals, span
from chassis.telemetry.declaring import ERROR
from opentelemetry.trace import SpanKind

from llm_gateway_service.domain import Usage
from llm_gateway_service.providers.answers import Answer

_signals = signals(__name__)
OPERATION = _signals.attribute("gen_ai.operation.name", "`chat` or `transcription`.")
PROVIDER = _signals.attribute("gen_ai.provider.name", "`openai` or `anthropic`.")
MODEL = _signals.attribute("gen_ai.request.model", "The model that was asked.")
TOKEN = _signals.attribute("gen_ai.token.type", "`input`, `output` or `cached`.")
INPUT = _signals.attribute("gen_ai.usage.input_tokens", "Tokens of the question.")
OUTPUT = _signals.attribute("gen_ai.usage.output_tokens", "Tokens of the answer.")
TASK = _signals.attribute("receptionist.task", "What a model is asked for: `understand`, `phrase`, `transcribe`, …")
_ABOUT = (OPERATION, PROVIDER, MODEL, TASK)
_CALL = _signals.operation(
    "{operation} {model}", "One call to a provider.", *_ABOUT, INPUT, OUTPUT, kind=SpanKind.CLIENT
)
_durations = _signals.histogram("gen_ai.client.operation.duration", "s", "Time that a provider took.", *_ABOUT, ERROR)
_tokens = _signals.histogram("gen_ai.client.token.usage", "{token}", "Tokens that a call used.", *_ABOUT, TOKEN)
spent = _signals.counter("receptionist.llm_gateway.spend", "BRL", "What providers cost, in reais, by task.", TASK)


@dataclass
class Measuring:
    """A call to a provider, and its answer when there is one."""

    answer: Answer | None = None


@contextmanager
def measured(provider: str, model: str, task: str, most: Usage) -> Iterator[Measuring]:
    """Measure one call in a span of its own."""
    operation = "transcription" if most.seconds else "chat"
    about = {OPERATION: operation, PROVIDER: provider, MODEL: model, TASK: task}
    began, trouble, call = time.perf_counter(), {}, Measuring()
    try:
        with span(_CALL.called(f"{operation} {model}"), attributes=about) as current:
            yield call
            if call.answer:
                usage = call.answer.usage
                current.set_attribute(INPUT, usage.input_tokens)
                current.set_attribute(OUTPUT, usage.output_tokens)
                _tokens.record(usage.input_tokens, {**about, TOKEN: "input"})
                _tokens.record(usage.output_tokens, {**about, TOKEN: "output"})
                _tokens.record(usage.cached_tokens, {**about, TOKEN: "cached"})
    except BaseException as error:
        trouble = {ERROR: str(getattr(error, "kind", type(error).__name__))}
        raise
    finally:
        _durations.record(time.perf_counter() - began, {**about, **trouble})
