"""Shows every visit in Google Calendar as it is, sooner or later; nothing else waits for it.

A visit that changed is a stale row; a durable timer works the rows off, one at a time over all copies. What somebody
did by hand meanwhile is found before it could be overwritten: an event is read first, and changed only if it is still
the one that was read.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chassis.clock import Clock
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store
from contracts.calendar import Visit

from calendar_service.appointments import ALL, SHOW, Appointments
from calendar_service.google import events, tables
from calendar_service.google.client import Google, Unacceptable
from calendar_service.google.tables import Stale
from calendar_service.staffing import Staff

log = get_logger(__name__)

BACKOFF_S = (5, 10, 20, 40, 80, 160, 300)
"""How long Google is left alone after so many failures in a row."""
ANOTHER_IS_AT_IT = timedelta(seconds=2)
AT_A_TIME = 50
UNACCEPTABLE_FOR = timedelta(hours=1)
TRIES = 3
"""How often an event may change under our hands before it is left for later."""


class Projection:
    """Works off what Google does not show yet."""

    def __init__(
        self, appointments: Appointments, staff: Staff, google: Google, link: Callable[[Visit, str], str]
    ) -> None:
        self._appointments = appointments
        self._store: Store = appointments.store
        self._clock: Clock = appointments.clock
        self._staff = staff
        self._google = google
        self._link = link

    async def work(self, payload: dict[str, Any]) -> None:
        """Show what is stale, and be called again when there is more, or when Google may be back."""
        failures = int(payload.get("failures", 0))
        async with tables.alone(self._store) as mine:
            if not mine:
                await self._again(self._clock() + ANOTHER_IS_AT_IT, failures)
                return
            try:
                done = await self._work_off()
            except Transient as error:
                delay_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
                log.warning("google_waits", error=type(error).__name__, reason=str(error), again_in_s=delay_s)
                await self._again(self._clock() + timedelta(seconds=delay_s), failures + 1)
                return
        if done == AT_A_TIME:
            await self._again(self._clock(), 0)
        elif due := await self._next_due():
            await self._again(due, 0)

    async def _work_off(self) -> int:
        for done in range(AT_A_TIME):
            stale = await self._next()
            if stale is None:
                return done
            await self._show(stale)
        return AT_A_TIME

    async def _show(self, stale: Stale) -> None:
        try:
            version = await self._shown(stale)
        except Unacceptable as error:
            log.error("google_refuses_event", cause=error, visit=str(stale.visit_id))
            version = None
        async with self._store.unit() as tx:
            if version is None:
                await tables.postpone(tx.connection, stale, self._clock() + UNACCEPTABLE_FOR)
                return
            await tables.showed(tx.connection, stale, version)
            if version == 0:
                await tables.forget(tx.connection, stale.visit_id)

    async def _shown(self, stale: Stale) -> int | None:
        """Make Google show a visit; return the version shown, 0 for none, `None` when it is to be tried again."""
        event_id = events.event_id(stale.visit_id)
        for _ in range(TRIES):
            visit, conversation = await self._known(stale)
            if visit is None or visit.status == "cancelled":
                await self._google.delete(event_id)
                return visit.version if visit else 0
            body = events.body(visit, self._appointments.opening.zone, self._link(visit, conversation))
            if stale.shown == 0 and await self._inserted(visit, event_id, body):
                return visit.version
            if await self._changed(stale, visit, event_id, body):
                return visit.version
        return None

    async def _inserted(self, visit: Visit, event_id: str, body: dict[str, Any]) -> bool:
        """Put an event where none is, unless its visit is over: that one was before there was this calendar."""
        return visit.slot.end <= self._clock() or await self._google.insert({**body, "id": event_id})

    async def _changed(self, stale: Stale, visit: Visit, event_id: str, body: dict[str, Any]) -> bool:
        """Change the event that is there, if nobody did meanwhile; what people did to it comes first."""
        event = await self._google.get(event_id)
        if event is None:
            return await self._inserted(visit, event_id, body)
        there = events.written(event, self._appointments.opening.zone)
        if there.cancelled and visit.slot.start <= self._clock():
            return True  # tidied up after the visit
        if there.cancelled and stale.shown:
            await self._staff.deleted_by_hand(stale.visit_id, seen=stale.shown)
        elif there.moved and there.slot:
            await self._staff.moved_by_hand(stale.visit_id, there.slot, seen=there.version, etag=there.etag)
        now, _ = await self._known(stale)
        if now is None or (now.status, now.version) != (visit.status, visit.version):
            return False  # they were followed: begin anew
        return await self._google.patch(event_id, body, there.etag)

    async def _known(self, stale: Stale) -> tuple[Visit | None, str]:
        async with self._store.unit() as tx:
            known = await self._appointments.visits.known(tx, stale.visit_id)
        return known or (None, "")

    async def _next(self) -> Stale | None:
        async with self._store.unit() as tx:
            return await tables.next_stale(tx.connection, self._clock())

    async def _next_due(self) -> datetime | None:
        async with self._store.unit() as tx:
            return await tables.next_due(tx.connection)

    async def _again(self, due_at: datetime, failures: int) -> None:
        async with self._store.unit() as tx:
            await tx.wake(SHOW, key=ALL, due_at=due_at, payload={"failures": failures})
