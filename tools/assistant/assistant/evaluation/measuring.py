"""Plays scenarios without a model and with one, and counts what differs."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from contracts.llm_gateway import Complete, Completion

from assistant.rehearsal import Ask, Rehearsal, Unit
from assistant.scenarios.model import Scenario
from assistant.scenarios.playing import play


@dataclass(frozen=True)
class Spent:
    """What questions to a model used: tokens read and written, and BRL."""

    input_tokens: int = 0
    output_tokens: int = 0
    brl: Decimal = Decimal(0)

    def __add__(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(
            self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens, self.brl + other.brl
        )


class Meter(Protocol):
    """Knows what a question cost."""

    def __call__(self, question: Complete, answer: Completion) -> Spent:
        """Return what it used."""


@dataclass
class Run:
    """All scenarios played once: what failed, how turns were answered, how long they took, what they cost."""

    failures: dict[str, list[str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    routes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    blocked: Counter[str] = field(default_factory=Counter)
    work_s: list[float] = field(default_factory=list)
    ai_work_s: list[float] = field(default_factory=list)
    answer_s: list[float] = field(default_factory=list)
    spent: Spent = Spent()

    @property
    def turns(self) -> int:
        """Turns worked."""
        return len(self.work_s)

    @property
    def asked(self) -> int:
        """Questions to the model."""
        return len(self.answer_s)


class _Counted:
    """A model whose questions are counted and timed."""

    def __init__(self, ask: Ask, meter: Meter, run: Run) -> None:
        self._ask = ask
        self._meter = meter
        self._run = run

    async def __call__(self, question: Complete, *, within_s: float) -> Completion:
        began = time.monotonic()
        answer: Completion = await self._ask(question, within_s=within_s)
        self._run.answer_s.append(time.monotonic() - began)
        self._run.spent += self._meter(question, answer)
        return answer


async def measure(scenarios: Sequence[Scenario], unit: Unit, model: Ask | None, meter: Meter) -> Run:
    """Play every scenario, each from a phone of its own, which is the same in every run."""
    run = Run()
    for nth, scenario in enumerate(scenarios):
        stage = Rehearsal.of(scenario, unit, nth, model=_Counted(model, meter, run) if model else None)
        result = await play(scenario, stage)
        run.names.append(scenario.name)
        if result.failures:
            run.failures[scenario.name] = result.failures
        run.blocked.update(each.claim for _, each in stage.replaced)
        for answer in stage.answers:
            is_ai = answer.route == "llm" or answer.reason == "not_understood"
            run.work_s.append(answer.work_s)
            run.routes[answer.route if answer.spoken else "silent"] += 1
            if answer.route != "template":
                run.reasons[f"{answer.route}: {answer.reason}"] += 1
            if is_ai:
                run.ai_work_s.append(answer.work_s)
    return run
