"""What the tests of the whole reception share."""

import pytest
from assistant.rehearsal import Unit, the_unit


@pytest.fixture(scope="session")
def unit() -> Unit:
    """The project's unit, with its knowledge read in."""
    unit = the_unit()
    unit.warm()
    return unit
