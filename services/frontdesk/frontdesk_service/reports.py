"""The report of a day, a week, a month by e-mail: each once, in the morning after.

A durable timer of the store comes for each kind. The row of `reports` is locked while the mail is handed over, and
marked in the same transaction, so that a second copy, or the same one after a restart, finds it sent. Only a crash
between the mail server's word and the commit could send a mail again; it carries the same `Message-ID` then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Store

from frontdesk_service.domain import UNIT_ZONE, local
from frontdesk_service.hours import Period, PeriodName
from frontdesk_service.mail import Mail
from frontdesk_service.numbers import Numbers
from frontdesk_service.projections import journal
from frontdesk_service.reading import Reads
from frontdesk_service.report_mail import Rest, render

log = get_logger(__name__)

REPORT = "send_report"
TOO_LATE = timedelta(days=2)
"""A report that could not be sent for so long is left out: the page has it."""


@dataclass(frozen=True)
class Schedule:
    """When, in the unit's time, the report of a period that is over is sent; a kind without an hour is not."""

    at: Mapping[PeriodName, time]

    def due(self, period: Period) -> datetime:
        """Return when a period's report is sent: in the morning after its last day."""
        return datetime.combine(local(period.ends).date(), self.at[period.name], UNIT_ZONE)

    def last(self, name: PeriodName, now: datetime) -> Period:
        """Return the newest period whose report is due by now."""
        period = Period.of(name, local(now).date()).before()
        return period if self.due(period) <= now else period.before()


class Reporting:
    """Sends reports; without a mail server, or with nobody to send them to, it does nothing."""

    def __init__(
        self,
        store: Store,
        reads: Reads,
        numbers: Numbers,
        clock: Clock,
        *,
        mail: Mail | None,
        schedule: Schedule | None,
        page: str | None,
    ) -> None:
        self._store = store
        self._reads = reads
        self._numbers = numbers
        self._clock = clock
        self._mail = mail
        self._schedule = schedule or Schedule({})
        self._page = page

    async def arm(self) -> None:
        """Wake for what is due, or will be."""
        for name in self._schedule.at if self._mail else ():
            period = self._schedule.last(name, self._clock())
            async with self._store.unit() as tx:
                # A first start begins with the next report; of what came due while nothing ran, the newest is sent now.
                last = await tx.connection.fetchval("select max(begins) from reports where period = $1", name)
                is_overdue = last is not None and last < period.begins
                due = self._schedule.due(period if is_overdue else period.after())
                await tx.wake(REPORT, key=name, due_at=due)

    async def send(self, name: PeriodName) -> None:
        """Send the newest report of a kind that is due, unless it was. Raises `Unsent`, and is called again."""
        if self._mail is None or name not in self._schedule.at:
            return
        now = self._clock()
        period = self._schedule.last(name, now)
        # Written before the row is locked: who holds it must not wait for a connection that those who wait for it have.
        letter = await self._letter(period) if await self._is_wanted(period, now) else None
        async with self._store.unit() as tx:
            await tx.wake(REPORT, key=name, due_at=self._schedule.due(period.after()))
            mine = """insert into reports as old (period, begins) values ($1, $2)
                on conflict (period, begins) do update set begins = old.begins returning sent_at"""
            sent = await tx.connection.fetchval(mine, name, period.begins)
            if sent is None and letter is not None:
                await self._mail.send(*letter[:2], html=letter[2], key=f"report.{name}.{period.first_day}")
                log.info("report_sent", period=name, begins=str(period.first_day))
            done = "update reports set sent_at = coalesce(sent_at, $3) where period = $1 and begins = $2"
            await tx.connection.execute(done, name, period.begins, now)

    async def _is_wanted(self, period: Period, now: datetime) -> bool:
        async with self._reads() as connection:
            first = await journal.first(connection)
        return first is not None and first < period.ends and now - self._schedule.due(period) < TOO_LATE

    async def _letter(self, period: Period) -> tuple[str, str, str]:
        """Return subject, text and HTML."""
        report = await self._numbers.report(period.name, period.first_day)
        async with self._reads() as connection:
            alerts = await connection.fetchval("select count(*) from alerts where cleared_at is null")
        return render(report, Rest(alerts, self._page))
