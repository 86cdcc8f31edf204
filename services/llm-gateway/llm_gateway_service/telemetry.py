"""Spans and metrics of calls to models, without a word of what was said.

Source: OpenTelemetry's conventions for generative AI, 1.37 (status: development).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chassis.telemetry import meter, span
from opentelemetry.trace import SpanKind

from llm_gateway_service.domain import Usage
from llm_gateway_service.providers.answers import Answer

_durations = meter.create_histogram("gen_ai.client.operation.duration", "s", "Time that a provider took.")
_tokens = meter.create_histogram("gen_ai.client.token.usage", "{token}", "Tokens that a call used, by task.")


@dataclass
class Measuring:
    """A call to a provider, and its answer when there is one."""

    answer: Answer | None = None


@contextmanager
def measured(provider: str, model: str, task: str, most: Usage) -> Iterator[Measuring]:
    """Measure one call in a span of its own."""
    operation = "transcription" if most.seconds else "chat"
    about = {"gen_ai.operation.name": operation, "gen_ai.provider.name": provider, "gen_ai.request.model": model}
    about |= {"receptionist.task": task}
    began, outcome, call = time.perf_counter(), "ok", Measuring()
    try:
        with span(f"{operation} {model}", SpanKind.CLIENT, **about) as current:
            yield call
            if call.answer:
                usage = call.answer.usage
                current.set_attribute("gen_ai.usage.input_tokens", usage.input_tokens)
                current.set_attribute("gen_ai.usage.output_tokens", usage.output_tokens)
                _tokens.record(usage.input_tokens, {**about, "gen_ai.token.type": "input"})
                _tokens.record(usage.output_tokens, {**about, "gen_ai.token.type": "output"})
                _tokens.record(usage.cached_tokens, {**about, "gen_ai.token.type": "cached"})
    except BaseException as error:
        outcome = str(getattr(error, "kind", type(error).__name__))
        raise
    finally:
        _durations.record(time.perf_counter() - began, {**about, "error.type": outcome})
