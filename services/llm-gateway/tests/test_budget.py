"""The day's budget is never passed, and the owner is told of each threshold once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import llm_gateway_service
import pytest
from chassis.errors import BadConfiguration
from chassis.line import Line
from chassis.store import Store
from chassis.testing import Probe
from contracts.llm_gateway import BudgetThresholdCrossed, ChatMessage, Complete, Completion, CompletionServed
from llm_gateway_service.ledger import Ledger, Purpose
from llm_gateway_service.unit import Budget, read_budget
from pydantic import SecretStr

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]
ONE_REAL = "warning_brl = 0.40\ncritical_brl = 0.70\nlimit_brl = 1.00"
REPLY = "a" * 1200  # 300 tokens by the sandbox's count
QUESTION = Complete(task="phrase", messages=(ChatMessage(role="user", content="oi"),))
PURPOSE = Purpose("phrase", "openai", "gpt-4o-mini")
DEAR = {"openai_model": "a-model-that-nobody-knows", "keys": ("openai",)}


def crossed(probe: Probe) -> list[Decimal]:
    return [each.threshold for each in probe.of(BudgetThresholdCrossed)]


async def test_the_budget_is_never_passed_by_twenty_questions_at_once(start: Start, providers: Any) -> None:
    await providers.script("openai", REPLY, delay_s=0.05)
    running = await start(budget=ONE_REAL, **DEAR)
    answers: list[Completion] = await asyncio.gather(*(running.probe.ask(QUESTION) for _ in range(20)))
    answered = [answer for answer in answers if answer.text]
    assert {answer.refusal for answer in answers if not answer.text} == {"budget"}
    assert len(answered) == len(await providers.calls()) > 0
    spent, reserved = await running.day()
    assert (spent <= 1, reserved) == (True, 0)
    assert spent == sum(each.brl for each in running.probe.of(CompletionServed))


async def test_questions_are_paid_until_the_day_cannot_pay_the_next(start: Start, providers: Any) -> None:
    await providers.script("openai", REPLY)
    running = await start(budget=ONE_REAL, **DEAR)
    refusals = [(await running.probe.ask(QUESTION)).refusal for _ in range(10)]
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
    assert (await running.probe.ask(QUESTION)).provider == "anthropic"
    assert [name for name, _ in await providers.calls()] == ["anthropic"]


async def test_a_budget_of_nothing_asks_nobody(start: Start, providers: Any) -> None:
    nothing = "warning_brl = 0\ncritical_brl = 0\nlimit_brl = 0"
    running = await start(budget=nothing)
    assert await running.probe.ask(QUESTION) == Completion(refusal="budget")
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
    line.emits(BudgetThresholdCrossed)
    migrations = Path(llm_gateway_service.__file__).parent / "migrations"
    store = Store(line, SecretStr(fresh_database_url), migrations=migrations)
    async with Probe(line, store) as probe:
        yield Ledger(store, Budget(), clock), probe


async def settle(ledger: Ledger, call: Any, brl: Decimal | None) -> Decimal:
    async with ledger.store.unit() as tx:
        return await ledger.settle(tx, call, brl)


async def test_reservations_that_race_do_not_pass_the_limit_together(books: tuple[Ledger, Probe]) -> None:
    ledger, _ = books
    calls = await asyncio.gather(*(ledger.reserve(PURPOSE, Decimal("0.30")) for _ in range(50)))
    assert len([call for call in calls if call]) == 16  # of R$ 5.00


async def test_what_was_not_used_can_be_reserved_again(books: tuple[Ledger, Probe]) -> None:
    ledger, probe = books
    first = await ledger.reserve(PURPOSE, Decimal(5))
    assert await ledger.reserve(PURPOSE, Decimal("0.01")) is None
    assert crossed(probe) == []  # nothing is spent yet: the limit is not reached
    assert await settle(ledger, first, Decimal("0.50")) == Decimal("0.50")
    assert await ledger.reserve(PURPOSE, Decimal("4.50")) is not None


async def test_a_call_whose_cost_nobody_knows_is_booked_at_its_worst(books: tuple[Ledger, Probe]) -> None:
    ledger, _ = books
    assert await settle(ledger, await ledger.reserve(PURPOSE, Decimal(3)), None) == 3
    assert await ledger.reserve(PURPOSE, Decimal("2.01")) is None


async def test_a_call_that_never_ended_stays_reserved(books: tuple[Ledger, Probe]) -> None:
    ledger, _ = books
    await ledger.reserve(PURPOSE, Decimal("4.90"))
    assert await ledger.reserve(PURPOSE, Decimal("0.20")) is None


async def test_every_threshold_is_told_once_a_day(books: tuple[Ledger, Probe], clock: Day) -> None:
    ledger, probe = books
    for _ in range(2):
        for brl in ("3.99", "0.01", "0.49", "0.01", "0.30"):
            await settle(ledger, await ledger.reserve(PURPOSE, Decimal("0.50") + Decimal(brl) // 1), Decimal(brl))
        for _ in range(3):
            assert await ledger.reserve(PURPOSE, Decimal("0.30")) is None
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
    late = await ledger.reserve(PURPOSE, Decimal(5))
    clock.at += timedelta(minutes=1)
    assert await ledger.reserve(PURPOSE, Decimal(4)) is not None
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
