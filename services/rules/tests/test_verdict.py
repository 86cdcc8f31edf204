"""A handoff is decided on meaning, not on a single word."""

import pytest
from rules_service.verdict import is_sensitive, verdict

STAYS = [
    "meu filho tem problema em matemática",
    "é pra uma pessoa de 40 anos",
    "como é o processo de matrícula?",
    "ele se machuca com números, tem dificuldade",
    "ela tem medo de matemática e chora com a lição",
    "o pai busca ele às 17h, tem problema?",
    "quem pode assistir a visita?",
    "meu filho tem TDAH, vocês atendem?",
    "ele foi diagnosticado com autismo",
    "posso levar o irmão junto?",
    "ele bateu o recorde de faltas, risos",
    "a guarda municipal fica perto?",
    "vocês denominam isso de método?",
]
GOES = [
    "uma professora bateu no meu filho",
    "minha filha se machucou aí ontem",
    "vou procurar o Procon",
    "meu advogado vai entrar em contato",
    "vou processar vocês",
    "ele toma ritalina, tem algum cuidado?",
    "minha filha tem alergia a amendoim",
    "quem está autorizado a buscar minha filha? não deixem o pai levar ela",
    "ele sofreu abuso",
    "meu filho teve uma convulsão",
    "vocês podem diagnosticar meu filho?",
    "temos a guarda compartilhada e uma medida protetiva",
    "quero fazer uma denúncia, denunciei no conselho tutelar",
]


@pytest.mark.parametrize("text", STAYS)
def test_an_everyday_word_is_no_reason(text: str) -> None:
    assert not verdict(("provide", "not_understood"), {}, text).handoff


@pytest.mark.parametrize("text", GOES)
def test_medical_legal_and_safety_matters_go_to_the_unit(text: str) -> None:
    assert verdict(("provide",), {}, text).reason == "sensitive"
    assert is_sensitive(text.upper())


@pytest.mark.parametrize(
    "intents,counters,reason",
    [
        (("provide",), {}, None),  # "meu filho tem problema em matemática"
        (("class_admin",), {}, "class_admin"),  # "tive um problema com a cobrança"
        (("request_person",), {}, "person_request"),
        (("complain", "request_person"), {}, "complaint"),
        (("insult", "complain", "request_person"), {}, "abuse"),
        (("negotiate",), {"negotiation": 1}, None),
        (("negotiate",), {"negotiation": 2}, "negotiation"),
        (("not_understood",), {"not_understood": 2}, None),
        (("not_understood",), {"not_understood": 3}, "not_understood"),
        (("ask_price",), {"repeated_question": 3}, None),
        (("ask_price",), {"repeated_question": 4}, "repeated_question"),
        ((), {"beyond_knowledge": 1}, None),
        ((), {"beyond_knowledge": 2}, "beyond_knowledge"),
        (("book",), {"no_slots": 1}, "no_slots"),
        ((), {"failure": 1}, "failure"),
        (("insult",), {"sensitive": 1}, "sensitive"),
        (("ask_price", "book", "cancel_visit", "reschedule_visit"), {"another": 9}, None),
    ],
)
def test_intents_and_counts_decide(intents: tuple[str, ...], counters: dict[str, int], reason: str | None) -> None:
    assert verdict(intents, counters).reason == reason
    assert verdict(intents, counters).handoff == (reason is not None)
