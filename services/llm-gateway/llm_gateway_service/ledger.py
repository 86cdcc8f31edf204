"""The spend of a day in PostgreSQL: nothing is asked before its worst cost is reserved, so the limit is never passed.

One row a day holds what is spent and what is reserved; a reservation is one conditional statement on it, which no
number of copies can race past. Calls that come while one is under way are reserved together, in the next. A call whose
end is unknown (a crash, a timeout) is booked at its worst.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from uuid import UUID, uuid4

import asyncpg
from chassis.clock import Clock
from chassis.errors import Transient, Unavailable
from chassis.logging import get_logger
from chassis.store import Store, Unit
from contracts import Event
from contracts.llm_gateway import BudgetThresholdCrossed, CompletionServed

from llm_gateway_service.domain import day_of
from llm_gateway_service.gathered import Gathered
from llm_gateway_service.unit import Budget

log = get_logger(__name__)

RESERVE_S = 5.0
"""What a reservation may take; nobody waits longer for an answer."""
GRACE_S = 60.0
"""How long after its time a call is taken for lost."""
SWEEP_AT_ONCE = 100
_AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError, TimeoutError)
_RESERVE = """
with paid as (
    insert into days as today (day, reserved) select $1::date, $2::numeric where $2 <= $3::numeric
    on conflict (day) do update set reserved = today.reserved + $2 where today.spent + today.reserved + $2 <= $3
    returning spent)
