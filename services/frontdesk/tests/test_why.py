"""Why the assistant answered as she did, under her bubble."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from contracts.dialogue import Ground, TurnClosed
from contracts.llm_gateway import CompletionServed
from contracts.rules import DraftBlocked, Replacement
from frontdesk_service.domain import bubble_id
from frontdesk_service.tokens import Account

pytestmark = pytest.mark.stores

VAN = Ground(kind="knowledge", title="Van escolar", text="Não temos van, mas a parada é em frente.")
WOULD_SAY = "A mensalidade é R$ 310,00."


async def answered(frontdesk: Any, ana: Any) -> Any:
    """A question about the price and a van, with a bubble that was stopped; the id of the answer's bubble."""
    said, turn_id = ana.says("quanto custa? tem van?"), ana.an_id()
    turn = TurnClosed(
        turn_id=turn_id,
        messages=(said.id,),
        outcome="replied",
        route="llm",
        stage="discovery",
        intents=("ask_price",),
        grounds=(Ground(kind="prices"), VAN),
    )
    draft = ana.drafted("São R$ 375,00.")
    data = draft.data.model_copy(update={"turn_id": turn_id})
    draft = draft.model_copy(update={"data": data, "correlationid": said.correlationid})
    reply_id = draft.data.reply_id
    blocked = DraftBlocked(
        reply_id=reply_id, replacement=Replacement(bubble=0, claim="price"), text=WOULD_SAY, facts_version="1"
    )
    asked = CompletionServed(task="phrase", provider="openai", brl=Decimal("0.01"))
    served = said.causes(asked, now=ana.clock.on(seconds=1))
    await frontdesk.deliver(said, served, ana.fact(turn), draft, ana.fact(blocked))
    return bubble_id(reply_id, 0)


async def show(frontdesk: Any, path: str, role: Any = "receptionist") -> httpx.Response:
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("maria", role)))
        page: httpx.Response = await client.get(f"/conversas/{path}", headers={"Accept": "text/html"})
    return page


async def test_a_receptionist_reads_how_from_what_and_what_was_stopped(frontdesk: Any, ana: Any) -> None:
    bubble = await answered(frontdesk, ana)
    address = f"5551987650001/porque/{bubble}"
    assert f'href="/conversas/{address}"' in (await show(frontdesk, "5551987650001")).text
    page = (await show(frontdesk, address)).raise_for_status().text
    for told in (
        "com ajuda da IA",
        "os preços da unidade",
        "Van escolar",
        str(VAN.text),
        "escrever respostas",
        "Não enviado: preço sem base",
        WOULD_SAY,
    ):
        assert told in page


async def test_a_reminder_says_that_nobody_asked(frontdesk: Any, ana: Any) -> None:
    draft = ana.drafted("Lembrete: sua visita é às 14h30.")
    draft = draft.model_copy(update={"data": draft.data.model_copy(update={"purpose": "reminder"})})
    await frontdesk.deliver(ana.says("oi"), draft)
    page = await show(frontdesk, f"5551987650001/porque/{bubble_id(draft.data.reply_id, 0)}")
    assert "lembrete da visita" in page.raise_for_status().text


async def test_only_answers_of_the_assistant_to_this_family_are_explained(
    frontdesk: Any, ana: Any, family: Any
) -> None:
    bubble, said, other = await answered(frontdesk, ana), ana.says("oi"), family(phone="+5551980000009", name="Bia")
    await frontdesk.deliver(said, other.says("oi"))
    assert (await show(frontdesk, f"5551987650001/porque/{bubble}", "operator")).status_code == 403
    others = [f"5551980000009/porque/{bubble}", *(f"5551987650001/porque/{each}" for each in (said.id, uuid4()))]
    assert [(await show(frontdesk, path)).status_code for path in others] == [404, 404, 404]
