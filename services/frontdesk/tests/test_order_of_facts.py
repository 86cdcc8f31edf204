"""Facts come in any order, and again: the read model is the same. The story has every fact that changes it."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from chassis.errors import Transient
from contracts import Event, Fact
from contracts.calendar import (
    BookingConfirmed,
    BookingRejected,
    ReminderDue,
    Visit,
    VisitCancelled,
    VisitOutcomeRecorded,
    VisitRescheduled,
)
from contracts.dialogue import (
    BookingRequested,
    FieldChange,
    KnowledgeGapFound,
    Lead,
    LeadQualified,
    LeadUpdated,
    OptedOut,
    Slot,
    Student,
)
from contracts.examples import FACTS as EXAMPLES
from contracts.frontdesk import LeadEditedByStaff, StaffReleased, StaffReplied, StaffTookOver
from contracts.ingress import ChannelStateChanged, MessageDeleted, MessageEchoed, MessageEdited
from contracts.llm_gateway import BudgetThresholdCrossed, CompletionServed, ProviderFailedOver
from contracts.postprocessor import DeliveryFailed, ReplyRead, SentBubble
from contracts.preprocessor import ContactsMerged, MessageRejected
from contracts.rules import DraftBlocked, Replacement
from frontdesk_service import projections
from frontdesk_service.projections import PROJECTIONS
from frontdesk_service.rebuilding import Rebuilding

pytestmark = pytest.mark.stores

LEAD = Lead(
    parent_name="Ana Souza",
    phone="+5551987650001",
    email="ana@example.com",
    students=(Student(name="Pedro", age=8, grade="ef3", subjects=("matematica",)),),
    time_preference={"kind": "period", "period": "afternoon"},
)


def slot(ana: Any, hours: float) -> Slot:
    start = ana.clock.at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    return Slot(start=start, end=start + timedelta(minutes=30))


def chat(ana: Any) -> list[Event[Any]]:
    """Messages both ways: one amended, one taken back, one read, one failed, one typed on the unit's phone."""
    first, second, third = ana.key(), ana.key(), ana.key()
    asked, more = ana.says("oi, qto custa?", key=first), ana.says("apaga essa", key=second)
    reply = ana.replied("São *R$ 375,00* por matéria.", "Qual é a idade?", status="delivered")
    one, two = (bubble.key for bubble in reply[1].data.bubbles)
    receipts = [ana.receipt(one, status) for status in ("read", "sent", "error")] + [ana.receipt(two, "error")]
    part_sent = ana.drafted("Primeira parte", "Segunda parte")
    bubble = SentBubble(index=0, key=ana.key(from_me=True), sent_at=ana.clock.on(seconds=1))
    address = ana.contact.address
    return [
        asked,
        more,
        ana.fact(MessageEdited(key=first, address=address, text="oi, quanto custa?", edited_at=ana.clock.at)),
        ana.fact(MessageEdited(key=first, address=address, text="quanto custa?", edited_at=ana.clock.on(seconds=1))),
        ana.fact(MessageDeleted(key=second, address=address)),
        *ana.turn(asked, more),
        ana.learns(Lead(parent_name="Ana", phone=ana.phone)),
        *(told(ana, message) for message in (asked, more)),
        *reply,
        *receipts,
        ana.fact(ReplyRead(reply_id=reply[0].data.reply_id, contact=ana.contact, read_at=ana.clock.at)),
        ana.fact(
            MessageRejected(key=third, contact=ana.contact, text="oi?", reason="rate_limited", sent_at=ana.clock.at)
        ),
        part_sent,
        ana.fact(
            DeliveryFailed(
                reply_id=part_sent.data.reply_id,
                contact=ana.contact,
                reason="exhausted",
                sent=(bubble,),
                attempts=5,
            )
        ),
        *(
            ana.fact(
                MessageEchoed(
                    key=ana.key(from_me=True),
                    address=address,
                    origin="phone",
                    unsure=unsure,
                    text="Oi!",
                    sent_at=ana.clock.at,
                )
            )
            for unsure in (False, True)
        ),
    ]


def told(ana: Any, message: Event[Any]) -> Event[Any]:
    """A name and a child's age, as said in a message."""
    changes = (
        FieldChange(field="parent_name", message=message.id),
        FieldChange(field="age", student=0, message=message.id),
    )
    lead = Lead(parent_name="Ana", phone=ana.phone)
    fact = LeadUpdated(contact=ana.contact, lead=lead, changes=changes, completeness=2, stage="discovery")
    return ana.fact(fact)


