import asyncio
from pathlib import Path

from chassis.clock import now
from chassis.line import Line
from chassis.logging import get_logger
from chassis.service import Service
from chassis.store import Store

from frontdesk_service import handlers, staff
from frontdesk_service.folding import Folding
from frontdesk_service.left_behind import watch
from frontdesk_service.lookout import Lookout
from frontdesk_service.machinery import Machinery
from frontdesk_service.parts import assemble
from frontdesk_service.rebuilding import Rebuilding
from frontdesk_service.settings import Settings
from frontdesk_service.unit import read_unit_file
from frontdesk_service.web import application

log = get_logger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
REST_S = 0.04
"""How long the line has the processor for itself after a fact; what comes meanwhile is folded together with it."""


def build(settings: Settings) -> Service:
    """Put the front desk together."""
    for variable in settings.weak:
        log.warning("weak_secret", variable=variable)
    line = Line("frontdesk", clock=now, rest_s=REST_S)
    line.emits(*staff.FACTS)
    store = Store(line, settings.database_url, migrations=MIGRATIONS)
    parts = assemble(
        line,
        store,
        clock=now,
        database_url=settings.database_url,
        secret=settings.frontdesk_jwt_secret,
        unit=read_unit_file(settings.unit_file),
        outlets=settings.outlets,
        lookout=Lookout(settings.rabbitmq_url, settings.service_urls.get("ingress")),
        machinery=Machinery(settings.service_urls),
        stopping=lambda: service.server.should_exit,
    )
    handlers.register(line, store, parts, Folding(store, parts.changes))

    async def run() -> None:
        await parts.accounts.ensure(settings.frontdesk_username, settings.frontdesk_password)
        await parts.alarm.arm()
        await parts.reporting.arm()
        await asyncio.gather(parts.changes.run(), Rebuilding(store, parts.changes).at_start())

    service = Service(
        settings,
        line,
        store=store,
        http=application(parts),
        checks={"account": parts.accounts.ready},
        background=[run, lambda: watch(parts.reads, now), parts.tallying.run],
    )
    return service
