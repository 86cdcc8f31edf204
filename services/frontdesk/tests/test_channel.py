"""How the channel is, on the page: the code to scan, and who waits while nothing can be sent."""

from datetime import timedelta
from typing import Any

import pytest
from contracts import Event, conversation_id
from contracts.ingress import ChannelStateChanged
from contracts.postprocessor import ChannelOutageReported, WaitingPerson
from frontdesk_service.projections.channel import closed_since
from frontdesk_service.tokens import Account

pytestmark = pytest.mark.stores

CODE = "2@a-code-of-whatsapp"


def state(frontdesk: Any, state: str, qr: str | None = None) -> Event[Any]:
    now = frontdesk.clock.on(seconds=1)
    change = ChannelStateChanged(instance="kumon", state=state, qr=qr)
    return Event.first(change, key=str(now), source="ingress", subject=conversation_id("kumon"), now=now)


def outage(frontdesk: Any, *families: Any, over: bool = False) -> Event[Any]:
    now = frontdesk.clock.on(seconds=60)
    waiting = tuple(
        WaitingPerson(conversation=each.subject, contact=each.contact, since=now - timedelta(minutes=2), bubbles=1)
        for each in families
    )
    fact = ChannelOutageReported(
        channel="evolution", began_at=now.replace(hour=9, minute=0), ended_at=now if over else None, waiting=waiting
    )
    return Event.first(fact, key=str(now), source="postprocessor", subject=conversation_id("evolution"), now=now)


async def seen(frontdesk: Any, path: str = "/canal", role: str = "owner") -> str:
    cookie = frontdesk.tokens.mint(Account("maria", role))
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", cookie)
        answer = await client.get(path)
        assert answer.status_code == 200
        return str(answer.text)


async def test_a_channel_that_is_well_is_not_worth_a_banner(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), state(frontdesk, "open"))
    assert 'class="channel-banner"' not in await seen(frontdesk, "/")
    assert "Todas as mensagens estão saindo." in await seen(frontdesk)


async def test_who_waits_is_shown_until_it_is_over(frontdesk: Any, ana: Any, family: Any) -> None:
    bia = family(phone="+5551987650002", name="Bia")
    await frontdesk.deliver(ana.says("oi"), bia.says("oi"), outage(frontdesk, ana, bia))
    banner = await seen(frontdesk, "/")
    assert "As mensagens não estão saindo desde 09:00." in banner
    assert "2 famílias esperam." in banner
    page = await seen(frontdesk)
    assert page.index("/conversas/5551987650001") < page.index("/conversas/5551987650002")
    operators = await seen(frontdesk, role="operator")
    assert "2 famílias." in operators
    assert "Ana" not in operators

    await frontdesk.deliver(outage(frontdesk, over=True))
    assert 'class="channel-banner"' not in await seen(frontdesk, "/")


async def test_an_older_word_about_a_channel_changes_nothing(frontdesk: Any, ana: Any) -> None:
    first, over = outage(frontdesk, ana), outage(frontdesk, over=True)
    await frontdesk.deliver(over, first)
    assert 'class="channel-banner"' not in await seen(frontdesk, "/")


async def test_somebody_who_was_erased_does_not_wait_any_more(frontdesk: Any, ana: Any, family: Any) -> None:
    bia = family(phone="+5551987650002", name="Bia")
    await frontdesk.deliver(ana.says("oi"), bia.says("oi"), outage(frontdesk, ana, bia))
    await frontdesk.parts.erasing.request(ana.phone)
    page = await seen(frontdesk)
    assert "5551987650001" not in page
    assert "5551987650002" in page


async def test_the_code_is_for_those_who_look_after_the_system_and_only_while_it_is_good(frontdesk: Any) -> None:
    await frontdesk.deliver(state(frontdesk, "qr", CODE), state(frontdesk, "connecting"))
    for role, sees in (("owner", True), ("operator", True), ("receptionist", False)):
        page = await seen(frontdesk, role=role)
        assert ("<svg" in page.partition('class="code"')[2]) is sees
        assert CODE not in page
        assert ("Avise quem cuida do sistema." in page) is not sees
    assert "O WhatsApp pede um novo código." in await seen(frontdesk, "/")
    frontdesk.clock.on(seconds=61)
    assert 'class="code"' not in await seen(frontdesk)
    await frontdesk.deliver(state(frontdesk, "qr", CODE), state(frontdesk, "open"))
    assert 'class="code"' not in await seen(frontdesk)


async def test_a_channel_that_asks_for_a_code_nobody_scans_is_closed_since_it_closed(frontdesk: Any) -> None:
    await frontdesk.deliver(state(frontdesk, "closed"), state(frontdesk, "open"), state(frontdesk, "closed"))
    closed_at = frontdesk.clock.at
    frontdesk.clock.on(minutes=3)
    await frontdesk.deliver(state(frontdesk, "qr", CODE), state(frontdesk, "connecting"))
    frontdesk.clock.on(minutes=3)
    async with frontdesk.parts.reads() as connection:
        assert await closed_since(connection) == closed_at
    assert "Todas as mensagens estão saindo." not in await seen(frontdesk)
    await frontdesk.deliver(state(frontdesk, "open"))
    async with frontdesk.parts.reads() as connection:
        assert await closed_since(connection) is None


async def test_every_open_page_hears_of_the_channel(frontdesk: Any, ana: Any) -> None:
    announced: list[str] = []
    frontdesk.changes.announce = announced.append
    await frontdesk.deliver(outage(frontdesk, ana), state(frontdesk, "closed"))
    assert announced == ["*", "*"]


async def test_a_receipt_of_a_message_that_is_not_shown_yet_has_no_page_look_again(frontdesk: Any, ana: Any) -> None:
    announced: list[str] = []
    frontdesk.changes.announce = announced.append
    draft, key = ana.drafted("Oi!"), ana.key(from_me=True)
    await frontdesk.deliver(ana.receipt(key, "delivered"))
    assert announced == []
    await frontdesk.deliver(draft, ana.delivered(draft.data.reply_id, [key]))
    await frontdesk.deliver(ana.receipt(key, "read"))
    assert announced == [ana.subject] * 3
