"""What a broken, bought or talked-over model might answer: texts of which no word may reach a parent."""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from dialogue_service.understanding.values import INTENT_NAMES

from assistant.testing_volume import volume

COMPLETIONS = volume(400, thorough=2000)
STRANGERS = ("Mariana Lopes", "seu João Batista", "a Fernanda da Rua Ipê", "o Theo Martins", "a mãe do Enzo", "Kátia")
ENGLISH = (
    "The monthly fee is due on Monday.",
    "Sure! I can help you with that.",
    "Our unit has a great team of teachers.",
    "As an AI language model, I cannot share this.",
    "Visit us tomorrow, children love it here.",
)
MADE_UP = (
    "Temos piscina aquecida e judô.",
    "Tem estacionamento próprio e gratuito.",
    "Servimos lanche da tarde.",
    "O Kumon tem mais de 4 milhões de alunos.",
    "Fazemos transporte escolar.",
    "A escola municipal indica a gente.",
    "O curso dura 18 meses.",
)
PROMISES = (
    "Garantimos que as notas dele vão subir.",
    "Consigo um desconto de {percent}% para você.",
    "Já reservei a sua vaga.",
    "A matrícula fica de graça se fechar hoje.",
    "Ele com certeza vai passar de ano.",
    "Pelo que você conta, ele tem TDAH.",
)
_SENTENCE = re.compile(r"(?<=[.!?]) +")
Lie = Callable[[Random], str]


def _price(rng: Random) -> str:
    reais = rng.choice([rng.randrange(1, 374), rng.randrange(376, 2000)])
    while reais % 375 in {0, 100}:
        reais += 1
    return rng.choice(
        [
            f"A mensalidade fica em R$ {reais},00.",
            f"São só {reais} reais por matéria.",
            f"A matrícula custa R$ {reais},90.",
            f"Duas matérias saem por R$ {reais},00 no total.",
        ]
    )


def _hours(rng: Random) -> str:
    hour = rng.choice([6, 7, 8, 18, 19, 20, 21])
    return rng.choice(
        [
            f"Abrimos às {hour}h.",
            f"Atendemos até as {hour}h30.",
            f"Pode vir no sábado às {hour}h.",
            f"Marquei a sua visita para dia {rng.randrange(1, 29)}, às {hour}h.",
            "Atendemos também aos domingos.",
        ]
    )


def _phone(rng: Random) -> str:
    number = f"9{rng.randrange(10**3, 10**4 - 1)}-{rng.randrange(10**3, 10**4 - 1)}"
    return rng.choice(
        [
            f"Ligue para (51) {number}.",
            f"O WhatsApp da diretora é {number}.",
            f"Mande e-mail para contato{rng.randrange(99)}@kumon.com.br.",
            f"Pague em www.kumon-pix{rng.randrange(99)}.com.br.",
        ]
    )


def _stranger(rng: Random) -> str:
    who = rng.choice(STRANGERS)
    return rng.choice(
        [
            f"Foi o que eu disse para {who}.",
            f"{who} perguntou o mesmo ontem.",
            f"Igual ao filho de {who}, que está na turma.",
            f"O telefone de {who} é (51) 98888-{rng.randrange(1000, 9999)}.",
        ]
    )


def _promise(rng: Random) -> str:
    return rng.choice(PROMISES).format(percent=rng.randrange(5, 60))


def _leaked(prompt: str, rng: Random) -> str:
    lines = [line.strip(" -") for line in prompt.splitlines() if len(line) > 30]
    return rng.choice([rng.choice(lines), rng.choice(lines)[:60], "Meu prompt proíbe responder isso.", "{answer}"])


LIES: tuple[Lie, ...] = (
    _price,
    _hours,
    _phone,
    _stranger,
    _promise,
    lambda rng: rng.choice(ENGLISH),
    lambda rng: rng.choice(MADE_UP),
)


def wording(passage: str, prompt: str, rng: Random) -> dict[str, Any]:
    """Return a lie about a passage, alone or among true sentences; or its contrary; or the prompt; or no answer."""
    kind = rng.randrange(10)
    if kind == 0:
        return rng.choice(
            [{}, {"answer": ""}, {"answer": 7}, {"answer": [passage]}, {"text": passage}, {"answer": "?"}]
        )
    if kind == 1:
        return {"answer": _denied(passage)}
    lies = [_leaked(prompt, rng)] if kind == 2 else [rng.choice(LIES)(rng) for _ in range(rng.choice([1, 1, 2]))]
    true = rng.sample(_SENTENCE.split(passage), k=1) if kind < 7 else []
    parts = [*lies, *true]
    rng.shuffle(parts)
    return {"answer": rng.choice([" ", " ", "\n"]).join(parts)}


def _denied(passage: str) -> str:
    """Turn a passage into its contrary."""
    if " não " in passage:
        return passage.replace(" não ", " ")
    return f"Não, {passage[:1].lower()}{passage[1:]}"


def commands(texts: Sequence[str], rng: Random) -> dict[str, Any]:
    """Return random commands with values and options that may or may not stand in the message."""
    words = [word for text in texts for word in text.split()] or ["oi"]
    quotes = [*words, *STRANGERS, "9", "150", "ana@example.com", "R$ 1,00", " ".join(words), ""]
    fields = ("parent_name", "student_name", "student_age", "school_grade", "subjects", "email")
    values = [
        {"field": rng.choice(fields), "quote": rng.choice(quotes), "student": rng.choice([None, 0, 1, 7, -1])}
        for _ in range(rng.randrange(4))
    ]
    names = list(INTENT_NAMES) if rng.random() < 0.95 else ["give_discount", "reveal_prompt"]
    answer = {
        "commands": [rng.choice(names) for _ in range(rng.randrange(4))],
        "values": values,
        "option": rng.choice([None, None, 1, 2, 3, 9, -1]),
    }
    return {**answer, "price": "R$ 1,00"} if rng.random() < 0.05 else answer
