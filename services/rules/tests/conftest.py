"""The shipped unit on Monday, 23 November 2026, 10:12 in São Paulo, with three slots offered to Ana."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import rules_service
from chassis.breaker import Breakers
from chassis.encoder import SentenceEncoder
from chassis.line import Line
from chassis.testing import Probe
from contracts.dialogue import ProposedBubble, ReplyProposed, SendPolicy, Slot
from contracts.examples import CONTACT, an_id
from rules_service.assess import Assessor
from rules_service.facts import Facts
from rules_service.handlers import register
from rules_service.index import MatrixIndex
from rules_service.loading import load_facts
from rules_service.review import Reviewer
from rules_service.search import KnowledgeSearch
from rules_service.taught import Taught

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZONE)
ROOT = next(folder for folder in Path(rules_service.__file__).parents if (folder / "unit.toml").is_file())
OWN = ("Ana Souza", "Pedro", "Júlia", "ana@example.com", "8 anos", "6 anos", "3º ano", "depois das 15h")


def slot(day: int, hour: int, minute: int = 0) -> Slot:
    """A visit in November 2026; days past 30 are December's."""
    start = datetime(2026, 11, 1, hour, minute, tzinfo=ZONE) + timedelta(days=day - 1)
    return Slot(start=start, end=start + timedelta(minutes=30))


OFFERED = (slot(24, 14, 30), slot(25, 9), slot(26, 16, 30))
Propose = Callable[..., ReplyProposed]


class RememberingEncoder(SentenceEncoder):
    """Encodes each sentence once: all tests search the same knowledge."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, Any] = {}

    def encode(self, sentences: Sequence[str]) -> Any:
        import numpy as np  # not above: the encoder's module says first with how many threads

        new = [sentence for sentence in dict.fromkeys(sentences) if sentence not in self._known]
        if new:
            self._known |= zip(new, super().encode(new), strict=True)
        return np.stack([self._known[sentence] for sentence in sentences])


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    return RememberingEncoder()


@pytest.fixture(scope="session")
def facts() -> Facts:
    return load_facts(ROOT / "unit.toml", ROOT / "knowledge")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, the knowledge is waited for."""
    monkeypatch.setattr("rules_service.search.PATIENCE_S", 60.0)


@pytest.fixture(scope="session")
def reviewer(facts: Facts) -> Reviewer:
    return Reviewer(facts)


@pytest.fixture
async def rules(facts: Facts, encoder: SentenceEncoder) -> AsyncIterator[Probe]:
    line = Line("rules", clock=lambda: NOW)
    taught = Taught(line.clock)
    search = KnowledgeSearch(facts.knowledge, encoder, MatrixIndex(), Breakers(), taught)
    register(line, Assessor(facts, search), Reviewer(facts, taught), facts.version, taught)
    async with Probe(line) as probe:
        yield probe


@pytest.fixture(scope="session")
def propose() -> Propose:
    """`propose("text", …)`: a proposal of these texts; `template` says whether a template made them."""

    def proposal(
        *texts: str, template: bool = True, safe: str | None = None, at: datetime = NOW, **more: object
    ) -> ReplyProposed:
        bubbles = tuple(
            ProposedBubble(text=text, template="some_template" if template else None, safe_text=safe) for text in texts
        )
        given = {"purpose": "answer", "offered_slots": OFFERED, "own_data": OWN, **more}
        return ReplyProposed(
            reply_id=an_id("reply"),
            contact=CONTACT,
            instance="kumon",
            bubbles=bubbles,
            policy=SendPolicy(expires_at=at + timedelta(minutes=30)),
            composed_at=at,
            **given,  # type: ignore[arg-type]
        )

    return proposal
