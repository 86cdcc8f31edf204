"""Many conversations while everything breaks: nothing lost, nothing twice."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from assistant.chaos.copies import add_copies
from assistant.chaos.report import told as report_of
from assistant.chaos.storm import Wanted, storm
from assistant.testing_system import System

pytestmark = pytest.mark.stores


def test_a_storm_loses_nothing_and_doubles_nothing(
    system: System, told: Path, wanted: Wanted, say: Callable[[str], None]
) -> None:
    if wanted.copies > 1:
        add_copies(system, wanted.copies)
    outcome = asyncio.run(storm(system, told, wanted))
    say(report_of(outcome))
    assert outcome.left == {}
    assert outcome.findings == ()
    assert outcome.done["outage"] >= wanted.outages
    assert outcome.done["kill"] + outcome.done["die_at"] >= wanted.kills