def visits(ana: Any) -> list[Event[Any]]:
    """One visit refused, one booked, moved, reminded, come; another one cancelled."""
    wanted, other = slot(ana, 24), slot(ana, 48)
    refused = ana.fact(BookingRequested(slot=other, lead=LEAD, contact=ana.contact))
    asked = ana.fact(BookingRequested(slot=wanted, lead=LEAD, contact=ana.contact))
    visit = Visit(id=ana.an_id(), slot=wanted, status="booked", contact=ana.contact, lead=LEAD)
    moved = visit.model_copy(update={"slot": other, "version": 2})
    dropped = Visit(id=ana.an_id(), slot=wanted, status="cancelled", version=2, contact=ana.contact, lead=LEAD)
    return [
        ana.learns(LEAD, "scheduling"),
        ana.fact(LeadQualified(contact=ana.contact, lead=LEAD)),
        refused,
        refused.causes(BookingRejected(slot=other, reason="taken", contact=ana.contact), now=ana.clock.on(seconds=1)),
        asked,
        asked.causes(BookingConfirmed(visit=visit), now=ana.clock.on(seconds=1)),
        ana.fact(ReminderDue(visit=visit)),
        ana.fact(VisitRescheduled(visit=moved, previous=wanted)),
        ana.fact(ReminderDue(visit=moved)),
        ana.fact(VisitOutcomeRecorded(visit_id=visit.id, outcome="missed", by="maria")),
        ana.fact(VisitOutcomeRecorded(visit_id=visit.id, outcome="came", by="maria")),
        ana.fact(BookingConfirmed(visit=dropped.model_copy(update={"status": "booked", "version": 1}))),
        ana.fact(VisitCancelled(visit=dropped)),
    ]


def staffed(ana: Any) -> list[Event[Any]]:
    """Handed over, taken, answered, given back, handed over again."""
    reply_id, key = ana.an_id(), ana.key(from_me=True)
    replied = StaffReplied(reply_id=reply_id, contact=ana.contact, instance="kumon", by="maria", text="Oi, é a Maria")
    return [
        ana.handed_over(),
        ana.fact(StaffTookOver(by="maria")),
        ana.fact(replied),
        ana.delivered(reply_id, [key]),
        ana.receipt(key, "read"),
        ana.fact(StaffReleased(by="maria")),
        *typed(ana),
        ana.handed_over("complaint"),
        ana.fact(OptedOut(contact=ana.contact)),
    ]


def typed(ana: Any) -> list[Event[Any]]:
    """What the unit wrote of the family: a second child, an age twice, and an e-mail that it took away."""
    second, age, email = FieldChange(field="name", student=1), FieldChange(field="age", student=0), "email"
    two = Lead(students=(Student(age=9), Student(name="Lia")))
    older = Lead(students=(Student(age=10),))
    return [
        ana.fact(LeadEditedByStaff(lead=two, changes=(second, age, FieldChange(field=email)), by="maria")),
        ana.fact(LeadEditedByStaff(lead=older, changes=(age,), by="joao")),
        ana.learns(LEAD, "booked"),
    ]


def journal_only(ana: Any) -> list[Event[Any]]:
    replacement = Replacement(bubble=0, claim="price")
    return [
        ana.fact(KnowledgeGapFound(question="tem estacionamento?")),
        ana.fact(DraftBlocked(reply_id=ana.an_id(), replacement=replacement, facts_version="1")),
        ana.fact(CompletionServed(task="understand")),
        ana.fact(ProviderFailedOver(provider="openai", error="timeout")),
        ana.fact(BudgetThresholdCrossed(day="2026-11-23", threshold=Decimal(4), spent=Decimal("4.01"))),
        ana.fact(ChannelStateChanged(instance="kumon", state="connecting")),
        ana.fact(ChannelStateChanged(instance="kumon", state="open")),
    ]


@pytest.fixture
def story(family: Callable[..., Any]) -> list[Event[Any]]:
    """Everything that can happen to one person, first known by a LID alone, and to others: the contracts' examples."""
    lid = "200000000000001@lid"
    before, ana = family(phone=None, lid=lid), family(lid=lid)
    merged = ana.fact(ContactsMerged(merged=before.subject, contact=ana.contact))
    facts = [before.says("oi"), merged, *chat(ana), *visits(ana), *staffed(ana), *journal_only(ana)]
    stranger = family(phone="+5551980000009", name="Outra")
    return [*facts, *(stranger.fact(fact) for fact in EXAMPLES if type(fact) in PROJECTIONS)]


async def read_model(frontdesk: Any) -> dict[str, list[str]]:
    """Every row of every folded table, and what the API makes of Ana."""
    pool = frontdesk.store.pool
    tables = projections.FOLDED
    rows = {
        table: [row[0] for row in await pool.fetch(f"select to_jsonb(t)::text from {table} t order by 1")]
        for table in tables
    }
    async with frontdesk.client() as client:
        answers = [await client.get("/api/v1/contacts/5551987650001"), await client.get("/api/v1/handoffs")]
    return {**rows, "api": [answer.raise_for_status().text for answer in answers]}


async def forget(frontdesk: Any) -> None:
    await frontdesk.store.pool.execute(f"truncate {', '.join(projections.FOLDED)}, facts")


def test_the_story_has_every_fact_that_the_front_desk_takes(story: list[Event[Fact]]) -> None:
    assert {type(event.data) for event in story} == set(PROJECTIONS)