, noted as (
    insert into calls (id, day, at, task, provider, model, question, conversation, usd_brl, reserved, expires_at)
    select call.id, $1, call.at, call.task, call.provider, call.model, call.question, call.conversation, call.usd_brl,
        call.worst, clock_timestamp() + call.within_s * interval '1 second'
    from paid, unnest($4::uuid[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::text[],
        $11::numeric[], $12::numeric[], $13::float8[])
        as call (id, at, task, provider, model, question, conversation, usd_brl, worst, within_s))
select spent from paid
"""
_SETTLE = """
with ended as (
    update calls set brl = coalesce(call.brl, reserved)
    from unnest($1::uuid[], $2::numeric[]) as call (id, brl)
    where calls.id = call.id and calls.brl is null
    returning day, reserved, calls.brl, calls.id)
, booked as (
    update days set reserved = days.reserved - sums.reserved, spent = days.spent + sums.brl
    from (select day, sum(reserved) as reserved, sum(brl) as brl from ended group by day) as sums
    where days.day = sums.day returning days.day, days.spent, days.crossed)
select ended.id, ended.reserved, ended.brl, booked.day, booked.spent, booked.crossed from ended join booked using (day)
"""
_LOST = """
select id, question, conversation, task, usd_brl from calls
where brl is null and expires_at < clock_timestamp()
order by expires_at limit $1 for update skip locked
"""


@dataclass(frozen=True)
class Call:
    """A call that is to be made: what for, with whom, what it costs at worst in BRL, and its longest in seconds."""

    question: UUID
    conversation: str | None
    task: str
    provider: str
    model: str
    worst: Decimal
    usd_brl: Decimal
    within_s: float


@dataclass(frozen=True)
class _Asked:
    """A reservation that is asked for: the call, when, and what it will be called."""

    call: Call
    at: datetime
    id: UUID = field(default_factory=uuid4)


class Ledger:
    """Keeps a day's calls within the budget."""

    def __init__(self, store: Store, budget: Budget, clock: Clock) -> None:
        self.store = store
        self.budget = budget
        self._clock = clock
        self._seen: tuple[date, Decimal] | None = None
        self._reserving = Gathered(self._reserve_all)
        self._giving: set[asyncio.Task[None]] = set()

    @property
    def is_thin(self) -> bool:
        """Whether the day's first threshold is crossed, as far as this copy has seen."""
        return self._seen is not None and self._seen[0] == self.today and self._seen[1] >= self.budget.warning_brl

    @property
    def today(self) -> date:
        """The São Paulo day that pays now."""
        return day_of(self._clock())

    async def reserve(self, call: Call) -> UUID | None:
        """Set a call's worst cost aside; `None` when the day cannot pay for it. Raises `Unavailable`."""
        reserving = self._reserving.do(_Asked(call, self._clock()))
        try:
            async with asyncio.timeout(call.within_s):
                return await asyncio.shield(reserving)
        except TimeoutError as error:
            reserving.add_done_callback(self._give_back)
            raise Unavailable("PostgreSQL: too slow for the question") from error
        except asyncio.CancelledError:
            reserving.add_done_callback(self._give_back)
            raise

    async def _reserve_all(self, asked: Sequence["_Asked"]) -> list[UUID | None]:
        """Reserve calls together; those of a day that cannot pay for all of them one by one."""
        reserved: list[UUID | None] = []
        for day, of_day in groupby(asked, key=lambda each: day_of(each.at)):
            calls = list(of_day)
            if await self._reserve_at_once(day, calls):
                reserved += [each.id for each in calls]
            elif len(calls) == 1:
                reserved += [None]
            else:
                reserved += [each.id if await self._reserve_at_once(day, [each]) else None for each in calls]
        return reserved

    async def _reserve_at_once(self, day: date, asked: Sequence["_Asked"]) -> bool:
        """Reserve all calls, or none of them."""
        calls = [each.call for each in asked]
        worst = sum((each.worst for each in calls), Decimal(0))
        columns = ("task", "provider", "model", "question", "conversation", "usd_brl", "worst")
        try:
            async with asyncio.timeout(RESERVE_S):
                spent = await self.store.pool.fetchval(
                    _RESERVE,
                    *(day, worst, self.budget.limit_brl, [each.id for each in asked], [each.at for each in asked]),
                    *([getattr(each, column) for each in calls] for column in columns),
                    [each.within_s + GRACE_S for each in calls],
                )
        except _AWAY as error:
            raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error
        if spent is not None:
            self._seen = day, spent
        elif len(asked) == 1:
            await self._tell_of_the_limit(day, worst)
        return spent is not None

    def _give_back(self, reserving: "asyncio.Future[UUID | None]") -> None:
        """Free what was reserved for somebody who is gone."""
        if reserving.exception() is None and (reserved := reserving.result()):
            giving = asyncio.create_task(self._free(reserved))
            self._giving.add(giving)
            giving.add_done_callback(self._giving.discard)

    async def _free(self, reserved: UUID) -> None:
        with contextlib.suppress(Transient):  # the sweep books it, at its worst
            async with self.store.unit() as tx:
                await self.settle(tx, {reserved: Decimal(0)})

    async def forget(self, conversations: list[str]) -> int:
        """Keep what calls cost, and no more with whom they were; return how many calls that were."""
        forgotten = "update calls set conversation = null where conversation = any($1)"
        async with self.store.unit() as tx:
            done: str = await tx.connection.execute(forgotten, conversations)
        return int(done.rsplit(maxsplit=1)[-1])

    async def settle(self, tx: Unit, costs: Mapping[UUID, Decimal | None]) -> dict[UUID, Decimal]:
        """Book what calls cost, `None` where nobody knows: the worst. Returns what was booked, in BRL, by call.

        A call that was swept before is left as it is.
        """
        rows = await tx.connection.fetch(_SETTLE, list(costs), list(costs.values()))
        for row in rows:
            if row["brl"] > row["reserved"]:
                log.error("call_dearer_than_its_worst", call=str(row["id"]))
        await self._tell_of_thresholds(tx, rows)
        return {row["id"]: row["brl"] for row in rows}

    async def sweep(self) -> int:
        """Book what crashes left open, at its worst, and say so. Returns how many calls. Raises `Unavailable`."""
        async with self.store.unit() as tx:
            lost = await tx.connection.fetch(_LOST, SWEEP_AT_ONCE)
            for question in {row["question"] for row in lost}:
                calls = [row for row in lost if row["question"] == question]
                brl = sum((await self.settle(tx, {row["id"]: None for row in calls})).values(), Decimal(0))
                told = CompletionServed(task=calls[0]["task"], refusal="failed", brl=brl, usd_brl=calls[0]["usd_brl"])
                subject = calls[0]["conversation"] or told.producer
                key, now = str(question or calls[0]["id"]), self._clock()
                await tx.emit(Event.first(told, key=key, source=told.producer, subject=subject, now=now))
        if lost:
            log.warning("calls_lost", calls=len(lost))
        return len(lost)

    async def _tell_of_thresholds(self, tx: Unit, rows: Iterable[asyncpg.Record]) -> None:
        for day, spent, crossed in {(row["day"], row["spent"], tuple(row["crossed"])) for row in rows}:
            self._seen = day, spent
            for threshold in self.budget.thresholds:
                if threshold <= spent and threshold not in crossed:
                    await self._tell(tx, day, threshold, spent)

    async def _tell_of_the_limit(self, day: date, worst: Decimal) -> None:
        """Tell that the limit is reached, unless calls that are still running may give something back."""
        async with self.store.unit() as tx:
            spent = await tx.connection.fetchval("select spent from days where day = $1", day) or Decimal(0)
            self._seen = day, spent
            if spent + worst > self.budget.limit_brl:
                await tx.connection.execute("insert into days (day) values ($1) on conflict do nothing", day)
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
            await tx.emit(Event.first(fact, key=key, source=fact.producer, subject=fact.producer, now=self._clock()))
