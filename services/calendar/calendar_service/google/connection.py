"""Puts the service together with Google Calendar, where one is configured."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chassis.breaker import Breakers
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.service import Background
from contracts.calendar import Visit

from calendar_service.appointments import SHOW, Appointments
from calendar_service.google.client import Google
from calendar_service.google.projection import Projection
from calendar_service.google.sync import IMPORT, Import
from calendar_service.settings import Settings
from calendar_service.staffing import Staff

log = get_logger(__name__)


def connect(settings: Settings, breakers: Breakers, appointments: Appointments, staff: Staff) -> Sequence[Background]:
    """Register what the timers call; return what runs beside the service. Without Google both are nothing."""
    if not (settings.google_calendar_id and settings.google_service_account_json):
        return ()
    google = Google(
        settings.google_service_account_json,
        settings.google_calendar_id,
        breakers=breakers,
        endpoint=settings.google_api_endpoint,
    )
    return mirror(google, appointments, staff, every=timedelta(seconds=settings.calendar_sync_s), desk=settings.desk)


def mirror(
    google: Google, appointments: Appointments, staff: Staff, *, every: timedelta, desk: str
) -> Sequence[Background]:
    """Keep a Google Calendar and the book alike; `desk` is the front desk's address."""

    def link(visit: Visit, conversation: str) -> str:
        phone = visit.contact.phone
        return f"{desk}/conversas/{phone.removeprefix('+') if phone else conversation}"

    projection = Projection(appointments, staff, google, link)
    bringing = Import(appointments, staff, google, every=every)

    @appointments.store.timer(SHOW)
    async def on_show(_: str, payload: dict[str, Any]) -> None:
        await projection.work(payload)

    @appointments.store.timer(IMPORT)
    async def on_import(_: str, payload: dict[str, Any]) -> None:
        await bringing.work(payload)

    async def run() -> None:
        try:
            await _begin(bringing)
            await asyncio.Event().wait()
        finally:
            await google.close()

    return (run,)


async def _begin(bringing: Import) -> None:
    while True:
        try:
            await bringing.begin()
        except Transient as error:
            log.warning("google_waits", error=type(error).__name__)
            await asyncio.sleep(1)
        else:
            return
