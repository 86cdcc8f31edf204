"""The day's budget is never passed, and the owner is told of each threshold once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import llm_gateway_service
import pytest
from chassis.errors import BadConfiguration
from chassis.line import Line
from chassis.store import Store
from chassis.testing import Probe
from contracts.llm_gateway import BudgetThresholdCrossed, ChatMessage, Complete, Completion, CompletionServed
from llm_gateway_service.ledger import Call, Ledger
from llm_gateway_service.unit import Budget, read_budget
from pydantic import SecretStr

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]
ONE_REAL = "warning_brl = 0.40\ncritical_brl = 0.70\nlimit_brl = 1.00"
REPLY = "a" * 1200  # 300 tokens by the sandbox's count
QUESTION = Complete(task="phrase", messages=(ChatMessage(role="user", content="oi"),))
DEAR = {"openai_model": "a-model-that-nobody-knows", "keys": ("openai",)}


def a_call(worst: Decimal, **about: Any) -> Call:
    usual = {"question": uuid4(), "conversation": None, "task": "phrase", "provider": "openai", "model": "gpt-4o-mini"}
    return Call(**{**usual, "worst": worst, "usd_brl": Decimal(6), "within_s": 5.0, **about})


def crossed(probe: Probe) -> list[Decimal]:
    return [each.threshold for each in probe.of(BudgetThresholdCrossed)]


async def test_the_budget_is_never_passed_by_twenty_questions_at_once(start: Start, providers: Any) -> None:
    await providers.script("openai", REPLY, delay_s=0.05)
    running = await start(budget=ONE_REAL, **DEAR)
    answers: list[Completion] = await asyncio.gather(*(running.ask(QUESTION) for _ in range(20)))
    answered = [answer for answer in answers if answer.text]
    assert {answer.refusal for answer in answers if not answer.text} == {"budget"}
    assert len(answered) == len(await providers.calls()) > 0
    spent, reserved = await running.day()
    assert (spent <= 1, reserved) == (True, 0)
    assert spent == sum(each.brl for each in running.probe.of(CompletionServed))


async def test_questions_are_paid_until_the_day_cannot_pay_the_next(start: Start, providers: Any) -> None:
    await providers.script("openai", REPLY)
    running = await start(budget=ONE_REAL, **DEAR)
    refusals = [(await running.ask(QUESTION)).refusal for _ in range(10)]
    paid = refusals.index("budget")
    assert refusals == [None] * paid + ["budget"] * (10 - paid)
    assert len(await providers.calls()) == paid >= 4
    assert (await running.day())[0] <= 1
    assert crossed(running.probe) == [Decimal("0.40"), Decimal("0.70"), Decimal("1.00")]
    told = running.probe.of(BudgetThresholdCrossed)
    assert all(each.spent >= each.threshold for each in told[:2])
    assert running.probe.of(CompletionServed)[-1].refusal == "budget"


async def test_a_cheaper_provider_is_asked_when_the_dear_one_cannot_be_paid(start: Start, providers: Any) -> None:
    await providers.script("anthropic", "Olá!")
    tight = "warning_brl = 0.05\ncritical_brl = 0.05\nlimit_brl = 0.05"
    running = await start(budget=tight, openai_model="a-model-that-nobody-knows")
    assert (await running.ask(QUESTION)).provider == "anthropic"
    assert [name for name, _ in await providers.calls()] == ["anthropic"]


async def test_a_budget_of_nothing_asks_nobody(start: Start, providers: Any) -> None:
    nothing = "warning_brl = 0\ncritical_brl = 0\nlimit_brl = 0"
    running = await start(budget=nothing)
    assert await running.ask(QUESTION) == Completion(refusal="budget")
    assert await providers.calls() == []


class Day:
    """A clock that tests set."""

    at = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Day:
    return Day()


@pytest.fixture
async def books(fresh_database_url: str, clock: Day) -> AsyncIterator[tuple[Ledger, Probe]]:
    line = Line("llm-gateway", clock=clock)
    line.emits(BudgetThresholdCrossed, CompletionServed)
    migrations = Path(llm_gateway_service.__file__).parent / "migrations"
    store = Store(line, SecretStr(fresh_database_url), migrations=migrations)
    async with Probe(line, store) as probe:
        yield Ledger(store, Budget(), clock), probe


async def settle(ledger: Ledger, call: Any, brl: Decimal | None) -> Decimal:
    async with ledger.store.unit() as tx:
        return sum((await ledger.settle(tx, {call: brl})).values(), Decimal(0))


async def test_reservations_that_race_do_not_pass_the_limit_together(books: tuple[Ledger, Probe]) -> None:
    ledger, _ = books
    calls = await asyncio.gather(*(ledger.reserve(a_call(Decimal("0.30"))) for _ in range(50)))
    assert len([call for call in calls if call]) == 16  # of R$ 5.00


async def test_calls_that_come_together_are_paid_by_the_day_they_come_in(
    books: tuple[Ledger, Probe], clock: Day
) -> None:
    ledger, _ = books

    async def at(moment: datetime) -> Any:
        clock.at = moment
        return await ledger.reserve(a_call(Decimal(3)))

    midnight = datetime(2026, 11, 24, 3, tzinfo=UTC)  # in São Paulo
    moments = [midnight - timedelta(seconds=1), midnight, midnight, midnight - timedelta(seconds=2)]
    reserved = await asyncio.gather(*map(at, moments))
    assert [each is not None for each in reserved] == [True, True, False, False]
    rows = await ledger.store.pool.fetch("select day, reserved from days order by day")
    assert [(row["day"].day, row["reserved"]) for row in rows] == [(23, 3), (24, 3)]


async def test_who_leaves_while_a_call_is_reserved_keeps_nothing(books: tuple[Ledger, Probe]) -> None:
    ledger, _ = books
    leaving = [asyncio.create_task(ledger.reserve(a_call(Decimal(1)))) for _ in range(3)]
    await asyncio.sleep(0)
    for task in leaving:
        task.cancel()
    for task in leaving:
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(10):
        while await ledger.store.pool.fetchval("select count(*) from calls where brl = 0") < 3:
            await asyncio.sleep(0.01)
    (day,) = await ledger.store.pool.fetch("select spent, reserved from days")
    assert (day["spent"], day["reserved"]) == (0, 0)


async def test_what_was_not_used_can_be_reserved_again(books: tuple[Ledger, Probe]) -> None:
    ledger, probe = books
    first = await ledger.reserve(a_call(Decimal(5)))
    assert await ledger.reserve(a_call(Decimal("0.01"))) is None
    assert crossed(probe) == []  # nothing is spent yet: the limit is not reached
    assert await settle(ledger, first, Decimal("0.50")) == Decimal("0.50")
    assert await ledger.reserve(a_call(Decimal("4.50"))) is not None


async def test_a_call_whose_cost_nobody_knows_is_booked_at_its_worst(books: tuple[Ledger, Probe]) -> None:
    ledger, _ = books
    assert await settle(ledger, await ledger.reserve(a_call(Decimal(3))), None) == 3
    assert await ledger.reserve(a_call(Decimal("2.01"))) is None


async def test_a_call_that_a_crash_left_open_is_held_and_then_booked_at_its_worst_and_told(
    books: tuple[Ledger, Probe],
) -> None:
    ledger, probe = books
    lost = a_call(Decimal("4.20"), conversation="cnv_1")
    await ledger.reserve(lost)
    assert await ledger.reserve(a_call(Decimal("0.90"))) is None
    assert await ledger.sweep() == 0  # somebody may still settle it
    await ledger.store.pool.execute("update calls set expires_at = clock_timestamp() - interval '1 second'")
    swept = await asyncio.gather(ledger.sweep(), ledger.sweep())  # two copies at once
    assert sorted(swept) == [0, 1]
    (day,) = await ledger.store.pool.fetch("select spent, reserved from days")
    assert (day["spent"], day["reserved"]) == (Decimal("4.20"), 0)
    assert crossed(probe) == [Decimal("4.00")]
    (event,) = [each for each in probe.published if isinstance(each.data, CompletionServed)]
    assert (event.subject, event.data.refusal, event.data.brl) == ("cnv_1", "failed", Decimal("4.20"))


async def test_who_comes_back_after_the_sweep_changes_nothing(books: tuple[Ledger, Probe]) -> None:
    ledger, _ = books
    call = await ledger.reserve(a_call(Decimal(2)))
    await ledger.store.pool.execute("update calls set expires_at = clock_timestamp() - interval '1 second'")
    assert await ledger.sweep() == 1
    assert await settle(ledger, call, Decimal(1)) == 0
    assert await ledger.store.pool.fetchval("select spent from days") == 2


async def test_spend_is_known_by_day_task_model_and_conversation(books: tuple[Ledger, Probe]) -> None:
    ledger, _ = books
    for task, conversation, brl in (
        ("understand", "cnv_1", "0.10"),
        ("phrase", "cnv_1", "0.20"),
        ("phrase", None, "1"),
    ):
        call = await ledger.reserve(a_call(Decimal(1), task=task, conversation=conversation))
        await settle(ledger, call, Decimal(brl))
    await ledger.reserve(a_call(Decimal("0.70"), conversation="cnv_1"))
    rows = await ledger.store.pool.fetch(
        "select task, conversation, calls, brl, open from spend order by task, conversation"
    )
    assert [tuple(row) for row in rows] == [
        ("phrase", "cnv_1", 2, Decimal("0.20"), Decimal("0.70")),
        ("phrase", None, 1, 1, 0),
        ("understand", "cnv_1", 1, Decimal("0.10"), 0),
    ]


async def test_a_dearer_dollar_counts_from_its_first_call_on(
    start: Start, providers: Any, fresh_database_url: str
) -> None:
    await providers.script("openai", REPLY)
    before = await start(usd_brl=5)
    await before.ask(QUESTION)
    after = await start(usd_brl=10, database_url=fresh_database_url)
    await after.ask(QUESTION)
    (cheap,), (dear,) = (each.probe.of(CompletionServed) for each in (before, after))
    assert (cheap.usd_brl, dear.usd_brl) == (5, 10)
    assert abs(dear.brl - 2 * cheap.brl) < Decimal("0.00001")
    assert await after.day() == (cheap.brl + dear.brl, 0)
    rows = await after.service.store.pool.fetch("select usd_brl from calls order by usd_brl")
    assert [row["usd_brl"] for row in rows] == [5, 10]


async def test_once_the_budget_is_thin_the_small_model_answers_the_cheapest_first(start: Start, providers: Any) -> None:
    for provider in ("openai", "anthropic"):
        await providers.script(provider, "Olá!")
    about = {"llm_order": "anthropic,openai", "openai_model": "gpt-4o-mini", "openai_phrase_model": "gpt-4.1-mini"}
    running = await start(budget="warning_brl = 0.01", **about)
    question = Complete(task="phrase", messages=(ChatMessage(role="user", content="oi " * 3000),))
    assert (await running.ask(question)).model == "claude-haiku-4-5"
    assert running.gateway.asking.calling.ledger.is_thin
    assert (await running.ask(question)).model == "gpt-4o-mini"


async def test_every_threshold_is_told_once_a_day(books: tuple[Ledger, Probe], clock: Day) -> None:
    ledger, probe = books
    for _ in range(2):
        for brl in ("3.99", "0.01", "0.49", "0.01", "0.30"):
            await settle(ledger, await ledger.reserve(a_call(Decimal("0.50") + Decimal(brl) // 1)), Decimal(brl))
        for _ in range(3):
            assert await ledger.reserve(a_call(Decimal("0.30"))) is None
        clock.at += timedelta(days=1)
    told = [(each.day, each.threshold, each.spent) for each in probe.of(BudgetThresholdCrossed)]
    steps = [("4.00", "4.00"), ("4.50", "4.50"), ("5.00", "4.80")]
    assert told == [
        (day, Decimal(threshold), Decimal(spent)) for day in ("2026-11-23", "2026-11-24") for threshold, spent in steps
    ]


async def test_a_new_day_has_a_new_budget_and_a_call_belongs_to_the_day_it_began_in(
    books: tuple[Ledger, Probe], clock: Day
) -> None:
    ledger, _ = books
    clock.at = datetime(2026, 11, 24, 2, 59, tzinfo=UTC)  # 23:59 of the 23rd in São Paulo
    late = await ledger.reserve(a_call(Decimal(5)))
    clock.at += timedelta(minutes=1)
    assert await ledger.reserve(a_call(Decimal(4))) is not None
    await settle(ledger, late, Decimal(2))
    rows = await ledger.store.pool.fetch("select day, spent, reserved from days order by day")
    assert [(row["day"].day, row["spent"], row["reserved"]) for row in rows] == [(23, 2, 0), (24, 0, 4)]


@pytest.mark.parametrize(
    "text, budget",
    [
        ("", Budget()),
        ("[ai_budget]\nlimit_brl = 9.50", Budget(limit_brl=Decimal("9.50"))),
        ("[unit]\nname = 3", Budget()),
    ],
)
def test_the_owner_sets_the_budget(tmp_path: Path, text: str, budget: Budget) -> None:
    (tmp_path / "unit.toml").write_text(text)
    assert read_budget(tmp_path / "unit.toml") == budget


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("[ai_budget]\nlimit_brl = -1", "ai_budget.limit_brl"),
        ("[ai_budget]\nlimit_brl = 'muito'", "ai_budget.limit_brl"),
        ("[ai_budget]\nwarning_brl = 6.00", "must rise"),
        ("[ai_budget", "unit.toml"),
    ],
)
def test_a_mistake_of_the_owner_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "unit.toml").write_text(text)
    with pytest.raises(BadConfiguration, match=complaint):
        read_budget(tmp_path / "unit.toml")


def test_a_unit_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="UNIT_FILE"):
        read_budget(tmp_path / "none.toml")
