"""Every scenario file, in one process; four times, since variants of texts differ from parent to parent."""

from pathlib import Path
from typing import get_args

import pytest
from assistant.rehearsal import Rehearsal, Unit
from assistant.scenarios.loading import load
from assistant.scenarios.playing import play
from contracts.dialogue import HandoffReason

FOLDER = Path(__file__).parent / "e2e" / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))
TIMES = 4


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_a_scenario_passes_four_times_in_a_row(file: Path, unit: Unit) -> None:
    for scenario in load([file]):
        for nth in range(TIMES):
            stage = Rehearsal.of(scenario, unit, nth)
            result = await play(scenario, stage)
            spoken = "\n".join(f"{line.author}: {line.text}" for line in result.transcript)
            assert result.passed, "\n".join([*result.failures, spoken])
            assert stage.replaced == [], "review replaced a template"
            # Replay plays side by side what does not look at the calendar.
            assert scenario.books or not stage.book.held, "slots are offered that the scenario does not expect"


def test_there_are_at_least_eighty_scenarios_with_names_of_their_own() -> None:
    assert len(load(FILES)) >= 80


def test_every_part_of_the_reception_is_covered() -> None:
    covered = {tag for scenario in load(FILES) for tag in scenario.covers}
    parts = {
        "objection",
        "correction",
        "burst",
        "interruption",
        "several-children",
        "adult",
        "returning",
        "refusal",
        "closed",
        "holidays",
        "goodbye",
        "media",
        "voice",
        "call",
        "injection",
        "insult",
        "silence",
        "session-end",
        "opt-out",
        "privacy",
        "staff",
        "release",
        "reminder",
    }
    assert parts - covered == set()


def test_every_reason_for_a_handover_is_expected_by_some_scenario() -> None:
    reached = set()
    for scenario in load(FILES):
        expected = [*(turn.expect.handoff for turn in scenario.turns), scenario.outcome.handoff]
        reached |= {reason for reason in expected if reason and "|" not in reason}
    assert set(get_args(HandoffReason)) - reached == set()
