"""The unit as the services know it: its facts, its knowledge, its hours, from the owner's own files."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from calendar_service.slots import Opening
from calendar_service.unit import read_unit_file as read_opening
from chassis.breaker import Breakers
from chassis.encoder import shared
from contracts.calendar import Availability, Offer
from contracts.rules import Assess, Assessment
from dialogue_service.asking import Asking, Deadline
from dialogue_service.unit import UnitFile
from dialogue_service.unit import read_unit_file as read_session
from rules_service.assess import Assessor
from rules_service.facts import Facts
from rules_service.index import MatrixIndex
from rules_service.loading import load_facts
from rules_service.review import Reviewer
from rules_service.search import KnowledgeSearch

from assistant.home import project_folder
from assistant.rehearsal.agenda import Agenda

WARM_WITHIN_S = 60.0
TURN_S = 30.0


class _Thread:
    """An event loop of its own: the knowledge search keeps tasks, which outlive the loop of a test."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True, name="rules").start()


@dataclass
class Unit:
    """Rules and calendar, ready to be asked."""

    facts: Facts
    reviewer: Reviewer
    opening: Opening
    session: UnitFile
    _assessor: Assessor
    _search: KnowledgeSearch
    _thread: _Thread

    async def assess(self, question: Assess) -> Assessment:
        """Answer as `rules.assess` does."""
        if not (question.question or "").strip():
            return await self._assessor.assess(question)
        answer = asyncio.run_coroutine_threadsafe(self._assessor.assess(question), self._thread.loop)
        return await asyncio.wrap_future(answer)

    def warm(self) -> None:
        """Read the knowledge in, so that no question waits for it."""

        async def read() -> None:
            async with asyncio.timeout(WARM_WITHIN_S):
                while not await self._search.find("onde fica?"):
                    pass

        asyncio.run_coroutine_threadsafe(read(), self._thread.loop).result()

    def agenda(self) -> Agenda:
        """Return an empty appointment book."""
        return Agenda(self.opening)


class Questions(Asking):
    """Dialogue's questions, answered on the spot."""

    def __init__(self, unit: Unit, agenda: Agenda) -> None:
        self._unit = unit
        self._agenda = agenda

    def deadline(self) -> Deadline:
        """Return a time that no turn here needs."""
        return Deadline(TURN_S)

    async def assess(self, question: Assess, deadline: Deadline) -> Assessment:
        """Ask rules."""
        del deadline
        return await self._unit.assess(question)

    async def offers(self, questions: Sequence[Availability], deadline: Deadline) -> tuple[Offer, ...] | None:
        """Ask the calendar."""
        del deadline
        return None if self._agenda.away else tuple(self._agenda.offer(each) for each in questions)


@cache
def the_unit(unit_file: Path | None = None, knowledge: Path | None = None) -> Unit:
    """Return the project's unit (or another's), read in once. Raises `BadConfiguration`."""
    project = project_folder()
    file = unit_file or project / "unit.toml"
    facts = load_facts(file, knowledge or project / "knowledge")
    search = KnowledgeSearch(facts.knowledge, shared(), MatrixIndex(), Breakers())
    return Unit(
        facts=facts,
        reviewer=Reviewer(facts),
        opening=read_opening(file).opening(),
        session=read_session(file),
        _assessor=Assessor(facts, search),
        _search=search,
        _thread=_Thread(),
    )
