"""What a parent reads in a reply: which question it ends in, about whom, which slots it offers."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from assistant.scenarios.seen import offers_in, plain

Question = Literal[
    "hint", "parent_name", "student_name", "age", "grade", "subjects", "email", "time", "confirm", "choose", "clarify",
    "move", "open", "none",
]  # fmt: skip

_ASKS: tuple[tuple[Question, str], ...] = (
    ("hint", r"(?:falo com|seu nome é) [^?]+\?"),
    ("student_name", r"(?:nome (?:d[ao] [^?]*crianç|de quem vai)|se chama quem vai|quem vai estudar se chama)[^?]*\?"),
    ("parent_name", r"(?:como você se chama|qual é o seu nome|como posso chamar você)[^?]*\?"),
    ("age", r"\b(?:idade|quantos anos)[^?.!]*\?"),
    ("grade", r"(?:ano da escola|série|ano escolar|EJA|estudando no momento)[^?]*\?"),
    ("subjects", r"matéria[^?.!]*\?"),
    ("email", r"(?:qual é o seu e-mail|passar o seu e-mail|mandar? de novo|escrever de novo, com o @)[^?]*\?"),
    ("clarify", r"(?:você quer dizer|para eu entender direito)[^?]*\?"),
    ("move", r"(?:quer mudar o horário|prefere outro horário)\?"),
    ("confirm", r"(?:confirma|posso confirmar|fica bom para você|serve para você)\?"),
    (
        "choose",
        r"(?:qual fica melhor|qual deles|qual d(?:os|aqueles) horários|dizer o número|número do horário)[^?]*\?",
    ),
    ("time", r"(?:que dia e horário|que dia fica bom|quando ficaria bom)[^?]*\?"),
    ("open", r"(?:posso ajudar|gostaria de saber|de outro jeito|de outra forma)[^?]*\?"),
)


@dataclass(frozen=True)
class Heard:
    """The last question of a reply with its sentence, the slots on offer, and the name that was proposed."""

    question: Question
    sentence: str = ""
    offers: dict[int, dt.datetime] = field(default_factory=dict)
    wants_email: bool = False
    not_understood: bool = False


def hear(bubbles: Sequence[str], now: dt.datetime) -> Heard:
    """Read a reply."""
    said = plain(bubbles)
    found = [(match.start(), kind, match[0]) for kind, ask in _ASKS for match in re.finditer(ask, said, re.IGNORECASE)]
    offers = offers_in(bubbles, now)
    if not found:
        return Heard("choose" if offers else "none", offers=offers)
    last = max(start for start, _, _ in found)
    _, kind, sentence = next(each for each in found if each[0] >= last - 3)
    before = re.split(r"[.!?\n]", said[: said.rfind(sentence)])[-1]
    return Heard(
        kind,
        f"{before}{sentence}",
        offers,
        wants_email=re.search(r"mand(?:e|ar?) (?:junto|também) o seu e-mail", said) is not None,
        not_understood=re.search(r"não entendi|não peguei", said) is not None,
    )
