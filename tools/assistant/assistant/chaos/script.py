"""What parents do in a storm: seeded, so that the same seed gives the same conversations."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Literal

Part = Literal["curious", "booker", "taken"]


@dataclass(frozen=True)
class Question:
    """Something a parent asks, and a pattern that its answer, and no other answer, contains."""

    text: str
    answer: str

    def is_answered_by(self, bubble: str) -> bool:
        """Whether a bubble answers it."""
        return re.search(self.answer, bubble, re.IGNORECASE) is not None


QUESTIONS = (
    Question("quanto custa matemática?", r"R\$ 375,00"),
    Question("qual o endereço de vocês?", r"Rua Amoreira"),
    Question("qual o horário de atendimento?", r"9h.{0,12}12h"),
    Question("quais matérias vocês têm?", r"português"),
    Question("o material está incluído?", r"inclu"),
    Question("quanto é a matrícula?", r"R\$ 100,00"),
    Question("a partir de que idade?", r"2 anos"),
)
"""Each is answered from the unit's facts, without any model."""
WISH = "quero agendar uma visita. sou {parent}, minha filha {child} tem 8 anos e está no 3º ano, seria matemática"
CHOICE = "1"
NAMES = ("Ana", "Beatriz", "Carla", "Daniela", "Eduarda", "Fabiana", "Gabriela", "Helena", "Isabel", "Joana")


@dataclass(frozen=True)
class Conversation:
    """One parent: `lines` are what they write, one after the other; `question` of a line is what it asks, if anything.

    After `taken_after` lines somebody at the unit answers on the unit's own phone.
    """

    phone: str
    name: str
    part: Part
    lines: tuple[str, ...]
    taken_after: int | None = None
    pauses_s: tuple[float, ...] = field(default=(), repr=False)


def question_of(line: str) -> Question | None:
    """Return what a line asks."""
    return next((question for question in QUESTIONS if question.text == line), None)


def conversations(seed: int, messages: int, count: int, *, pause_s: float) -> tuple[Conversation, ...]:
    """Write `count` conversations with `messages` lines in all; `pause_s` is the mean time between two lines."""
    dice = random.Random(seed)  # noqa: S311  # a storm that can be made again, not a secret
    lengths = [messages // count + (nth < messages % count) for nth in range(count)]
    parts: Iterator[Part] = cycle(("curious", "booker", "curious", "curious", "taken", "curious", "curious", "curious"))
    phones = dice.sample(range(90_000_000, 99_999_999), count)
    return tuple(
        _one(dice, part, f"+55519{phone}", length, pause_s)
        for part, phone, length in zip(parts, phones, lengths, strict=False)
    )


def _one(dice: random.Random, part: Part, phone: str, length: int, pause_s: float) -> Conversation:
    name = dice.choice(NAMES)
    asked = dice.sample(QUESTIONS, len(QUESTIONS))
    lines = [question.text for question in islice(cycle(asked), length)]
    if part == "booker" and length >= 2:
        lines[:2] = [WISH.format(parent=name, child=dice.choice(NAMES)), CHOICE]
    return Conversation(
        phone=phone,
        name=name,
        part=part,
        lines=tuple(lines),
        taken_after=max(1, length // 2) if part == "taken" else None,
        pauses_s=tuple(_pause(dice, pause_s) for _ in lines),
    )


def _pause(dice: random.Random, mean_s: float) -> float:
    """Now and then lines come on each other's heels."""
    return 0.2 if dice.random() < 0.15 else dice.uniform(0.5, 1.5) * mean_s
