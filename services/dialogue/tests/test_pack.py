"""What the unit reads at a handoff."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest
from contracts.dialogue import HandoffReason, Lead, Slot, Student
from contracts.ingress import Address
from contracts.preprocessor import Contact
from dialogue_service.decision.state import BookedVisit, Conversation
from dialogue_service.pack import handoff_pack

NOW = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
CONTACT = Contact(phone="+5551987650001", address=Address(jid="x@s.whatsapp.net"), profile_name="Aninha")
EMPTY = Conversation(contact=CONTACT, instance="kumon")
SLOT = Slot(start=NOW + timedelta(days=1), end=NOW + timedelta(days=1, minutes=30))
KNOWN = EMPTY.but(
    lead=Lead(
        parent_name="Ana Souza",
        phone="+5551987650001",
        email="ana@example.com",
        students=(
            Student(name="Pedro", age=8, grade="ef3", subjects=("matematica", "portugues")),
            Student(is_self=True, subjects=("ingles",)),
        ),
    ),
    visit=BookedVisit(id=UUID(int=1), slot=SLOT),
)


@pytest.mark.parametrize("reason", get_args(HandoffReason))
@pytest.mark.parametrize("state", [EMPTY, KNOWN], ids=["unknown", "known"])
def test_every_handoff_has_at_most_five_lines_and_a_way_to_begin(state: Conversation, reason: HandoffReason) -> None:
    pack = handoff_pack(state, reason, None, NOW)
    assert 3 <= len(pack.summary) <= 5
    assert pack.suggested_reply
    assert pack.suggested_reply.startswith("Olá")


def test_the_pack_says_who_for_whom_and_when() -> None:
    pack = handoff_pack(KNOWN, "person_request", "quero falar com uma pessoa", NOW)
    assert pack.summary == (
        "Pediu para falar com uma pessoa.",
        "Responsável: Ana Souza, (51) 98765-0001, ana@example.com.",
        "Para: Pedro, 8 anos, 3º ano, Matemática e Português; a própria pessoa, Inglês.",
        "Visita marcada: terça-feira, 24 de novembro, às 10h12.",
        "Cadastro: 7 de 8 campos.",
    )
    assert pack.suggested_reply == "Olá, Ana! Aqui é da unidade. Estou à disposição. Como posso ajudar?"


def test_somebody_unknown_has_the_name_on_whatsapp_and_is_greeted_without_one() -> None:
    pack = handoff_pack(EMPTY, "complaint", None, NOW)
    assert "Responsável: Aninha, (51) 98765-0001." in pack.summary
    assert pack.suggested_reply
    assert "Aninha" not in pack.suggested_reply


@pytest.mark.parametrize(
    "reason,said,open_question",
    [
        ("beyond_knowledge", "vocês têm ar-condicionado", "vocês têm ar-condicionado"),
        ("person_request", "quero falar com alguém", None),
        ("person_request", "alguém pode me ligar?", "alguém pode me ligar?"),
        ("failure", None, None),
    ],
)
def test_what_was_asked_is_left_open(reason: HandoffReason, said: str | None, open_question: str | None) -> None:
    assert handoff_pack(EMPTY, reason, said, NOW).open_question == open_question
