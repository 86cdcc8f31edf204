"""How often tests repeat what they repeat: `./assistant test` the usual number of times, `--thorough` (as CI) all."""

import os

THOROUGH = "THOROUGH"
"""The variable that asks for all."""


def volume(usual: int, *, thorough: int) -> int:
    """Return how often to do it."""
    return thorough if os.environ.get(THOROUGH) else usual
