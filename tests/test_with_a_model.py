"""Every scenario again, with a model that answers sensibly: it helps where it is needed and is in nobody's way."""

from pathlib import Path

import pytest
from assistant.evaluation.scripted import Scripted
from assistant.rehearsal import Ask, Rehearsal, Unit
from assistant.scenarios.loading import load
from assistant.scenarios.model import Scenario
from assistant.scenarios.playing import Result, play
from contracts.llm_gateway import Complete, Completion, Refusal

FOLDER = Path(__file__).parent / "e2e"
ALL = load([FOLDER / "scenarios", FOLDER / "with_a_model"])
MADE_FOR_A_MODEL = load([FOLDER / "with_a_model"])


async def played(scenario: Scenario, unit: Unit, model: Ask | None) -> tuple[Rehearsal, Result]:
    stage = Rehearsal.of(scenario, unit, 1, model=model)
    return stage, await play(scenario, stage)


@pytest.mark.parametrize("scenario", ALL, ids=lambda each: each.name)
async def test_a_scenario_passes_with_a_model(scenario: Scenario, unit: Unit) -> None:
    stage, result = await played(scenario, unit, Scripted())
    assert result.failures == []
    assert stage.replaced == []


@pytest.mark.parametrize("scenario", MADE_FOR_A_MODEL, ids=lambda each: each.name)
@pytest.mark.parametrize("refusal", ["no_provider", "budget", "deadline", "failed"])
async def test_a_model_that_is_not_to_be_had_leaves_no_trace(scenario: Scenario, unit: Unit, refusal: Refusal) -> None:
    async def refuses(question: Complete, *, within_s: float) -> Completion:
        del question, within_s
        return Completion(refusal=refusal)

    alone, _ = await played(scenario, unit, None)
    without, _ = await played(scenario, unit, refuses)
    assert without.outbox == alone.outbox
    assert without.state == alone.state
    assert {answer.route for answer in without.answers} <= {"template", "fallback"}
