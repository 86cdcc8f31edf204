"""Raises an alert when its condition begins, closes it when that ends, and has people told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Store, Unit
from contracts import Event, Fact
from contracts.envelope import NAMESPACE
from contracts.frontdesk import AlertCleared, AlertRaised

from frontdesk_service.alerting import Rule, Rules, Severity
from frontdesk_service.changes import EVERYTHING, Changes
from frontdesk_service.diary import UNIT
from frontdesk_service.hours import BusinessHours
from frontdesk_service.indicators import Catalogue
from frontdesk_service.lookout import Lookout
from frontdesk_service.measuring import Measured, measured
from frontdesk_service.projections import absences, dead_letters
from frontdesk_service.reading import Reads
from frontdesk_service.telling import Teller, Told

log = get_logger(__name__)

LOOK = "look_for_alerts"
EVERY = timedelta(seconds=30)
KEEP_DAYS = 30


@dataclass(frozen=True)
class Alert:
    """One alert, as it stands; `value` is the worst that was measured last."""

    id: UUID
    condition: str
    severity: Severity
    value: float
    raised_at: datetime
    cleared_at: datetime | None
    told_at: datetime | None
    times: int
    detail: str | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None


COLUMNS = (
    "id, condition, severity, value, raised_at, cleared_at, told_at, times, detail, acknowledged_by, acknowledged_at"
)


class Alarm:
    """Looks every half minute, in one copy of the service: a durable timer of the store."""

    def __init__(
        self,
        store: Store,
        reads: Reads,
        clock: Clock,
        changes: Changes,
        *,
        rules: Rules,
        hours: BusinessHours,
        catalogue: Catalogue,
        teller: Teller,
        lookout: Lookout | None = None,
    ) -> None:
        self._store = store
        self._reads = reads
        self._clock = clock
        self._changes = changes
        self.rules = rules
        self._hours = hours
        self._catalogue = catalogue
        self._teller = teller
        self._lookout = lookout

    async def arm(self) -> None:
        """Look soon, and from then on."""
        async with self._store.unit() as tx:
            await tx.wake(LOOK, key=LOOK, due_at=self._clock())

    async def look(self) -> None:
        """Measure, raise and close, tell, and look again later."""
        now = self._clock()
        await self._look_at_the_broker(now)
        async with self._reads() as connection:
            found = await measured(connection, self.rules.rules, now, self._hours, self._catalogue)
        changed = False
        async with self._store.unit() as tx:
            for rule in self.rules.rules:
                seen = found[rule.condition]
                if rule.holds(seen.value):
                    changed |= await self._raise(tx, rule, seen, now)
                else:
                    changed |= await self._clear(tx, rule.condition, now)
            await self._clear_forgotten(tx, now)
            await tx.wake(LOOK, key=LOOK, due_at=now + EVERY)
        if changed:
            self._changes.announce(EVERYTHING)
        await self._tell(now)

    async def _look_at_the_broker(self, now: datetime) -> None:
        seen = await self._lookout.look() if self._lookout else None
        if seen is not None:
            async with self._store.unit() as tx:
                await absences.keep(tx.connection, seen.away, now)
                await dead_letters.keep(tx.connection, seen.dead)

    async def acknowledge(self, alert_id: UUID, by: str) -> Alert | None:
        """Note that somebody looks after it; it is not told again. `None` when there is no such alert."""
        async with self._store.unit() as tx:
            row = await tx.connection.fetchrow(
                f"""update alerts set acknowledged_by = coalesce(acknowledged_by, $2),
                    acknowledged_at = coalesce(acknowledged_at, $3) where id = $1 returning {COLUMNS}""",  # noqa: S608
                alert_id,
                by,
                self._clock(),
            )
        self._changes.announce(EVERYTHING)
        return Alert(**row) if row else None

    async def listed(self, status: str | None = None) -> list[Alert]:
        """Return open alerts, then closed ones of the last days, the newest first; or those of one status."""
        async with self._reads() as connection:
            rows = await connection.fetch(
                f"""select {COLUMNS} from alerts
                where (cleared_at is null or raised_at > $2)
                    and ($1::text is null or $1 = case when cleared_at is null then 'open' else 'closed' end)
                order by cleared_at is not null, array_position(array['critical', 'warning', 'info'], severity),
                    raised_at desc""",  # noqa: S608  # a constant
                status,
                self._clock() - timedelta(days=KEEP_DAYS),
            )
        return [Alert(**row) for row in rows]

    async def _raise(self, tx: Unit, rule: Rule, seen: Measured, now: datetime) -> bool:
        value = seen.value or 0.0
        still = """update alerts set value = $2, seen_at = $3, detail = $4
            where condition = $1 and cleared_at is null returning true"""
        if await tx.connection.fetchval(still, rule.condition, value, now, seen.detail):
            return False
        back = """update alerts set value = $2, seen_at = $3, detail = $4, cleared_at = null, times = times + 1,
                told_cleared = false
            where id = (select id from alerts where condition = $1 and cleared_at > $5 order by cleared_at desc limit 1)
            returning true"""
        settled = now - self.rules.telling.settle
        if await tx.connection.fetchval(back, rule.condition, value, now, seen.detail, settled):
            return True
        alert_id = uuid5(NAMESPACE, f"alert:{rule.condition}:{now.isoformat()}")
        await tx.connection.execute(
            """insert into alerts (id, condition, severity, value, detail, raised_at, seen_at)
            values ($1, $2, $3, $4, $5, $6, $6)""",
            *(alert_id, rule.condition, rule.severity, value, seen.detail, now),
        )
        await self._say(tx, AlertRaised(alert_id=alert_id, condition=rule.condition, severity=rule.severity), alert_id)
        log.warning("alert_raised", condition=rule.condition, severity=rule.severity)
        return True

    async def _clear(self, tx: Unit, condition: str, now: datetime) -> bool:
        ended = "update alerts set cleared_at = $2 where condition = $1 and cleared_at is null returning id, times"
        row = await tx.connection.fetchrow(ended, condition, now)
        if row:
            await self._say(tx, AlertCleared(alert_id=row["id"], condition=condition), f"{row['id']}:{row['times']}")
        return row is not None

    async def _clear_forgotten(self, tx: Unit, now: datetime) -> None:
        """Close what no rule watches any more."""
        known = [rule.condition for rule in self.rules.rules]
        query = "select condition from alerts where cleared_at is null and not condition = any($1)"
        for row in await tx.connection.fetch(query, known):
            await self._clear(tx, row["condition"], now)

    async def _say(self, tx: Unit, fact: Fact, key: object) -> None:
        await tx.emit(Event.first(fact, key=str(key), source="frontdesk", subject=UNIT, now=self._clock()))

    async def _tell(self, now: datetime) -> None:
        """Tell what is new, what is still critical, and what is over; what could not be told is told next time."""
        telling = self.rules.telling
        async with self._reads() as connection:
            rows = await connection.fetch(
                f"""select {COLUMNS} from alerts where severity <> 'info' and (
                    (cleared_at is null and told_at is null)
                    or (cleared_at is null and severity = 'critical' and acknowledged_at is null and told_at <= $1)
                    or (cleared_at is not null and told_at is not null and not told_cleared))
                order by severity, raised_at""",  # noqa: S608  # a constant
                now - telling.again,
            )
        due = [
            alert
            for alert in (Alert(**row) for row in rows)
            if alert.severity == "critical" or not telling.is_quiet(now)
        ]
        told = [self._told(alert, rule) for alert in due if (rule := self.rules.of(alert.condition))]
        if told and await self._teller.tell(told, now):
            async with self._store.unit() as tx:
                await tx.connection.execute(
                    "update alerts set told_at = $2, told_cleared = cleared_at is not null where id = any($1::uuid[])",
                    [alert.id for alert in due],
                    now,
                )

    def _told(self, alert: Alert, rule: Rule) -> Told:
        return Told(
            id=alert.id,
            title=f"{rule.title}: {alert.detail}" if alert.detail else rule.title,
            severity=alert.severity,
            over=alert.cleared_at is not None,
            value=alert.value,
            limit=rule.limit,
            measure=rule.measure,
            since=alert.raised_at,
            section=rule.section,
        )
