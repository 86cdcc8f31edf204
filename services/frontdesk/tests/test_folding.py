"""Facts that arrive together share a transaction, and never each other's fate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, cast

import pytest
from chassis.errors import Unavailable
from chassis.line import Line
from chassis.store import Store
from contracts import Event
from contracts.examples import AT
from contracts.frontdesk import StaffReleased
from frontdesk_service import projections
from frontdesk_service.changes import Changes
from frontdesk_service.folding import Folding


class Announced(Changes):
    def __init__(self) -> None:
        self.conversations: list[str] = []

    def announce(self, conversation: str) -> None:
        self.conversations.append(conversation)


class Transactions:
    """Stands for a store: counts transactions, and lets some wait or fail."""

    def __init__(self) -> None:
        self.line = Line("frontdesk", clock=lambda: AT)
        self.opened = 0
        self.gate = asyncio.Event()
        self.away = False

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Any]:
        self.opened += 1
        if self.away:
            raise Unavailable("PostgreSQL is away")
        await self.gate.wait()
        yield type("Tx", (), {"connection": None})


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> list[Event[Any]]:
    kept: list[Event[Any]] = []

    async def apply(_: object, *events: Event[Any], now: datetime) -> list[Event[Any]]:
        assert now == AT
        if any(event.subject == "poison" for event in events):
            raise ValueError("cannot be folded")
        kept.extend(events)
        return list(events)

    monkeypatch.setattr(projections, "apply", apply)
    return kept


def fact(subject: str) -> Event[StaffReleased]:
    return Event.first(StaffReleased(by="ana"), key=subject, source="frontdesk", subject=subject, now=AT)


async def folded(folding: Folding, *subjects: str) -> list[object]:
    tasks = [asyncio.create_task(folding.fold(fact(subject))) for subject in subjects]
    return list(await asyncio.gather(*tasks, return_exceptions=True))


async def test_what_collects_while_a_transaction_runs_shares_the_next_one(applied: list[Event[Any]]) -> None:
    store, changes = Transactions(), Announced()
    folding = Folding(cast("Store", store), changes)
    first = asyncio.create_task(folding.fold(fact("cnv_0")))
    while not store.opened:
        await asyncio.sleep(0)
    rest = asyncio.create_task(folded(folding, *(f"cnv_{n}" for n in range(9, 0, -1))))
    for _ in range(5):
        await asyncio.sleep(0)
    store.gate.set()
    assert [await first, *await rest] == [None] * 10
    assert store.opened == 2
    assert [event.subject for event in applied] == [f"cnv_{n}" for n in range(10)]
    assert sorted(changes.conversations) == [f"cnv_{n}" for n in range(10)]


async def test_one_fact_that_cannot_be_folded_fails_alone(applied: list[Event[Any]]) -> None:
    store = Transactions()
    store.gate.set()
    outcomes = await folded(Folding(cast("Store", store), Announced()), "cnv_1", "poison", "cnv_2")
    assert [type(outcome) for outcome in outcomes] == [type(None), ValueError, type(None)]
    assert {event.subject for event in applied} == {"cnv_1", "cnv_2"}


async def test_without_a_database_every_fact_comes_again(applied: list[Event[Any]]) -> None:
    store = Transactions()
    store.away = True
    outcomes = await folded(Folding(cast("Store", store), Announced()), "cnv_1", "cnv_2")
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    assert applied == []


async def test_a_cancelled_handler_leaves_the_others_to_go_on(applied: list[Event[Any]]) -> None:
    store = Transactions()
    folding = Folding(cast("Store", store), Announced())
    first = asyncio.create_task(folding.fold(fact("cnv_1")))
    while not store.opened:
        await asyncio.sleep(0)
    second = asyncio.create_task(folding.fold(fact("cnv_2")))
    await asyncio.sleep(0)
    first.cancel()
    store.gate.set()
    await second
    assert [event.subject for event in applied] == ["cnv_2"]
