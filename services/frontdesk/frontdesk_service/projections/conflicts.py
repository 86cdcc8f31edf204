"""What only the unit's people can settle about a visit: opened as a handoff that says both sides."""

from contracts import Event
from contracts.calendar import CalendarConflictFound, Visit
from contracts.dialogue import HandoffPack, Slot

from frontdesk_service.domain import CONFLICT, local
from frontdesk_service.projections.people import Told, tell
from frontdesk_service.projections.writes import Writes
from frontdesk_service.wording.wishes import hour
from frontdesk_service.wording.words import visit_time

SHOULD: dict[str, str] = {
    "event_over_visit": "Decidam: se a visita precisa mudar, combinem outro horário com a família.",
    "moved_onto_visit": "A visita continua onde estava: já há outra família nesse horário.",
    "moved_outside": "A visita continua onde estava: a unidade está fechada nesse horário.",
    "changed_twice": "Vale o que foi combinado com a família. Confiram se está bom para a unidade.",
    "not_booked": "A visita não foi marcada. Escolham outro horário.",
}


def found(writes: Writes, event: Event[CalendarConflictFound]) -> None:
    """Open a handoff; the same conflict opens one."""
    visit = event.data.visit
    pack = HandoffPack(summary=_summary(event.data), lead=visit.lead, open_question=SHOULD[event.data.kind])
    tell(writes, event.subject, Told(phone=visit.contact.phone, unit_at=event.time, last_at=event.time))
    writes.add(
        """insert into handoffs (id, conversation, phone, reason, pack, opened_at)
        values ($1, $2, $3, 'failure', $4, $5)
        on conflict (id) do nothing""",
        event.id,
        event.subject,
        visit.contact.phone,
        pack.model_dump(mode="json"),
        event.time,
    )


def _summary(conflict: CalendarConflictFound) -> tuple[str, ...]:
    family = f"Visita de {_who(conflict.visit)}: {_span(conflict.visit.slot)}."
    title = f" “{conflict.title[:80]}”" if conflict.title else ""
    sides = {
        "event_over_visit": f"Compromisso da unidade{title} no mesmo horário: {_span(conflict.wanted)}.",
        "changed_twice": f"Na agenda da unidade ela foi mudada ao mesmo tempo: {_span(conflict.wanted)}.",
        "not_booked": f"A unidade quis marcar em {_span(conflict.wanted)}.",
    }
    unit = sides.get(conflict.kind, f"Na agenda da unidade ela foi levada para {_span(conflict.wanted)}.")
    other = (f"Nesse horário está a visita de {_who(conflict.other)}.",) if conflict.other else ()
    return (CONFLICT, family, unit, *other)


def _who(visit: Visit) -> str:
    return visit.lead.parent_name or visit.contact.profile_name or visit.contact.phone or "uma família"


def _span(slot: Slot) -> str:
    """`ter., 24/11, 14h30 até 15h`; the end with its day when it is another one."""
    same_day = (slot.end - slot.start).total_seconds() < 24 * 3600
    return f"{visit_time(slot.start)} até {hour(f'{local(slot.end):%H:%M}') if same_day else visit_time(slot.end)}"
