"""Plays a scenario on a stage: the whole system, or its mind in one process."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from assistant.scenarios.checking import check_outcome, check_turn
from assistant.scenarios.model import ZONE, Expect, Medium, Outcome, Piece, Scenario, Turn
from assistant.scenarios.seen import Seen, offers_in

PAUSE = dt.timedelta(seconds=40)
"""From the end of a turn to the next one, when the scenario names no time."""


class Stage(Protocol):
    """Where a scenario is played, for one parent. Times are the system's."""

    async def until(self, at: dt.datetime) -> None:
        """Let time pass; a time that is over is now."""

    def now(self) -> dt.datetime:
        """Return the system's time."""

    async def parent_writes(self, pieces: Sequence[Piece]) -> None:
        """Write as the parent, two seconds between messages."""

    async def staff_writes(self, text: str) -> None:
        """Write on the unit's own phone."""

    async def settled(self, turn: Turn) -> tuple[tuple[str, ...], int]:
        """Wait until what happened has had its effect; return the bubbles that came, and of how many replies."""

    async def contact(self, expect: Expect | Outcome, offers: dict[int, dt.datetime]) -> dict[str, Any]:
        """Return the contact as the front desk shows it, once it is as expected or has had its time to be."""

    async def leave(self) -> None:
        """Leave nothing behind that would disturb others."""


@dataclass(frozen=True)
class Line:
    """One message as the transcript shows it."""

    at: str
    author: str
    text: str


@dataclass
class Result:
    """How a scenario went."""

    name: str
    failures: list[str] = field(default_factory=list)
    transcript: list[Line] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def as_json(self) -> dict[str, Any]:
        """Return the object that `replay --json` prints."""
        return {
            "name": self.name,
            "passed": self.passed,
            "failures": self.failures,
            "transcript": [vars(line) for line in self.transcript],
        }


async def play(scenario: Scenario, stage: Stage, into: Result | None = None) -> Result:
    """Play all turns; what is wrong is noted (in `into`, when given) and the play goes on."""
    result = into or Result(scenario.name)
    seen: list[Seen] = []
    last_offers: dict[int, dt.datetime] = {}
    due = scenario.now
    for nth, turn in enumerate(scenario.turns, start=1):
        await stage.until(turn.at or due)
        bubbles, replies = await _happen(turn, stage, result)
        offers = offers_in(bubbles, stage.now())
        last_offers = offers or last_offers
        contact = await stage.contact(turn.expect, last_offers)
        seen.append(Seen(bubbles, replies, contact))
        result.failures += [f"turn {nth}: {each}" for each in check_turn(turn, seen[-1], offers, last_offers)]
        due = stage.now() + PAUSE
    contact = await stage.contact(scenario.outcome, last_offers)
    result.failures += [f"outcome: {each}" for each in check_outcome(scenario.outcome, seen, contact, last_offers)]
    await stage.leave()
    return result


async def _happen(turn: Turn, stage: Stage, result: Result) -> tuple[tuple[str, ...], int]:
    def note(author: str, text: str) -> None:
        result.transcript.append(Line(stage.now().astimezone(ZONE).isoformat(timespec="seconds"), author, text))

    if turn.staff is not None:
        note("unit", turn.staff)
        await stage.staff_writes(turn.staff)
    elif turn.pieces:
        for piece in turn.pieces:
            note("parent", shown(piece))
        await stage.parent_writes(turn.pieces)
    bubbles, replies = await stage.settled(turn)
    for bubble in bubbles:
        note("assistant", bubble)
    return bubbles, replies


def shown(piece: Piece) -> str:
    """Return a message as a transcript shows it."""
    if not isinstance(piece, Medium):
        return piece
    words = piece.caption or piece.transcription
    return f"[{piece.kind}]" + (f" {words}" if words else "")