async def test_facts_in_any_order_and_repeated_make_the_same_read_model(
    frontdesk: Any, story: list[Event[Fact]]
) -> None:
    await frontdesk.deliver(*story)
    told_in_order = await read_model(frontdesk)
    assert all(told_in_order.values()), "a table that stays empty proves nothing"
    for seed in range(25):
        chance = random.Random(seed)
        shuffled = [*story, *chance.sample(story, len(story) // 2)]
        chance.shuffle(shuffled)
        await forget(frontdesk)
        await frontdesk.deliver(*shuffled)
        assert await read_model(frontdesk) == told_in_order, f"seed {seed}"


async def test_facts_worked_on_at_once_make_the_same_read_model(frontdesk: Any, story: list[Event[Fact]]) -> None:
    await frontdesk.deliver(*story)
    one_by_one = await read_model(frontdesk)
    await forget(frontdesk)

    async def as_the_line_does(event: Event[Fact]) -> None:
        for _ in range(20):
            try:
                return await frontdesk.deliver(event)
            except Transient:  # two that met: the line brings the loser again
                continue
        raise AssertionError("a fact never got through")

    twice = [*story, *reversed(story)]
    await asyncio.gather(*(as_the_line_does(event) for event in twice))
    assert await read_model(frontdesk) == one_by_one


async def test_the_read_model_can_be_made_again_from_the_journal(frontdesk: Any, story: list[Event[Fact]]) -> None:
    await frontdesk.deliver(*story)
    before = await read_model(frontdesk)
    await frontdesk.store.pool.execute(
        """delete from people; delete from messages; update turns set closed_at = null;
        insert into turns (id, conversation) values (gen_random_uuid(), 'cnv_nobody')"""
    )
    assert await Rebuilding(frontdesk.store, frontdesk.changes).run() == len(story)
    assert await read_model(frontdesk) == before


async def test_making_the_read_model_again_writes_only_rows_that_differ(
    frontdesk: Any, story: list[Event[Fact]]
) -> None:
    async def written() -> dict[str, set[tuple[str, str]]]:
        return {
            table: {
                tuple(row) for row in await frontdesk.store.pool.fetch(f"select xmin::text, ctid::text from {table}")
            }
            for table in projections.FOLDED
        }

    await frontdesk.deliver(*story)
    before = await written()
    assert all(before[table] for table in ("people", "messages", "channel_marks", "visits", "completions"))
    await Rebuilding(frontdesk.store, frontdesk.changes).run()
    assert await written() == before
    await frontdesk.store.pool.execute("update leads set qualified_at = '2001-01-01'")
    await Rebuilding(frontdesk.store, frontdesk.changes).run()
    after = await written()
    assert after.pop("leads").isdisjoint(before.pop("leads"))
    assert after == before


async def test_facts_that_arrive_while_the_read_model_is_made_again_are_in_it(
    frontdesk: Any, story: list[Event[Fact]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await frontdesk.deliver(*story)
    complete = await read_model(frontdesk)
    await forget(frontdesk)
    early, late = story[::2], story[1::2]
    await frontdesk.deliver(*early)
    rebuilding = Rebuilding(frontdesk.store, frontdesk.changes)
    replace = rebuilding._replace

    async def late_facts_first(connection: Any) -> int:
        await frontdesk.deliver(*late)
        return await replace(connection)

    monkeypatch.setattr(rebuilding, "_replace", late_facts_first)
    assert await rebuilding.run() == len(story)
    assert await read_model(frontdesk) == complete


async def test_facts_and_readers_go_on_while_the_read_model_is_made_again(
    frontdesk: Any, story: list[Event[Fact]]
) -> None:
    anas = story[: -sum(type(fact) in PROJECTIONS for fact in EXAMPLES)]
    await frontdesk.deliver(*anas)
    complete = await read_model(frontdesk)
    await forget(frontdesk)
    half = len(anas) // 2
    await frontdesk.deliver(*anas[:half])
    rebuilding, done, seen = Rebuilding(frontdesk.store, frontdesk.changes), asyncio.Event(), list[int]()

    async def read() -> None:
        async with frontdesk.client() as client:
            while not done.is_set():
                shown = (await client.get("/api/v1/contacts/5551987650001")).raise_for_status().json()
                seen.append(len(shown["messages"]))

    async def rebuild() -> None:
        while not done.is_set():
            await rebuilding.run()

    async def arrive() -> None:
        for event in anas[half:]:
            await frontdesk.deliver(event)
        done.set()

    await asyncio.gather(read(), rebuild(), arrive())
    assert seen
    assert seen == sorted(seen), "nobody ever sees less than before"
    assert await read_model(frontdesk) == complete


async def test_rows_of_an_older_shape_are_made_again_at_the_start(frontdesk: Any, story: list[Event[Fact]]) -> None:
    await frontdesk.deliver(*story)
    before = await read_model(frontdesk)
    await frontdesk.store.pool.execute("update read_model set version = 1; delete from leads")
    rebuilding = Rebuilding(frontdesk.store, frontdesk.changes)
    await rebuilding.at_start()
    assert await read_model(frontdesk) == before
    await frontdesk.store.pool.execute("delete from leads")
    await rebuilding.at_start()
    assert await frontdesk.store.pool.fetchval("select count(*) from leads") == 0, "once is enough"
