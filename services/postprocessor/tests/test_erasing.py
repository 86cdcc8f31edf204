"""A person who is forgotten leaves nothing here, once what is being said to them is out."""

from typing import Any

import pytest
from chassis.testing import an_event
from contracts import conversation_id
from contracts.privacy import DataErased, ErasureRequested

pytestmark = pytest.mark.stores

ANA, BIA = "5551991234501", "5551991234503"
TABLES = ("reply", "bubble", "conversation", "alias", "receipt")


async def counts(desk: Any) -> dict[str, int]:
    pool = desk.probe.store.pool
    return {table: await pool.fetchval(f"select count(*) from {table}") for table in TABLES}


def forgetting(desk: Any) -> Any:
    fact = ErasureRequested(phone=f"+{ANA}", asked_by="parent")
    return an_event(fact, subject=conversation_id(f"+{ANA}"), at=desk.clock())


async def test_everything_goes_and_the_confirmation_is_still_said(desk: Any) -> None:
    await desk.say("Oi, Ana!")
    await desk.probe.deliver(forgetting(desk))
    await desk.probe.deliver(desk.draft("Pronto, apaguei seus dados."))
    await desk.wait(12)
    assert await desk.outside.phone(ANA) == ["Oi, Ana!", "Pronto, apaguei seus dados."]
    assert {table: rows for table, rows in (await counts(desk)).items() if rows} == {}
    (done,) = desk.probe.of(DataErased)
    assert (done.owner, done.rows > 3) == ("postprocessor", True)


async def test_somebody_else_stays_and_a_repeated_request_is_done_once(desk: Any) -> None:
    await desk.say("Oi, Bia!", to=BIA)
    before = await counts(desk)
    await desk.say("Oi, Ana!")
    request = forgetting(desk)
    await desk.probe.deliver(request)
    await desk.probe.deliver(request)
    await desk.wait(10)
    assert await counts(desk) == before
    assert len(desk.probe.of(DataErased)) == 1
