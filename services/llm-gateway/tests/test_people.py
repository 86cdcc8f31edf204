"""Two hundred conversations through both providers: none of their people is in anything that a provider received."""

import asyncio
import json
import random
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from contracts.llm_gateway import ChatMessage, Complete, PersonalValue
from llm_gateway_service.privacy.names import plain

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]
PARENTS = [
    "Ana Paula",
    "Márcia",
    "João Carlos",
    "Conceição",
    "Thiago",
    "Letícia",
    "Zélia",
    "Vitória",
    "Antônio",
    "Íris",
]
STUDENTS = ["Pedro", "Sofia", "Joãozinho", "Lucas", "Luz", "Helena", "Miguel", "Rosa", "Ágata", "Davi"]
SURNAMES = ["Souza", "de Oliveira", "Gonçalves", "Brandão", "da Conceição", "Albuquerque", "Sá", "Araújo"]
SAYINGS = [
    "oi, sou {parent}, mãe do {student}",
    "{PARENT} aqui! o {student} tem 8 anos e ta no 3o ano",
    "meu nome é {parent_small} e o filho é o {student_small}",
    "quero matemática pra {student}, meu zap é {phone}",
    "pode mandar no {phone_spaced} ou no email {email}",
    "meu email: {email_spoken}. Fala com {parent}",
    "a {student} e eu ({parent}) podemos na terça às 14h30, R$ 375,00 né?",
    "{student}inho já fez a prova, CPF 529.982.247-25 e outro número {other_phone}",
]
SYSTEM = "Você é a Cecília, do Kumon. Contato da unidade: (51) 99692-1999. Responsável: {parent}; aluno: {student}."


def a_conversation(luck: random.Random) -> dict[str, str]:
    parent, student = (f"{luck.choice(firsts)} {luck.choice(SURNAMES)}" for firsts in (PARENTS, STUDENTS))
    digits = f"{luck.choice([11, 51, 48, 85])}9{luck.randrange(10**7, 10**8):08d}"
    email = f"{plain(parent.split()[0])}.{plain(parent.split()[-1])}{luck.randrange(100)}@gmail.com"
    return {
        "parent": parent,
        "PARENT": parent.upper(),
        "parent_small": plain(parent.split()[0]),
        "student": student.split()[0],
        "student_small": plain(student.split()[0]),
        "phone": digits,
        "phone_spaced": f"({digits[:2]}) {digits[2]} {digits[3:7]}-{digits[7:]}",
        "other_phone": f"{luck.choice([21, 31])} 9{luck.randrange(10**7, 10**8):08d}",
        "email": email,
        "email_spoken": email.replace(".", " ponto ").replace("@", " arroba "),
    }


def a_question(people: dict[str, str], luck: random.Random) -> Complete:
    said = " / ".join(luck.sample(SAYINGS, 3)).format(**people)
    return Complete(
        task=luck.choice(["understand", "check"]),
        messages=(
            ChatMessage(role="system", content=SYSTEM.format(**people)),
            ChatMessage(role="user", content=said),
        ),
        personal=(
            PersonalValue(kind="name", value=people["parent"]),
            PersonalValue(kind="name", value=people["student"]),
            PersonalValue(kind="phone", value=f"+55{people['phone']}"),
            PersonalValue(kind="email", value=people["email"]),
        ),
    )


class Received:
    """What a provider received, to be searched for people."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.text = json.dumps(request, ensure_ascii=False)
        self.words = {plain(word) for word in re.findall(r"[^\W\d_]{2,}", self.text)}
        self.digits = re.sub(r"\D", "", self.text)

    def of(self, people: dict[str, str]) -> list[str]:
        names = {plain(word) for key in ("parent", "student") for word in re.findall(r"[^\W\d_]{2,}", people[key])}
        found = [*(self.words & (names - {"de", "da"}))]
        found += [key for key in ("phone", "other_phone") if re.sub(r"\D", "", people[key])[-8:] in self.digits]
        return found + [key for key in ("email", "email_spoken") if people[key] in self.text]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_no_provider_receives_anybody_and_everybody_is_back_in_the_answer(
    start: Start, providers: Any, provider: str
) -> None:
    luck = random.Random(20261128)
    await providers.script(provider, "eco: {{user}}")
    running = await start(keys=(provider,), budget="limit_brl = 500.00")
    conversations = [a_conversation(luck) for _ in range(200)]
    questions = [a_question(people, luck) for people in conversations]
    answers = []
    for at in range(0, 200, 20):
        answers += await asyncio.gather(*(running.probe.ask(question) for question in questions[at : at + 20]))
    requests = [each["request"] for each in await providers.requests()]
    assert len(requests) >= 180  # an answer about a CPF is not read out, and so may be refused
    everything = json.dumps(requests, ensure_ascii=False)
    assert "[NOME_1]" in everything
    assert "99692-1999" not in everything  # any phone is hidden, the unit's too
    assert "52998224725" not in re.sub(r"\D", "", everything)
    received = [Received(request) for request in requests]
    assert [found for people in conversations for each in received if (found := each.of(people))] == []
    for question, people, answer in zip(questions, conversations, answers, strict=True):
        if "CPF" not in question.messages[-1].content:
            assert people["student_small"] in plain(answer.text)
            assert answer.text.casefold().count(people["phone"]) == question.messages[-1].content.count(people["phone"])
