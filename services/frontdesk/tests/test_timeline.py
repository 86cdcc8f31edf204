"""What happened to a message, for whoever asks."""

from decimal import Decimal
from typing import Any

import pytest
from contracts import Event, Fact
from contracts.dialogue import TurnClosed, TurnOpened
from contracts.llm_gateway import CompletionServed
from contracts.preprocessor import MessageSanitized
from contracts.rules import Replacement, ReplyDrafted

pytestmark = pytest.mark.stores

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SAID = "quanto custa pra dois filhos?"


async def an_answered_voice_note(frontdesk: Any, ana: Any) -> tuple[Event[Fact], Any, Any]:
    """A voice note on its whole way; its event, the channel's keys of it and of the answer."""
    key, ours = ana.key(), ana.key(from_me=True)
    now = ana.clock.on(seconds=3)
    note = ana.fact(
        MessageSanitized(
            key=key,
            contact=ana.contact,
            kind="audio",
            text=SAID,
            transcription_confidence=0.93,
            seconds=14,
            sent_at=now,
            received_at=now,
        )
    ).model_copy(update={"traceparent": TRACE})
    turn_id = ana.an_id()
    opened = TurnOpened(turn_id=turn_id, messages=(note.id,))
    closed = TurnClosed(
        turn_id=turn_id, messages=(note.id,), outcome="replied", stage="discovery", intents=("ask_price",)
    )
    asked = CompletionServed(task="transcribe", provider="openai", brl=Decimal("0.01"))
    before = [note, note.causes(asked, now=ana.clock.on(seconds=1)), ana.fact(opened), ana.fact(closed)]
    draft = ana.drafted("São R$ 375,00 por matéria.")
    draft = draft.model_copy(update={"data": draft.data.model_copy(update={"turn_id": turn_id})})
    await frontdesk.deliver(
        *before,
        draft,
        ana.delivered(draft.data.reply_id, [ours]),
        ana.receipt(ours, "delivered"),
        ana.receipt(ours, "read"),
    )
    return note, key, ours


async def timeline(frontdesk: Any, message: object) -> dict[str, Any]:
    async with frontdesk.client() as client:
        return dict((await client.get(f"/api/v1/messages/{message}/timeline")).raise_for_status().json())


async def test_a_voice_note_is_told_from_its_coming_to_the_reading_of_its_answer(frontdesk: Any, ana: Any) -> None:
    note, key, ours = await an_answered_voice_note(frontdesk, ana)
    await frontdesk.deliver(*family_noise(ana))
    told = await timeline(frontdesk, note.id)
    assert told["summary"] == (
        "áudio de 14 s → transcrito → IA consultada → lida → resposta decidida → resposta conferida → enviada"
        " → entregue → lida pela família"
    )
    assert told["trace_id"] == TRACE.split("-")[1]
    assert told["channel_id"] == key.id
    assert [step["at"] for step in told["steps"]] == sorted(step["at"] for step in told["steps"])
    assert next(step for step in told["steps"] if step["what"] == "resposta decidida")["detail"] == "preço"
    assert SAID not in str(told)
    assert (await timeline(frontdesk, key.id))["steps"] == told["steps"], "the channel's id names it, too"
    assert (await timeline(frontdesk, ours.id))["steps"][-1]["what"] == "lida pela família", "and so does the answer's"


def family_noise(ana: Any) -> list[Event[Fact]]:
    """Another message and its answer, which are none of this one's."""
    said = ana.says("e o endereço?")
    return [said, *ana.turn(said), *ana.replied("Rua Amoreira, 571.", status="delivered")]


async def test_a_failure_is_told_with_its_reason(frontdesk: Any, ana: Any) -> None:
    said = ana.says("oi")
    turn = TurnClosed(
        turn_id=ana.an_id(), messages=(said.id,), outcome="handed_over", reason="failure", stage="greeting"
    )
    await frontdesk.deliver(said, ana.fact(turn))
    assert (await timeline(frontdesk, said.id))["steps"][-1] == {
        "at": (await timeline(frontdesk, said.id))["steps"][-1]["at"],
        "what": "encaminhada",
        "detail": "falha do sistema",
        "fact": TurnClosed.routing_key(),
    }


async def test_a_replaced_claim_is_named_and_not_repeated(frontdesk: Any, ana: Any) -> None:
    said, draft = ana.says("oi"), ana.drafted("Confirme com a unidade.")
    data: ReplyDrafted = draft.data.model_copy(update={"replaced": (Replacement(bubble=0, claim="price"),)})
    await frontdesk.deliver(said, draft.model_copy(update={"data": data}))
    async with frontdesk.client() as client:
        messages = (await client.get("/api/v1/contacts/5551987650001")).json()["messages"]
    told = await timeline(frontdesk, messages[-1]["id"])
    assert told["steps"][-1]["detail"] == "trocado: preço"


@pytest.mark.parametrize("unknown", ["nada", "00000000-0000-0000-0000-000000000000"])
async def test_an_unknown_message_is_404(frontdesk: Any, unknown: str) -> None:
    async with frontdesk.client() as client:
        assert (await client.get(f"/api/v1/messages/{unknown}/timeline")).status_code == 404
