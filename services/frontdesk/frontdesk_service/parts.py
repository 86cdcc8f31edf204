"""What the front desk is made of, put together once for the process and once for its tests."""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.line import Line
from chassis.store import Store
from pydantic import SecretStr

from frontdesk_service.accounts import Accounts
from frontdesk_service.alarm import Alarm
from frontdesk_service.alerting import Rules
from frontdesk_service.changes import Changes
from frontdesk_service.diary import Diary
from frontdesk_service.erasing import Erasing
from frontdesk_service.guard import Guard
from frontdesk_service.indicators import Catalogue
from frontdesk_service.leftovers import Leftovers
from frontdesk_service.listening import Listening
from frontdesk_service.logins import Logins
from frontdesk_service.lookout import Lookout
from frontdesk_service.machinery import Machinery
from frontdesk_service.mail import Mail
from frontdesk_service.numbers import Numbers
from frontdesk_service.quick_replies import QuickReplies
from frontdesk_service.reading import Reads, reads_of
from frontdesk_service.recognising import Recognising
from frontdesk_service.reports import Reporting, Schedule
from frontdesk_service.staff import Desk
from frontdesk_service.suggesting import Suggesting
from frontdesk_service.tallying import Tallying
from frontdesk_service.teaching import Teaching
from frontdesk_service.telling import Teller
from frontdesk_service.throttle import Throttle
from frontdesk_service.tokens import Tokens
from frontdesk_service.unit import UnitFile
from frontdesk_service.webhooks import Receiver, Webhooks


@dataclass(frozen=True)
class Outlets:
    """How the owner is told of alerts and sent reports, and another system is told of handoffs.

    `phone` is E.164, `page` the desk's address for links, `schedule` when reports are sent, if ever.
    """

    mail: Mail | None = None
    phone: str | None = None
    page: str | None = None
    reports: Mail | None = None
    schedule: Schedule | None = None
    receiver: Receiver | None = None


@dataclass(frozen=True)
class Parts:
    """Everything that routes and handlers work with."""

    clock: Clock
    reads: Reads
    changes: Changes
    recognising: Recognising
    desk: Desk
    diary: Diary
    accounts: Accounts
    logins: Logins
    tokens: Tokens
    guard: Guard
    numbers: Numbers
    tallying: Tallying
    teaching: Teaching
    alarm: Alarm
    erasing: Erasing
    leftovers: Leftovers
    quick_replies: QuickReplies
    suggesting: Suggesting
    listening: Listening
    reporting: Reporting
    webhooks: Webhooks
    machinery: Machinery
    unit: UnitFile


def assemble(
    line: Line,
    store: Store,
    *,
    clock: Clock,
    database_url: SecretStr,
    secret: SecretStr,
    unit: UnitFile,
    outlets: Outlets = Outlets(),
    lookout: Lookout | None = None,
    machinery: Machinery | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Parts:
    """Make every part; nothing is started. `stopping` ends the open pages' streams."""
    reads, changes = reads_of(store), Changes(database_url, stopping)
    tokens, logins = Tokens(secret), Logins(store)
    leftovers = Leftovers(store, clock)
    catalogue = Catalogue.read(unit.prices.monthly_per_subject, unit.prices.enrolment_per_student)
    budget = unit.ai_budget.model_dump()
    tallying = Tallying(store, clock)
    numbers = Numbers(reads, clock, catalogue, budget, tallying)
    return Parts(
        clock=clock,
        reads=reads,
        changes=changes,
        recognising=Recognising(line),
        desk=Desk(store, clock, changes),
        diary=Diary(line, store, clock, changes),
        accounts=Accounts(store, Throttle()),
        logins=logins,
        tokens=tokens,
        guard=Guard(tokens, logins),
        erasing=Erasing(store, clock, changes, leftovers),
        leftovers=leftovers,
        alarm=Alarm(
            store,
            reads,
            clock,
            changes,
            rules=Rules.read(budget),
            hours=unit.business_hours(),
            catalogue=catalogue,
            lookout=lookout,
            teller=Teller(store, outlets.mail, outlets.phone, outlets.page),
        ),
        teaching=Teaching(store, reads, clock, changes),
        numbers=numbers,
        tallying=tallying,
        quick_replies=QuickReplies(store, reads, clock),
        suggesting=Suggesting(line, clock),
        listening=Listening(line, reads),
        webhooks=Webhooks(store, reads, clock, outlets.receiver, outlets.page),
        reporting=Reporting(
            store, reads, numbers, clock, mail=outlets.reports, schedule=outlets.schedule, page=outlets.page
        ),
        machinery=machinery or Machinery({}),
        unit=unit,
    )
