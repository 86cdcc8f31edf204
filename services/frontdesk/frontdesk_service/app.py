from pathlib import Path

from chassis.clock import now
from chassis.line import Line
from chassis.logging import get_logger
from chassis.service import Service
from chassis.store import Store

from frontdesk_service import handlers, staff
from frontdesk_service.accounts import Accounts
from frontdesk_service.changes import Changes
from frontdesk_service.diary import Diary
from frontdesk_service.folding import Folding
from frontdesk_service.left_behind import watch
from frontdesk_service.reading import reads_of
from frontdesk_service.settings import Settings
from frontdesk_service.staff import Desk
from frontdesk_service.throttle import Throttle
from frontdesk_service.tokens import Tokens
from frontdesk_service.web import application

log = get_logger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"


def build(settings: Settings) -> Service:
    """Put the front desk together."""
    for variable in settings.weak:
        log.warning("weak_secret", variable=variable)
    line = Line("frontdesk", clock=now)
    line.emits(*staff.FACTS)
    store = Store(line, settings.database_url, migrations=MIGRATIONS)
    changes = Changes(settings.database_url, stopping=lambda: service.server.should_exit)
    accounts = Accounts(store, Throttle())
    handlers.register(line, Folding(store, changes))
    http = application(
        clock=now,
        reads=reads_of(store),
        desk=Desk(store, now, changes),
        diary=Diary(line, store, now, changes),
        accounts=accounts,
        tokens=Tokens(settings.frontdesk_jwt_secret),
        changes=changes,
    )

    async def first_account() -> None:
        await accounts.ensure(settings.frontdesk_username, settings.frontdesk_password)
        await changes.run()

    service = Service(
        settings,
        line,
        store=store,
        http=http,
        checks={"account": accounts.ready},
        background=[first_account, lambda: watch(reads_of(store), now)],
    )
    return service
