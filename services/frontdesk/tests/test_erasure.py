"""The right to be forgotten: here, and asked of everybody else."""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from chassis.errors import Transient
from contracts import Event, conversation_id
from contracts.calendar import BookingConfirmed, Visit
from contracts.dialogue import KnowledgeGapFound, Lead, LeadUpdated, Slot, Student, TurnClosed, TurnOpened
from contracts.ingress import MessageEchoed, MessageReceived, ReceiptReceived
from contracts.llm_gateway import CompletionServed
from contracts.postprocessor import ReplyDelivered, SentBubble
from contracts.preprocessor import MessageSanitized
from contracts.privacy import DataErased, ErasureRequested
from frontdesk_service import projections
from frontdesk_service.projections import FOLDED, forgotten

pytestmark = pytest.mark.stores

PHONE = "+5551987650001"
SECRETS = ("5551987650001", "Ana Souza", "Pedro", "ana@example.com", "tem piscina", conversation_id(PHONE))


async def live(frontdesk: Any, ana: Any) -> None:
    """Everything that can be known of somebody."""
    lead = Lead(parent_name="Ana Souza", phone=PHONE, email="ana@example.com", students=(Student(name="Pedro"),))
    slot = Slot(start=ana.clock() + timedelta(days=1), end=ana.clock() + timedelta(days=1, minutes=30))
    visit = Visit(id=ana.an_id(), slot=slot, status="booked", contact=ana.contact, lead=lead)
    said = ana.says("oi, sou a Ana Souza, tem piscina?")
    await frontdesk.deliver(
        said,
        *ana.turn(said),
        ana.learns(lead),
        *ana.replied("Oi, Ana Souza!"),
        ana.fact(KnowledgeGapFound(question="tem piscina?")),
        ana.fact(BookingConfirmed(visit=visit)),
        ana.fact(CompletionServed(task="phrase", provider="openai", brl="0.01")),
        ana.handed_over(),
    )


async def traces(frontdesk: Any) -> list[tuple[str, str]]:
    """Where in the database anything of the person is found, in any table."""
    pool = frontdesk.store.pool
    tables = await pool.fetch(
        "select tablename from pg_tables where schemaname = 'frontdesk' and tablename not in ('erased', 'outbox')"
    )
    found = []
    for table in (row["tablename"] for row in tables):
        for row in await pool.fetch(f"select to_jsonb(t)::text from {table} t"):
            found += [(table, secret) for secret in SECRETS if secret in row[0]]
    return found


async def erase(frontdesk: Any, phone: str = PHONE) -> int:
    async with frontdesk.client() as client:
        return int((await client.delete(f"/api/v1/contacts/{phone}")).status_code)


async def status(frontdesk: Any, path: str = "") -> int:
    async with frontdesk.client() as client:
        return int((await client.get(f"/api/v1/contacts/{PHONE}{path}")).status_code)


@pytest.mark.parametrize("asked", [PHONE, PHONE.removeprefix("+"), "555187650001"])
async def test_nothing_of_an_erased_person_is_found_in_any_table(frontdesk: Any, ana: Any, asked: str) -> None:
    await live(frontdesk, ana)
    assert {secret for _, secret in await traces(frontdesk)} == set(SECRETS), "what is not there cannot be erased"
    assert await erase(frontdesk, asked) == 202
    assert await traces(frontdesk) == []
    assert await status(frontdesk) == 404
    (asked_of_all,) = frontdesk.probe.of(ErasureRequested)
    assert (asked_of_all.phone, asked_of_all.asked_by) == (PHONE, "unit")


async def test_somebody_else_stays(frontdesk: Any, ana: Any, family: Any) -> None:
    bia = family(phone="+5551987650002", name="Bia")
    await live(frontdesk, ana)
    await frontdesk.deliver(bia.says("oi"), *bia.replied("Oi, Bia!"))
    await erase(frontdesk)
    async with frontdesk.client() as client:
        shown = (await client.get("/api/v1/contacts/5551987650002")).raise_for_status().json()
    assert [message["status"] for message in shown["messages"]] == ["received", "read"]


async def test_an_erasure_asked_for_in_the_chat_is_done_and_confirmed_once(frontdesk: Any, ana: Any) -> None:
    await live(frontdesk, ana)
    request = ana.fact(ErasureRequested(phone=PHONE, asked_by="parent"))
    await frontdesk.deliver(request, request)
    assert await traces(frontdesk) == []
    (done,) = frontdesk.probe.of(DataErased)
    assert done.owner == "frontdesk"
    assert done.rows > 10


async def test_what_was_still_on_its_way_does_not_bring_them_back(frontdesk: Any, ana: Any) -> None:
    await live(frontdesk, ana)
    late = ana.replied("Pronto, apaguei seus dados.")
    await frontdesk.deliver(ana.fact(ErasureRequested(phone=PHONE, asked_by="parent")), *late)
    assert await traces(frontdesk) == []
    assert await status(frontdesk) == 404


