"""Forgets a person: their visits go, and with them the slots are free again."""

from contracts import Event
from contracts.privacy import DataErased, ErasureRequested

from calendar_service.appointments import Appointments


async def erase(appointments: Appointments, event: Event[ErasureRequested]) -> None:
    """Delete visits, holds, reminders and facts for later, once; what Google shows of them goes with its next sync."""
    now = appointments.clock()
    conversations = event.data.conversations(event.subject)
    async with appointments.store.unit() as tx:
        if not await tx.first_time(event):
            return
        await appointments.visits.lock(tx)
        visits = await appointments.visits.of_person(tx, conversations, event.data.phone)
        for visit_id in visits:
            await appointments.visits.forget(tx, visit_id, shown=appointments.google)
        held = await appointments.visits.release_all(tx, conversations)
        pending = await tx.drop_pending(keys=[str(each) for each in visits], mention=event.data.phone, now=now)
        if visits:
            await appointments.show(tx)
        rows = len(visits) + held + pending
        await tx.emit(event.causes(DataErased(owner="calendar", rows=rows), now=now, source="calendar"))
