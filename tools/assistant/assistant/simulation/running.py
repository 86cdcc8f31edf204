"""Runs simulated conversations: the same seed, the same run."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from assistant.rehearsal import Rehearsal, Unit, the_unit
from assistant.scenarios.model import ZONE, Turn
from assistant.simulation.hearing import hear
from assistant.simulation.judging import asked_again, flaws_in_offers, flaws_in_reply
from assistant.simulation.parent import Parent
from assistant.simulation.people import PERSONAS, Persona, somebody

MOST_TURNS = 25
FIRST_DAY = dt.datetime(2026, 11, 16, tzinfo=ZONE)
DAYS = 14
PHONES_FROM = 51900000000
_PASSES = Turn(parent=None)


@dataclass
class Conversation:
    """One conversation and what came of it."""

    number: int
    persona: str
    aim: str
    outcome: str = "open"
    turns: int = 0
    repeated: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Whether the parent got what they came for."""
        if self.aim == "visit":
            return self.outcome == "booked"
        return (
            self.outcome == "handed over"
            if self.aim in {"admin", "bargain"}
            else self.outcome in {"left", "handed over"}
        )

    @property
    def badness(self) -> tuple[int, int, int, int]:
        """For finding the worst: violations first, then failing, then asking again, then length."""
        return len(self.violations), int(not self.succeeded), len(self.repeated), self.turns


def simulate(conversations: int, seed: int, unit: Unit | None = None) -> Iterator[Conversation]:
    """Run so many conversations, personas in turn. Raises `BadConfiguration` when the owner's files have a mistake."""
    unit = unit or the_unit()
    unit.warm()
    with asyncio.Runner() as runner:
        for number in range(conversations):
            rng = Random(f"{seed}:{number}")  # noqa: S311  # a simulation wants to be repeatable, not secret
            yield runner.run(_converse(number, PERSONAS[number % len(PERSONAS)], rng, unit))


async def _converse(number: int, persona: Persona, rng: Random, unit: Unit) -> Conversation:
    began = FIRST_DAY + dt.timedelta(days=rng.randrange(DAYS), minutes=rng.randrange(7 * 60, 23 * 60))
    parent = Parent(somebody(persona, rng), rng)
    profile = parent.person.full if rng.random() < 0.5 else None
    stage = Rehearsal(unit, began, phone=f"+55{PHONES_FROM + number}", profile_name=profile)
    talk = Conversation(number, persona.name, persona.aim)
    writes = parent.begins()
    while writes.messages and talk.turns < MOST_TURNS:
        talk.turns += 1
        await stage.until(stage.now() + dt.timedelta(seconds=writes.pause_s))
        await stage.parent_writes(writes.messages)
        bubbles, _ = await stage.settled(_PASSES)
        talk.lines += [("parent", text) for text in writes.messages] + [("assistant", text) for text in bubbles]
        heard = hear(bubbles, stage.now())
        flaws = (*flaws_in_reply(bubbles, unit, stage.now()), *flaws_in_offers(heard, unit, stage.now()))
        talk.violations += flaws
        if again := asked_again(heard, parent):
            talk.repeated.append(again)
        if (end := _end(stage)) or not bubbles:
            talk.outcome = end or ("left" if talk.aim != "visit" else "unanswered")
            break
        writes = parent.answers(heard)
    else:
        talk.outcome = "left" if not writes.messages else "too long"
    if talk.outcome == "unanswered":
        talk.violations.append("unanswered message")
    if talk.outcome == "too long":
        talk.violations.append(f"longer than {MOST_TURNS} turns")
    talk.violations += [f"blocked draft: {each.claim}" for _, each in stage.replaced]
    return talk


def _end(stage: Rehearsal) -> str | None:
    if any(visit["status"] == "booked" for visit in stage.visits):
        return "booked"
    return "handed over" if stage.handoff else None