async def test_who_writes_again_begins_anew(frontdesk: Any, ana: Any) -> None:
    await live(frontdesk, ana)
    await frontdesk.deliver(ana.fact(ErasureRequested(phone=PHONE, asked_by="parent")))
    again = ana.says("oi de novo")
    await frontdesk.deliver(again, *ana.turn(again), *ana.replied("Oi!"))
    async with frontdesk.client() as client:
        shown = (await client.get(f"/api/v1/contacts/{PHONE}")).raise_for_status().json()
    assert [message["text"] for message in shown["messages"]] == ["oi de novo", "Oi!"]
    assert shown["lead"]["parent_name"] is None
    assert (shown["visits"], shown["handoff"]) == ([], None)


async def test_only_counts_and_costs_are_kept(frontdesk: Any, ana: Any) -> None:
    await live(frontdesk, ana)
    async with frontdesk.client() as client:
        before = (await client.get("/api/v1/spend", params={"day": "2026-11-23"})).json()
    await erase(frontdesk)
    async with frontdesk.client() as client:
        assert (await client.get("/api/v1/spend", params={"day": "2026-11-23"})).json()["brl"] == before["brl"] == 0.01
    kept = await frontdesk.store.pool.fetchrow("select asked_by, messages, visits from erasures")
    assert tuple(kept) == ("unit", 2, 1)


async def test_a_person_is_erased_with_what_was_said_before_their_phone_was_known(frontdesk: Any, family: Any) -> None:
    lid = "200000000000001@lid"
    unknown, known = family(phone=None, lid=lid), family(lid=lid)
    await frontdesk.deliver(unknown.says("oi, tem piscina?"), known.says("sou eu de novo"))
    await erase(frontdesk)
    assert await frontdesk.store.pool.fetchval("select count(*) from messages") == 0
    (asked,) = frontdesk.probe.of(ErasureRequested)
    assert set(asked.also) == {known.subject, unknown.subject}


async def test_all_that_is_kept_is_handed_over_on_request(frontdesk: Any, ana: Any) -> None:
    await live(frontdesk, ana)
    async with frontdesk.client() as client:
        answer = (await client.get(f"/api/v1/contacts/{PHONE}/export")).raise_for_status()
    assert "attachment" in answer.headers["content-disposition"]
    given = answer.json()
    assert given["contact"]["lead"]["email"] == "ana@example.com"
    assert given["unanswered_questions"] == ["tem piscina?"]
    assert len(given["handoffs"]) == 1
    await erase(frontdesk)
    assert await status(frontdesk, "/export") == 404


@pytest.mark.parametrize("phone", ["nobody", "123"])
async def test_what_is_no_phone_is_nobody(frontdesk: Any, phone: str) -> None:
    assert await erase(frontdesk, phone) == 404
    assert frontdesk.probe.of(ErasureRequested) == []


def exchange(ana: Any, text: str, *, erases: bool = False, received_at: datetime | None = None) -> list[Event[Any]]:
    """One message and all that follows from it, chained as the services chain it, the last of it a receipt.

    With `erases` it asks for the erasure; with `received_at` it was received then, and heard only now.
    """
    now = received_at or ana.clock.on(seconds=3)
    key = ana.key()
    received = Event.first(
        MessageReceived(key=key, address=ana.contact.address, kind="text", text=text, sent_at=now),
        key=key.id,
        source="ingress",
        subject=ana.subject,
        now=now,
    )
    said = MessageSanitized(key=key, contact=ana.contact, kind="text", text=text, sent_at=now, received_at=now)
    sanitized = received.causes(said, now=ana.clock.on(seconds=0.1))
    turn_id, messages = ana.an_id(), (sanitized.id,)
    opened = sanitized.causes(TurnOpened(turn_id=turn_id, messages=messages), now=ana.clock.on(seconds=1))
    closing = ana.clock.on(seconds=1)
    lead = Lead(parent_name="Ana Souza", phone=PHONE)
    closed = TurnClosed(turn_id=turn_id, messages=messages, outcome="replied", route="template", stage="discovery")
    learnt = LeadUpdated(contact=ana.contact, lead=lead, changes=(), completeness=2, stage="discovery")
    told = [sanitized.causes(fact, now=closing) for fact in (closed, learnt)]
    if erases:
        told.append(sanitized.causes(ErasureRequested(phone=PHONE, asked_by="parent"), now=closing))
    draft = sanitized.causes(ana.drafted("Oi, Ana Souza!").data, now=ana.clock.on(milliseconds=80))
    bubble = SentBubble(index=0, key=ana.key(from_me=True), sent_at=ana.clock.on(seconds=1))
    delivered = draft.causes(
        ReplyDelivered(
            reply_id=draft.data.reply_id, contact=ana.contact, channel="evolution", bubbles=(bubble,), attempts=1
        ),
        now=ana.clock(),
    )
    echo = ana.fact(MessageEchoed(key=bubble.key, address=ana.contact.address, origin="api", text="Oi!", sent_at=now))
    return [sanitized, opened, *told, draft, delivered, echo, ana.fact(ReceiptReceived(key=bubble.key, status="read"))]


