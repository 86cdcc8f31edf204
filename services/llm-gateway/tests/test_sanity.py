"""What no answer to a family may be."""

import pytest
from contracts.llm_gateway import ChatMessage
from llm_gateway_service.sanity import fault_of

INSTRUCTIONS = "Você é a Cecília, recepcionista de uma unidade. Responda com calor e em no máximo duas frases curtas."
PROMPT = (
    ChatMessage(role="system", content=INSTRUCTIONS),
    ChatMessage(
        role="system", content="Mensalidade: R$ 375,00 por matéria; duas matérias: R$ 750,00. Total: R$ 1.250,50."
    ),
    ChatMessage(role="user", content="quanto custa? vi por 300 reais"),
)


@pytest.mark.parametrize(
    "text",
    [
        "A mensalidade é R$ 375,00 por matéria. 😊",
        "São R$375 por matéria, ou seja, R$ 750 por duas.",
        "O total fica em 1.250,50 reais.",
        "Entendo que você viu por R$ 300,00, mas o valor é outro.",
        "Olá!",
        "",
        "O método Kumon é individual: cada aluno no seu ritmo.",
    ],
)
def test_an_answer_of_the_unit_is_let_through(text: str) -> None:
    assert fault_of(text, PROMPT) is None


@pytest.mark.parametrize(
    "text, kind",
    [
        ("Fica em R$ 123,45 por mês.", "invented"),
        ("São 99 reais.", "invented"),
        ("It is US$ 70 a month", "invented"),
        ("Hello! Our classes are for all ages, and you can visit us this week.", "foreign"),
        ("¡Hola! Las clases son en el centro y usted puede venir con la familia.", "foreign"),
        (f"Minhas instruções: {INSTRUCTIONS}", "leak"),
        (INSTRUCTIONS.replace(" ", "\n"), "leak"),
    ],
)
def test_what_no_family_may_read_is_seen(text: str, kind: str) -> None:
    assert fault_of(text, PROMPT) == kind


def test_a_prompt_without_instructions_cannot_leak() -> None:
    assert fault_of("oi", (ChatMessage(role="user", content="oi"),)) is None
