"""A model that lies, hundreds of times: dialogue's use of it and rules' review, in one process; nothing leaves."""

import datetime as dt
import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from assistant import testing_lies as lies
from assistant.rehearsal import Rehearsal, Unit
from assistant.scenarios.model import ZONE
from assistant.simulation.judging import flaws_in_reply
from contracts.dialogue import BookingRequested, CancellationRequested, OptedOut, RescheduleRequested
from contracts.llm_gateway import Complete, Completion
from contracts.privacy import ErasureRequested

NOW = dt.datetime(2026, 11, 23, 10, 12, tzinfo=ZONE)
PHONE = "+5551988000001"
OPEN_QUESTIONS = (
    "quem acompanha o aluno?",
    "é uma turma grande?",
    "como funciona a matrícula?",
    "quando dá pra começar?",
    "vai ter dever de casa?",
    "ele pode avançar além da escola?",
    "tem vaga para professor?",
    "ele começa por onde?",
    "dá pra parar o carro aí?",
    "em quantos meses ele melhora?",
    "o que a gente faz nessa visita?",
    "vocês têm e-mail?",
)
UNCLEAR = (
    "meu guri vai mal na escola me ajuda",
    "tem que usar uniforme?",
    "a Bia do 12 tá com 9 e tanto",
    "some daqui com isso viu",
    "acho que vai dar certinho assim viu",
    "a lá de baixo",
)
BINDING = (BookingRequested, RescheduleRequested, CancellationRequested, OptedOut, ErasureRequested)


class Liar:
    """Answers every question with a lie of its own."""

    def __init__(self, seed: str) -> None:
        self.rng = Random(seed)
        self.asked: list[Complete] = []

    async def __call__(self, question: Complete, *, within_s: float) -> Completion:
        del within_s
        self.asked.append(question)
        data = json.loads(question.messages[-1].content)
        if question.task == "phrase":
            return Completion(data=lies.wording(data["passage"], question.messages[0].content, self.rng))
        return Completion(data=lies.commands(data["messages"], self.rng))


async def test_of_many_lies_about_open_questions_none_leaves(unit: Unit) -> None:
    honest = {text: words(await asked(unit, text)) for text in OPEN_QUESTIONS}
    claims: Counter[str] = Counter()
    told = 0
    for nth in range(lies.COMPLETIONS):
        text, liar = OPEN_QUESTIONS[nth % len(OPEN_QUESTIONS)], Liar(f"wording:{nth}")
        stage = await asked(unit, text, liar)
        assert [question.task for question in liar.asked] == ["phrase"]
        told += 1
        assert words(stage) == honest[text], f"lie {nth}"
        claims.update(each.claim for _, each in stage.replaced)
    assert told == lies.COMPLETIONS
    # Each kind of lie was met by review, not only by the shape that dialogue wants.
    assert {"price", "time", "phone", "promise", "language", "unsupported"} <= set(claims)


def words(stage: Rehearsal) -> list[str]:
    """Return everything that was said; where one bubble ends may depend on the length of what was not."""
    return " ".join(stage.outbox).split()


async def asked(unit: Unit, text: str, model: Any = None) -> Rehearsal:
    stage = Rehearsal(unit, NOW, phone=PHONE, model=model)
    await stage.parent_writes([text])
    return stage


@pytest.mark.parametrize("seed", range(60))
async def test_commands_of_a_liar_change_no_fact_and_bind_nobody(unit: Unit, seed: int) -> None:
    stage = Rehearsal(unit, NOW, phone=PHONE, model=Liar(f"commands:{seed}"))
    rng = Random(seed)
    written = []
    for text in ("oi", "quero marcar uma visita", *rng.sample(UNCLEAR, k=len(UNCLEAR))):
        before = len(stage.outbox)
        await stage.parent_writes([text])
        written.append(text)
        assert list(flaws_in_reply(stage.outbox[before:], unit, stage.at)) == []
        stage.at += dt.timedelta(seconds=40)
    assert [fact for fact in stage.facts if isinstance(fact, BINDING)] == []
    said = "\n".join([*written, *stage.outbox]).casefold()
    assert not [name for name in lies.STRANGERS if name.casefold() in said]
    assert stage.state is not None
    lead = stage.state.lead
    for name in (lead.parent_name, *(student.name for student in lead.students)):
        assert name is None or name.casefold() in "\n".join(written).casefold()
    assert lead.email is None
    assert stage.replaced == []


def test_the_lies_are_of_every_kind() -> None:
    prompt = "Say only what the passage says, with the passage's own words."
    passage = "O material já está *incluído na mensalidade*. Não há outro custo de material."
    answers = [lies.wording(passage, prompt, Random(f"wording:{nth}")).get("answer") for nth in range(lies.COMPLETIONS)]
    texts = [answer for answer in answers if isinstance(answer, str) and answer]
    assert len(set(texts)) > lies.COMPLETIONS // 2
    for sample in ("R$ ", "Abrimos", "Ligue", "Mariana", "Consigo um desconto", "language model", "piscina", "PASSAGE"):
        assert any(sample.casefold() in text.casefold() for text in texts), sample
