"""Two things away at once: whoever can be answered is answered right, everybody else when both are back, all once."""

from itertools import combinations

import pytest
from assistant.testing_system import System, settled, until

pytestmark = pytest.mark.stores

QUESTION, PRICE = "quanto custa matemática?", "R$ 375,00"
SPARED = frozenset({"redis", "llm-gateway", "calendar", "frontdesk"})
"""Without these a question about the price is answered as ever."""
STOP = frozenset({"rabbitmq", "postgresql", "rules", "channel"})
"""Without any of these nobody is told anything before it is back."""


def test_a_question_is_answered_once_whatever_two_things_are_away(system: System) -> None:
    wrong = []
    for pair in combinations(sorted(SPARED | STOP), 2):
        until(system.ready, 90, "every service is ready")
        parent = system.parent()
        with system.without(*pair):
            parent.write(QUESTION)
            if SPARED.issuperset(pair):
                until(parent.received, 30, f"an answer without {pair}")
            elif parent.settled(3):
                wrong.append((pair, "answered although nothing could be known"))
        until(parent.received, 60, f"an answer after {pair}")
        (received,) = settled([parent], 3)
        if sum(PRICE in text for text in received) != 1 or len(received) != len(set(received)):
            wrong.append((pair, received))
    assert wrong == []
