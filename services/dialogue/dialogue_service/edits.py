"""Learning what somebody at the unit wrote of a family."""

from chassis.clock import Clock
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store
from contracts import Event, Fact
from contracts.dialogue import LeadQualified, LeadUpdated
from contracts.frontdesk import LeadEditedByStaff

from dialogue_service import store as rows
from dialogue_service.decision.editing import edited
from dialogue_service.leaving import emit

log = get_logger(__name__)


class Edits:
    """Takes what staff wrote; a turn that is being worked then is done again, with what it says now."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def hear(self, event: Event[LeadEditedByStaff]) -> None:
        """Keep what was written, and say what is known of the family now. Raises `Transient`."""
        async with self._store.unit() as tx:
            if not await tx.first_time(event):
                return
            name = await rows.known_as(tx.connection, event.subject)
            mail = await rows.load(tx.connection, name, lock=True)
            if mail is None:
                raise Transient("the front desk knows a conversation that has not come here yet")
            state = edited(mail.current(), event.data.lead, event.data.changes, event.time)
            told: list[Fact] = [
                LeadUpdated(
                    contact=state.contact,
                    lead=state.lead,
                    changes=(),
                    completeness=state.lead.completeness,
                    stage=state.stage,
                )
            ]
            if state.lead.qualified and not state.qualified:
                state = state.but(qualified=True)
                told.append(LeadQualified(contact=state.contact, lead=state.lead))
            await rows.save(tx, mail, state, unsaid=mail.unsaid)
            await emit(tx, event, told, self._clock())
        log.info("lead_edited", conversation=event.subject, fields=len(event.data.changes))
