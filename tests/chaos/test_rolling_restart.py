"""A deploy under load: every service is started anew, and nobody notices more than a moment."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from assistant.chaos.audit import audit
from assistant.chaos.copies import add_copies
from assistant.chaos.evidence import Evidence
from assistant.chaos.playing import Phones
from assistant.chaos.rolling import roll, waits
from assistant.chaos.storm import Wanted, settle
from assistant.testing_system import System

pytestmark = pytest.mark.stores

RATE = 20
"""Messages a second."""


def test_a_rolling_restart_under_load_loses_nothing_and_doubles_nothing(
    system: System, wanted: Wanted, say: Callable[[str], None]
) -> None:
    if wanted.copies > 1:
        add_copies(system, wanted.copies)

    async def under_load() -> tuple[int, dict[str, int], Evidence]:
        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
            phones = Phones(http, system.sandbox)
            written = await roll(system, phones, rate=RATE, copies=wanted.copies)
            return written, *await settle(system, phones)

    written, left, evidence = asyncio.run(under_load())
    waited = waits(evidence)
    say(
        f"rolling restart at {RATE} messages a second, {wanted.copies} of every service: "
        f"{written} messages, answered within {waited.median_s:.1f} s (median), {waited.p99_s:.1f} s (p99), "
        f"{waited.longest_s:.1f} s (longest)"
    )
    assert left == {}
    assert audit(evidence) == ()
    assert len(evidence.written) == written