async def as_the_line_does(frontdesk: Any, events: list[Event[Any]]) -> None:
    """Deliver each; what is too early comes again after the others, and at last when nothing may be too early."""
    again: list[Event[Any]] = []
    for event in events:
        try:
            await frontdesk.deliver(event)
        except Transient:
            again.append(event)
    if len(again) == len(events):
        frontdesk.clock.on(minutes=1)
    if again:
        await as_the_line_does(frontdesk, again)


async def rows(frontdesk: Any) -> dict[str, list[str]]:
    """Every row of the read model and of the journal."""
    tables = [table for table in (*FOLDED, "facts") if table not in ("channel_marks", "completions")]
    return {
        table: [
            row[0] for row in await frontdesk.store.pool.fetch(f"select to_jsonb(t)::text from {table} t order by 1")
        ]
        for table in tables
    }


@pytest.mark.parametrize("seed", range(12))
async def test_in_any_order_of_the_facts_only_what_came_after_the_erasure_is_there(
    frontdesk: Any, ana: Any, seed: int
) -> None:
    chance = random.Random(seed)
    before = [*exchange(ana, "oi, sou a Ana Souza"), *exchange(ana, "tem piscina?")]
    last = exchange(ana, "apaga meus dados", erases=True)
    heard_late = exchange(ana, "uma mensagem de voz", received_at=before[0].time)
    chance.shuffle(before)
    early = before[: chance.randrange(len(before))]
    late = [*before, *last, *heard_late]
    chance.shuffle(late)
    await as_the_line_does(frontdesk, [*early, *late])
    assert [table for table, there in (await rows(frontdesk)).items() if there] == []
    assert await traces(frontdesk) == []

    # A receipt tells of no chain; whose it is, only shows by when it comes.
    anew = [event for text in ("oi de novo", "quanto custa?") for event in exchange(ana, text) if event.causationid]
    await as_the_line_does(frontdesk, anew)
    alone = await rows(frontdesk)
    assert len(alone["inbound"]) == 2
    await frontdesk.store.pool.execute(f"truncate {', '.join(FOLDED)}, facts, erased, erased_chains, inbox")
    everything = [event for event in (*before, *last, *anew) if event.causationid]
    chance.shuffle(everything)
    await as_the_line_does(frontdesk, everything)
    assert await rows(frontdesk) == alone


async def test_a_fact_that_is_written_while_somebody_is_erased_does_not_outlive_it(
    frontdesk: Any, ana: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ana.says("apaga meus dados")
    opened, closed = ana.turn(said)
    await frontdesk.deliver(said, opened)
    request = said.causes(ErasureRequested(phone=PHONE, asked_by="parent"), now=frontdesk.clock())
    asked, close_journal = asyncio.Event(), forgotten.close_journal

    async def while_somebody_writes(connection: Any) -> None:
        asked.set()
        await close_journal(connection)

    monkeypatch.setattr(forgotten, "close_journal", while_somebody_writes)
    async with frontdesk.store.unit() as tx:
        await projections.apply(tx.connection, closed, now=frontdesk.clock())
        erasing = asyncio.create_task(frontdesk.deliver(request))
        await asked.wait()
        waiting = "select count(*) from pg_locks where relation = 'facts'::regclass and not granted"
        async with asyncio.timeout(10):
            while not await frontdesk.store.pool.fetchval(waiting):
                assert not erasing.done(), "it does not wait for what is being written"
                await asyncio.sleep(0.01)
    await erasing
    assert await traces(frontdesk) == []


async def test_a_message_that_the_channel_brings_once_more_stays_forgotten(frontdesk: Any, ana: Any) -> None:
    key, address = ana.key(), ana.contact.address
    typed = MessageEchoed(key=key, address=address, origin="phone", text="Oi, Ana Souza", sent_at=ana.clock())

    def told() -> Event[Any]:
        now = ana.clock.on(minutes=1)
        return Event.first(typed, key=key.id, source="ingress", subject=ana.subject, now=now)

    await frontdesk.deliver(told())
    await erase(frontdesk)
    await frontdesk.deliver(told())
    assert await traces(frontdesk) == []


async def test_a_receipt_days_later_brings_nobody_back(frontdesk: Any, ana: Any) -> None:
    await live(frontdesk, ana)
    await erase(frontdesk)
    frontdesk.clock.on(days=3)
    await frontdesk.deliver(ana.receipt(ana.key(from_me=True), "read"))
    assert await traces(frontdesk) == []


async def test_an_erasure_asked_for_on_the_page_takes_nothing_that_came_after_it(frontdesk: Any, ana: Any) -> None:
    await live(frontdesk, ana)
    await erase(frontdesk)
    (request,) = [event for event in frontdesk.probe.published if isinstance(event.data, ErasureRequested)]
    await frontdesk.deliver(ana.says("oi de novo"), request)
    assert await status(frontdesk) == 200
    assert len(frontdesk.probe.of(DataErased)) == 1
