"""The short form of `python -m ingress_service.testing_fuzz`, which a million bodies have passed."""

from pathlib import Path

import pytest
from ingress_service.testing_fuzz import Fuzz, read_bodies, run


@pytest.mark.parametrize("seed", range(4))
async def test_no_body_breaks_anything_and_no_message_is_lost(seed: int) -> None:
    fuzz = Fuzz(read_bodies(Path(__file__).parent / "fixtures"), seed)
    await run(fuzz, 1000)
    assert fuzz.outcomes["still a message"] == 500
    assert {"fact", "quarantined", "not for us"} < set(fuzz.outcomes)
