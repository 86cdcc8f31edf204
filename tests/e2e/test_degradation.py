"""What a parent gets while something is away, and once it is back: docs/degradation.md, row by row.

The rows that take longer, and all pairs, are in tests/chaos.
"""

from dataclasses import dataclass

import pytest
from assistant.testing_system import Parent, System, settled, until

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

QUESTION, PRICE = "quanto custa matemática?", "R$ 375,00"
VISIT = "quero agendar uma visita. sou Ana, minha filha Bia tem 8 anos e está no 3º ano, seria matemática"
HANDED_OVER = "(51) 99692-1999"


@dataclass(frozen=True)
class Row:
    """One row: what is away, what is asked, what is said meanwhile (`None`: nothing), and what is said in the end."""

    away: str
    asked: str
    meanwhile: str | None
    in_the_end: str


ROWS = (
    Row("redis", QUESTION, PRICE, PRICE),
    Row("llm-gateway", QUESTION, PRICE, PRICE),
    Row("frontdesk", QUESTION, PRICE, PRICE),
    Row("calendar", QUESTION, PRICE, PRICE),
    Row("calendar", VISIT, HANDED_OVER, HANDED_OVER),
    Row("rules", QUESTION, None, PRICE),
    Row("channel", QUESTION, None, PRICE),
    Row("postgresql", QUESTION, None, PRICE),
)


def says(parent: Parent, words: str) -> bool:
    return any(words in text for text in parent.received())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.away}: {row.asked[:14]}")
def test_a_parent_gets_what_the_table_says(steady: System, row: Row) -> None:
    parent = steady.parent()
    with steady.without(row.away):
        parent.write(row.asked)
        if row.meanwhile is None:
            assert parent.settled(3) == []
        else:
            until(lambda: says(parent, row.meanwhile or ""), 90, f"{row.meanwhile} without {row.away}")
    until(lambda: says(parent, row.in_the_end), 90, f"{row.in_the_end} once {row.away} is back")
    assert sum(row.in_the_end in text for text in parent.settled(2)) == 1, parent.received()


def test_a_channel_that_takes_nothing_is_left_alone_and_that_is_seen(steady: System) -> None:
    shown = {"service": "postprocessor", "dependency": "evolution", "state": "open"}
    parents = [steady.parent() for _ in range(6)]
    with steady.without("channel"):
        for parent in parents:
            parent.write(QUESTION)
        until(lambda: shown in steady.status()["breakers"], 30, "the breaker in the status")
    for parent in parents:
        until(lambda parent=parent: says(parent, PRICE), 45, "the price once the channel is back")
    assert all(len(received) == len(set(received)) for received in settled(parents, 2))
