"""The right to be forgotten: here, and asked of everybody else."""

from datetime import timedelta
from typing import Any

import pytest
from contracts import conversation_id
from contracts.calendar import BookingConfirmed, Visit
from contracts.dialogue import KnowledgeGapFound, Lead, Slot, Student
from contracts.llm_gateway import CompletionServed
from contracts.privacy import DataErased, ErasureRequested

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
