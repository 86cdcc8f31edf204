"""The figures of a simulation, by persona, and its worst conversations."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from rich.table import Table

from assistant.simulation.running import Conversation

WORST = 5


def figures(conversations: Sequence[Conversation]) -> dict[str, Any]:
    """Return the JSON object of `simulate --json`; rates are shares, 0–1, `null` where nobody was."""
    wanting = [each for each in conversations if each.aim == "visit"]
    return {
        "conversations": len(conversations),
        "booked_of_those_who_want_a_visit": _share(each.succeeded for each in wanting),
        "got_what_they_came_for": _share(each.succeeded for each in conversations),
        "turns_to_booking_median": _turns(conversations),
        "longest_turns": max((each.turns for each in conversations), default=0),
        "asked_again": dict(Counter(what for each in conversations for what in each.repeated)),
        "violations": dict(Counter(what for each in conversations for what in each.violations)),
        "personas": {
            name: _of_persona(conversations, name) for name in dict.fromkeys(c.persona for c in conversations)
        },
        "worst": [_shown(each) for each in worst(conversations)],
    }


def worst(conversations: Sequence[Conversation]) -> list[Conversation]:
    """Return the worst five, the worst first."""
    return sorted(conversations, key=lambda each: each.badness, reverse=True)[:WORST]


def is_good(found: dict[str, Any]) -> bool:
    """Whether the aims are met: 95 % of those who want a visit book it, and nothing is violated or asked again."""
    rate = found["booked_of_those_who_want_a_visit"]
    return (rate is None or rate >= 0.95) and not found["violations"] and not found["asked_again"]


def _of_persona(conversations: Sequence[Conversation], name: str) -> dict[str, Any]:
    own = [each for each in conversations if each.persona == name]
    return {
        "conversations": len(own),
        "outcomes": dict(Counter(each.outcome for each in own)),
        "got_what_they_came_for": _share(each.succeeded for each in own),
        "turns_to_booking_median": _turns(own),
        "asked_again": sum(len(each.repeated) for each in own),
        "violations": sum(len(each.violations) for each in own),
    }


def _turns(conversations: Sequence[Conversation]) -> float | None:
    booked = [each.turns for each in conversations if each.outcome == "booked"]
    return median(booked) if booked else None


def _share(each: Any) -> float | None:
    every = list(each)
    return round(sum(every) / len(every), 4) if every else None


def _shown(each: Conversation) -> dict[str, Any]:
    return {
        "number": each.number,
        "persona": each.persona,
        "outcome": each.outcome,
        "turns": each.turns,
        "asked_again": each.repeated,
        "violations": each.violations,
        "transcript": [{"author": author, "text": text} for author, text in each.lines],
    }


def tables(found: dict[str, Any]) -> Iterator[Any]:
    """Yield what a terminal shows of the figures."""
    table = Table("persona", "conversations", "outcomes", "got it", "turns", "asked again", "violations")
    for name, own in found["personas"].items():
        outcomes = ", ".join(f"{outcome} {count}" for outcome, count in own["outcomes"].items())
        got, turns = own["got_what_they_came_for"], own["turns_to_booking_median"]
        cells = (
            name,
            own["conversations"],
            outcomes,
            f"{got:.0%}",
            turns or "–",
            own["asked_again"],
            own["violations"],
        )
        table.add_row(*map(str, cells))
    yield table
    rate = found["booked_of_those_who_want_a_visit"]
    yield f"booked of those who want a visit: {'–' if rate is None else f'{rate:.1%}'}"
    yield f"asked again: {found['asked_again'] or 'never'}"
    yield f"violations: {found['violations'] or 'none'}; the longest conversation has {found['longest_turns']} turns"
    for bad in found["worst"]:
        flaws = "; ".join([*bad["violations"], *bad["asked_again"]]) or "nothing wrong"
        yield f"worst: conversation {bad['number']} ({bad['persona']}), {bad['outcome']}, {bad['turns']} turns: {flaws}"
