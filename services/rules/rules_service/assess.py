"""The one answer to a turn: what is true of the unit now, what it costs, what the knowledge says, who should answer."""

from collections.abc import Sequence

from contracts.rules import Assess, Assessment, KnownTemplate, Passage, PriceQuote, UnitFacts

from rules_service.facts import TOPICS, Facts, UnitFile
from rules_service.hours import Calendar
from rules_service.quote import quote
from rules_service.search import KnowledgeSearch, passage_of
from rules_service.verdict import verdict

ABOUT_PRICE = frozenset({"ask_price", "object_price", "negotiate"})


class Assessor:
    """Answers `rules.assess`."""

    def __init__(self, facts: Facts, search: KnowledgeSearch) -> None:
        self._facts = facts
        self._search = search
        self._calendar = Calendar(facts.file)
        self._unit = _unit_facts(facts.file)
        main = ((topic, facts.main_piece(topic)) for topic in TOPICS)
        self._main = {topic: passage_of(piece, 1.0) for topic, piece in main if piece}

    async def assess(self, question: Assess) -> Assessment:
        """Return the assessment; `quote` stands when students are given or the turn is about the price."""
        asked = question.question
        passages = await self._search.find(asked) if asked and asked.strip() else ()
        confident = bool(asked) and self._search.is_confident(asked or "", passages)
        return Assessment(
            facts_version=self._facts.version,
            unit=self._unit,
            verdict=verdict(question.intents, question.counters, question.said or asked),
            quote=self._quote(question),
            opening=self._calendar.opening(question.now),
            closed_days=self._calendar.closed_days(question.now),
            topics=self._topics(question.topics, passages if confident else ()),
            passages=passages,
            confident=confident,
        )

    def _quote(self, question: Assess) -> PriceQuote | None:
        if question.students or not ABOUT_PRICE.isdisjoint((*question.intents, *question.topics)):
            return quote(self._facts.file.prices, question.students)
        return None

    def _topics(self, topics: Sequence[str], found: Sequence[Passage]) -> dict[str, Passage]:
        """Return a passage for each topic: the best one found for the question, else the topic's main piece."""
        answers: dict[str, Passage] = {}
        for topic in topics:
            best = next((passage for passage in found if passage.topic == topic), self._main.get(topic))
            if best:
                answers[topic] = best
        return answers


def _unit_facts(file: UnitFile) -> UnitFacts:
    unit, reminder = file.unit, file.templates.reminder
    return UnitFacts(
        name=unit.name,
        persona=unit.persona,
        address=unit.address,
        contact_phone=unit.contact_phone,
        email=unit.email,
        timezone=unit.timezone,
        subjects=file.subjects.offered,
        min_age=file.ages.min,
        notice_h=file.visits.notice_h,
        horizon_days=file.visits.horizon_days,
        reminder_template=KnownTemplate.model_validate(reminder.model_dump(exclude={"body"})) if reminder else None,
    )
