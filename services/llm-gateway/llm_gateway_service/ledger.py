"""The spend of a day in PostgreSQL: nothing is asked before its worst cost is reserved, so the limit is never passed.

One row a day holds what is spent and what is reserved; a reservation is one conditional update of it, which no number
of copies can race past. A call whose end is unknown (a crash, a timeout) keeps its worst cost.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from chassis.clock import Clock
from chassis.logging import get_logger
from chassis.store import Store, Unit
from contracts import Event
from contracts.llm_gateway import BudgetThresholdCrossed

from llm_gateway_service.domain import day_of
from llm_gateway_service.unit import Budget

log = get_logger(__name__)


@dataclass(frozen=True)
class Purpose:
    """What a call is for, and with whom."""

    task: str
    provider: str
    model: str


@dataclass(frozen=True)
class Ledger:
    """Keeps a day's calls within the budget."""

    store: Store
    budget: Budget
    clock: Clock

    async def reserve(self, purpose: Purpose, worst: Decimal) -> UUID | None:
        """Set a call's worst cost aside; `None` when the day cannot pay for it. Raises `Unavailable`."""
        now, call = self.clock(), uuid4()
        day = day_of(now)
        async with self.store.unit() as tx:
            await tx.connection.execute("insert into days (day) values ($1) on conflict do nothing", day)
            if not await self._set_aside(tx, day, worst):
                await self._tell_of_the_limit(tx, day, worst)
                return None
            await tx.connection.execute(
                """insert into calls (id, day, at, task, provider, model, reserved)
                values ($1, $2, $3, $4, $5, $6, $7)""",
                call,
                day,
                now,
                purpose.task,
                purpose.provider,
                purpose.model,
                worst,
            )
        return call

    async def settle(self, tx: Unit, call: UUID, brl: Decimal | None) -> Decimal:
        """Book what a call cost, `None` when nobody knows: its worst. Returns what was booked, in BRL."""
        row = await tx.connection.fetchrow(
            """update calls set brl = coalesce($2, reserved) where id = $1 and brl is null
            returning day, reserved, brl""",
            call,
            brl,
        )
        if row is None:
            raise RuntimeError("a call is settled once")
        if row["brl"] > row["reserved"]:
            log.error("call_dearer_than_its_worst", call=str(call))
        spent = await tx.connection.fetchval(
            "update days set reserved = reserved - $2, spent = spent + $3 where day = $1 returning spent",
            row["day"],
            row["reserved"],
            row["brl"],
        )
        for threshold in self.budget.thresholds:
            if threshold <= spent:
                await self._tell(tx, row["day"], threshold, spent)
        return Decimal(row["brl"])

    async def _set_aside(self, tx: Unit, day: date, worst: Decimal) -> bool:
        reserved = await tx.connection.fetchval(
            """update days set reserved = reserved + $2 where day = $1 and spent + reserved + $2 <= $3
            returning true""",
            day,
            worst,
            self.budget.limit_brl,
        )
        return bool(reserved)

    async def _tell_of_the_limit(self, tx: Unit, day: date, worst: Decimal) -> None:
        """Tell that the limit is reached, unless calls that are still running may give something back."""
        spent = await tx.connection.fetchval("select spent from days where day = $1", day)
        if spent + worst > self.budget.limit_brl:
            await self._tell(tx, day, self.budget.limit_brl, spent)

    async def _tell(self, tx: Unit, day: date, threshold: Decimal, spent: Decimal) -> None:
        """Say once a day and threshold that it is crossed."""
        is_news = await tx.connection.fetchval(
            """update days set crossed = crossed || $2::numeric where day = $1 and $2::numeric <> all (crossed)
            returning true""",
            day,
            threshold,
        )
        if is_news:
            fact = BudgetThresholdCrossed(day=day.isoformat(), threshold=threshold, spent=spent)
            key = f"{day}:{threshold}"
            await tx.emit(Event.first(fact, key=key, source=fact.producer, subject=fact.producer, now=self.clock()))
