"""What helps somebody who answers: quick replies filled for this family, and what the assistant would say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from frontdesk_service.domain import Known
from frontdesk_service.projections import visits
from frontdesk_service.projections.messages import Message
from frontdesk_service.projections.persons import Person
from frontdesk_service.quick_replies import QuickReplies, fill
from frontdesk_service.suggesting import Suggesting, Suggestion
from frontdesk_service.unit import UnitFile
from frontdesk_service.wording import measures, words


@dataclass(frozen=True)
class Helpers:
    """Everything that a conversation's composer offers."""

    quick_replies: QuickReplies
    suggesting: Suggesting
    unit: UnitFile

    async def quick(self, person: Person, known: Known, booked: Sequence[visits.Shown], now: datetime) -> list[Any]:
        """Return the unit's quick replies as `(title, text)`, filled; what is not known stays in braces."""
        ahead = [visit.start for visit in booked if visit.status == "booked" and visit.start > now]
        name = known.lead.parent_name or person.profile_name
        values = {
            "responsável": name.split()[0] if name else None,
            "aluno": known.student_name,
            "visita": words.visit_in_words(min(ahead)) if ahead else None,
            "unidade": self.unit.unit.name,
            "endereço": self.unit.unit.address,
            "telefone": self.unit.unit.contact_phone,
            "mensalidade": measures.price(self.unit.prices.monthly_per_subject),
            "matrícula": measures.price(self.unit.prices.enrolment_per_student),
        }
        return [(each.title, fill(each.text, values)) for each in await self.quick_replies.listed()]

    async def suggestion(self, said: Sequence[Message]) -> Suggestion | None:
        """Return what the assistant would answer now."""
        return await self.suggesting.suggest(said)
