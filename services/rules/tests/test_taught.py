"""What the unit teaches at the front desk is known from the next question on."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from chassis.breaker import Breakers
from chassis.encoder import SentenceEncoder
from chassis.line import Line
from chassis.testing import Probe, an_event
from contracts import frontdesk
from contracts.dialogue import ReplyProposed
from contracts.frontdesk import KnowledgeAnswered, TaughtAnswer, TaughtAnswers
from contracts.rules import Assess, Assessment, ReplyDrafted
from rules_service.assess import Assessor
from rules_service.catching_up import ask
from rules_service.facts import Facts
from rules_service.handlers import register
from rules_service.index import MatrixIndex
from rules_service.review import Reviewer
from rules_service.search import KnowledgeSearch
from rules_service.taught import Taught

NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))
POOL = "Não temos piscina, mas a sala de espera tem *brinquedos* e abre às 8h15."
Propose = Callable[..., ReplyProposed]


def answer(text: str = POOL, *, at: datetime = NOW, an_id: UUID | None = None, **more: datetime) -> TaughtAnswer:
    return TaughtAnswer(
        id=an_id or uuid4(), question="Vocês têm piscina?", answer=text, by="maria", answered_at=at, **more
    )


class Rules:
    """Rules whose clock is set by the test."""

    def __init__(self, facts: Facts, encoder: SentenceEncoder) -> None:
        self.now = NOW
        self.line = Line("rules", clock=lambda: self.now)
        self.taught = Taught(lambda: self.now)
        search = KnowledgeSearch(facts.knowledge, encoder, MatrixIndex(), Breakers(), self.taught)
        register(self.line, Assessor(facts, search), Reviewer(facts, self.taught), facts.version, self.taught)
        self.probe = Probe(self.line)

    async def assess(self, question: str) -> Assessment:
        assessment = await self.probe.ask(Assess(now=self.now, question=question))
        assert isinstance(assessment, Assessment)
        return assessment

    async def hear(self, taught: TaughtAnswer) -> None:
        await self.probe.deliver(an_event(KnowledgeAnswered(answer=taught)))


@pytest.fixture
async def rules(facts: Facts, encoder: SentenceEncoder) -> AsyncIterator[Rules]:
    built = Rules(facts, encoder)
    async with built.probe:
        yield built


@pytest.mark.parametrize("question", ["vocês têm piscina?", "tem piscina ai?", "oi, aí tem piscina pras crianças?"])
async def test_the_next_question_finds_a_taught_answer(rules: Rules, question: str) -> None:
    assert not (await rules.assess(question)).confident
    await rules.hear(answer())
    found = await rules.assess(question)
    assert found.confident
    assert found.passages[0].text == POOL


async def test_what_was_known_is_still_found_beside_it(rules: Rules) -> None:
    await rules.hear(answer())
    assert (await rules.assess("tem estacionamento?")).passages[0].id == "parking"


async def test_a_changed_answer_replaces_the_former_and_an_older_one_does_not(rules: Rules) -> None:
    first = answer()
    await rules.hear(first)
    await rules.hear(answer("Agora temos!", an_id=first.id, at=NOW + timedelta(minutes=1)))
    await rules.hear(first)
    assert (await rules.assess("vocês têm piscina?")).passages[0].text == "Agora temos!"


async def test_an_answer_is_forgotten_when_it_expires(rules: Rules) -> None:
    await rules.hear(answer(expires_at=NOW + timedelta(days=1)))
    assert (await rules.assess("vocês têm piscina?")).confident
    rules.now += timedelta(days=2)
    assert not (await rules.assess("vocês têm piscina?")).confident


async def test_a_copy_that_was_away_learns_what_the_front_desk_kept(rules: Rules) -> None:
    assert not await ask(rules.line, rules.taught, lambda: NOW), "nobody answers yet"
    rules.probe.answer(frontdesk.Taught, TaughtAnswers(answers=(answer(),)))
    assert await ask(rules.line, rules.taught, lambda: NOW)
    assert (await rules.assess("vocês têm piscina?")).passages[0].text == POOL


async def test_review_lets_the_unit_say_what_it_wrote_and_nobody_else(rules: Rules, propose: Propose) -> None:
    async def said(text: str) -> str:
        drafted = await rules.probe.deliver(an_event(propose(text)))
        return next(event.data.bubbles[0] for event in drafted if isinstance(event.data, ReplyDrafted))

    assert await said(POOL) != POOL, "8h15 is no hour of the unit's"
    await rules.hear(answer())
    assert await said(POOL) == POOL
    other = f"{POOL} E custa R$ 12,00."
    assert await said(other) != other
