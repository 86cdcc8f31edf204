"""Parents are answered soon after what was away is back, and nobody has to restart anything."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from assistant.chaos.breaking import Breaking
from assistant.chaos.playing import Phones
from assistant.chaos.recovery import OUTAGES_S, Recovery, recover
from assistant.testing_system import System

pytestmark = pytest.mark.stores

BOUND_S = 30.0
"""Three times the aim: a busy machine is slow, a retry that waits for the wrong tier is slower."""


def test_everybody_is_answered_soon_after_an_outage_and_no_service_is_restarted(
    system: System, told: Path, say: Callable[[str], None]
) -> None:
    async def all_of_them() -> list[Recovery]:
        async with httpx.AsyncClient(timeout=90, trust_env=False) as http:
            breaking, phones = Breaking(system, http, told), Phones(http, system.sandbox)
            found = []
            for outage in OUTAGES_S:
                found.append(recovery := await recover(system, breaking, phones, outage))
                say(
                    f"{outage:26} {OUTAGES_S[outage]:4.0f} s away, answered {recovery.after_s:5.1f} s after it, "
                    f"those who wrote meanwhile {recovery.meanwhile_s:5.1f} s after it"
                )
            return found

    recoveries = asyncio.run(all_of_them())
    assert {recovery.outage for recovery in recoveries} == set(OUTAGES_S)
    late = {recovery.outage: recovery.after_s for recovery in recoveries if recovery.after_s > BOUND_S}
    assert late == {}
    assert {recovery.outage: recovery.restarted for recovery in recoveries if recovery.restarted} == {}
