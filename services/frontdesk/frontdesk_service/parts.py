"""What the front desk is made of, put together once for the process and once for its tests."""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.line import Line
from chassis.store import Store
from pydantic import SecretStr

from frontdesk_service.accounts import Accounts
from frontdesk_service.changes import Changes
from frontdesk_service.diary import Diary
from frontdesk_service.guard import Guard
from frontdesk_service.indicators import Catalogue
from frontdesk_service.logins import Logins
from frontdesk_service.numbers import Numbers
from frontdesk_service.reading import Reads, reads_of
from frontdesk_service.staff import Desk
from frontdesk_service.teaching import Teaching
from frontdesk_service.throttle import Throttle
from frontdesk_service.tokens import Tokens
from frontdesk_service.unit import UnitFile


@dataclass(frozen=True)
class Parts:
    """Everything that routes and handlers work with."""

    clock: Clock
    reads: Reads
    changes: Changes
    desk: Desk
    diary: Diary
    accounts: Accounts
    logins: Logins
    tokens: Tokens
    guard: Guard
    numbers: Numbers
    teaching: Teaching


def assemble(
    line: Line,
    store: Store,
    *,
    clock: Clock,
    database_url: SecretStr,
    secret: SecretStr,
    unit: UnitFile,
    stopping: Callable[[], bool] = lambda: False,
) -> Parts:
    """Make every part; nothing is started. `stopping` ends the open pages' streams."""
    reads, changes = reads_of(store), Changes(database_url, stopping)
    tokens, logins = Tokens(secret), Logins(store)
    catalogue = Catalogue.read(unit.prices.monthly_per_subject, unit.prices.enrolment_per_student)
    return Parts(
        clock=clock,
        reads=reads,
        changes=changes,
        desk=Desk(store, clock, changes),
        diary=Diary(line, store, clock, changes),
        accounts=Accounts(store, Throttle()),
        logins=logins,
        tokens=tokens,
        guard=Guard(tokens, logins),
        teaching=Teaching(store, reads, clock, changes),
        numbers=Numbers(reads, clock, catalogue, unit.ai_budget.model_dump()),
    )
