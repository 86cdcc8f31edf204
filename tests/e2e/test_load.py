"""`assistant load` on the running system."""

import json

import pytest
from assistant.testing_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.stores]


def test_a_load_answers_everybody_and_tells_what_it_cost(steady: System) -> None:
    told = json.loads(steady.assistant("load", "--per-s=2", "--for-s=2", "--think-s=0", "--json").stdout)
    assert told["conversations"]["finished"] == 4
    assert told["turns"] == 4 * 5
    assert 0 < told["reply_without_window_s"]["p50"] < told["reply_s"]["p50"]
    assert told["cpu_ms_per_turn"]["dialogue"] > 0
    assert told["memory_mb"]["rules"]["at_end"] > 0
