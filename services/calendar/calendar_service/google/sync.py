"""Brings in what people did in Google Calendar: busy times, and visits moved or deleted by hand.

Source: https://developers.google.com/workspace/calendar/api/guides/sync
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.clock import Clock
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store

from calendar_service.appointments import ALL, Appointments
from calendar_service.google import events, tables
from calendar_service.google.client import Google, Said
from calendar_service.google.events import Appointment, Json
from calendar_service.google.projection import ANOTHER_IS_AT_IT, BACKOFF_S
from calendar_service.google.tables import Sync
from calendar_service.staffing import Staff

log = get_logger(__name__)

IMPORT = "import_from_google"
FULL_EVERY = timedelta(hours=24)
"""A sync token sees only the window that it was made for, so the window moves on once a day."""
BEHIND, AHEAD = timedelta(days=1), timedelta(days=31)
"""How much further than today and the horizon the window reaches."""


@dataclass
class Brought:
    """What an import brought: the visits' own events, the other appointments, and the next sync token."""

    full_at: datetime
    token: str = ""
    visits: list[Json] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)


class Import:
    """Imports every `every`, on the system's clock."""

    def __init__(self, appointments: Appointments, staff: Staff, google: Google, *, every: timedelta) -> None:
        self._appointments = appointments
        self._store: Store = appointments.store
        self._clock: Clock = appointments.clock
        self._zone = appointments.opening.zone
        self._staff = staff
        self._google = google
        self._every = every

    async def begin(self) -> None:
        """Have the timers called, on a start."""
        async with self._store.unit() as tx:
            await tables.start_over(tx, self._google.calendar_id)
            await tx.wake(IMPORT, key=ALL, due_at=self._clock())
            await self._appointments.show(tx)

    async def work(self, payload: dict[str, Any]) -> None:
        """Import, and be called again after the pause, or when Google may be back."""
        failures = int(payload.get("failures", 0))
        delay = self._every
        async with tables.alone(self._store) as mine:
            if mine:
                try:
                    await self._import()
                    failures = 0
                except Transient as error:
                    delay = max(timedelta(seconds=BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]), self._every)
                    failures += 1
                    log.warning("google_import_waits", error=type(error).__name__, reason=str(error))
            else:
                delay = ANOTHER_IS_AT_IT
        async with self._store.unit() as tx:
            await tx.wake(IMPORT, key=ALL, due_at=self._clock() + delay, payload={"failures": failures})

    async def _import(self) -> None:
        now = self._clock()
        async with self._store.unit() as tx:
            sync = await tables.sync_of(tx.connection, self._google.calendar_id)
        # A clock that was set back makes the last full import lie ahead: that one counts for nothing.
        if sync and timedelta(0) <= now - sync.full_at < FULL_EVERY:
            try:
                brought = await self._brought(sync.full_at, syncToken=sync.token)
            except Said:
                log.info("google_sync_token_expired")
            else:
                await self._take(brought, full=False)
                return
        first, last = self._window(now)
        brought = await self._brought(now, timeMin=first.isoformat(), timeMax=last.isoformat())
        await self._take(brought, full=True)
        await self._look_for_the_missing(brought, first, last)

    def _window(self, now: datetime) -> tuple[datetime, datetime]:
        return now - BEHIND, now + timedelta(days=self._appointments.opening.horizon_days) + AHEAD

    async def _brought(self, full_at: datetime, **about: Any) -> Brought:
        brought = Brought(full_at)
        async for page in self._google.pages(**about):
            items = page.get("items", [])
            ours = await self._ours(items)
            brought.visits += [item for item in items if item["id"] in ours]
            others = (item for item in items if item["id"] not in ours)
            brought.appointments += [events.appointment(item, self._zone) for item in others]
            brought.token = page.get("nextSyncToken", brought.token)
        return brought

    async def _ours(self, items: list[Json]) -> set[str]:
        possible = {id_: item["id"] for item in items if (id_ := events.visit_id(item["id"]))}
        async with self._store.unit() as tx:
            return {possible[id_] for id_ in await tables.ours(tx.connection, possible)}

    async def _take(self, brought: Brought, *, full: bool) -> None:
        """Take over what was brought; the token last, so that a crash brings it again."""
        await self._follow(brought.visits)
        async with self._store.unit() as tx:
            await self._appointments.visits.lock(tx)
            sync = Sync(brought.token, brought.full_at)
            fresh = await tables.keep(tx, self._google.calendar_id, sync, brought.appointments, full=full)
            for appointment, slot in fresh:
                key = f"{appointment.id}:{slot.start.isoformat()}:{slot.end.isoformat()}"
                await self._staff.tell_of_visits_in(tx, slot, appointment.title, key=key)

    async def _follow(self, visits: list[Json]) -> None:
        """Have visits that people moved or deleted compared by the projection, which follows them."""
        changed = list[UUID]()
        for item in visits:
            visit_id, there = events.visit_id(item["id"]), events.written(item, self._zone)
            if visit_id and (there.cancelled or there.moved):
                changed.append(visit_id)
        if changed:
            async with self._store.unit() as tx:
                await tables.look_again(tx.connection, changed)
                await self._appointments.show(tx)

    async def _look_for_the_missing(self, brought: Brought, first: datetime, last: datetime) -> None:
        """After a full import: visits that should be in it and are not were moved away or deleted."""
        seen = {events.visit_id(item["id"]) for item in brought.visits}
        async with self._store.unit() as tx:
            missing = await tables.shown_between(tx.connection, first, last) - seen
            if missing:
                await tables.look_again(tx.connection, missing)
                await self._appointments.show(tx)
