"""The labelled messages of dialogue's tests: `services/dialogue/tests/understanding/phrases/*.yaml`.

The grammar was tuned on all but `held_back`, the `fresh` ones and `times_blind`, which were labelled before it read
them; the latter keep what their first run gave.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from dialogue_service.understanding.values import INTENT_NAMES, Context


@dataclass(frozen=True)
class Message:
    """A text with what it should be read as; None is what nobody labelled."""

    text: str
    now: dt.datetime
    context: Context
    intents: frozenset[str] | None = None
    fields: Mapping[str, Any] | None = None


Read = tuple[frozenset[str], Mapping[str, Any]]
"""Intents and fields, as the tables write them."""


@dataclass(frozen=True)
class FreshTimes:
    """Wishes about time, and how many the grammar read exactly before it was mended by them."""

    wishes: tuple[Message, ...]
    exact_at_first: int


@dataclass(frozen=True)
class Labelled:
    """The messages that the grammar was tuned on, those held back and the fresh ones; wishes about time, likewise.

    `first_run` are the fresh messages that were read otherwise than labelled before the grammar was mended by them.
    `blind_times` were written later than `fresh_times`, by somebody who had read the conventions only.
    """

    tuning: tuple[Message, ...]
    held_back: tuple[Message, ...]
    fresh: tuple[Message, ...]
    times: tuple[Message, ...]
    fresh_times: FreshTimes
    blind_times: FreshTimes
    first_run: Mapping[str, Read]


def phrases_of(project: Path) -> Path:
    """Return where the labelled messages are."""
    return project / "services" / "dialogue" / "tests" / "understanding" / "phrases"


def labelled(folder: Path) -> Labelled:
    """Read the tables. Raises `OSError`, `ValueError` (a label that is no intent), `yaml.YAMLError`."""
    found = Labelled(
        tuning=(*_of_intents(folder), *_of_fields(folder), *_of_slots(folder)),
        held_back=tuple(_of_messages(folder, "held_back")),
        fresh=tuple(_of_messages(folder, "fresh_messages")),
        times=tuple(_of_times(folder)),
        fresh_times=_of_fresh_times(folder, "fresh_times"),
        blind_times=_of_fresh_times(folder, "times_blind"),
        first_run=_first_run(folder),
    )
    used = {name for message in (*found.tuning, *found.held_back, *found.fresh) for name in message.intents or ()}
    if unknown := used - set(INTENT_NAMES):
        raise ValueError(f"no intent is called {', '.join(sorted(unknown))}")
    return found


def _load(folder: Path, name: str) -> dict[str, Any]:
    # Every scalar stays a string, so that days and hours are as they were written.
    text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # BaseLoader makes strings only
    return table


def _read(folder: Path, name: str) -> dict[str, Any]:
    table = _load(folder, name)
    return {**table, "now": dt.datetime.fromisoformat(table["now"])}


def _slots(written: Iterable[str]) -> tuple[dt.datetime, ...]:
    return tuple(dt.datetime.fromisoformat(slot) for slot in written)


def _of_intents(folder: Path) -> Iterator[Message]:
    table = _read(folder, "intents")
    offered = _slots(table["offered"])
    rows = [
        *((Context(), row) for row in table["phrases"]),
        *((Context(asked="slot", offered=offered), row) for row in table["offered_phrases"]),
        *((Context(asked=asked), row) for asked, rows in table["asked"].items() for row in rows),
    ]
    for context, (text, names) in rows:
        yield Message(text, table["now"], context, intents=frozenset(names))


def _of_fields(folder: Path) -> Iterator[Message]:
    table = _read(folder, "fields")
    asked = [(None, table["phrases"]), *table["asked"].items()]
    for question, rows in asked:
        for text, fields in rows:
            yield Message(text, table["now"], Context(asked=question), fields=fields)


def _of_slots(folder: Path) -> Iterator[Message]:
    table = _read(folder, "slots")
    for offer, text, place in table["choices"]:
        context = Context(asked=table["asked"], offered=_slots(table["offers"][offer]))
        # Only the slot is labelled there: a message that chooses none may well give something else.
        if place != "none":
            yield Message(text, table["now"], context, fields={"slot": place})


def _of_messages(folder: Path, name: str) -> Iterator[Message]:
    table = _read(folder, name)
    for asked, rows in table["messages"].items():
        offered = _slots(table["offered"])
        if asked == "confirm_slot":
            offered = offered[:1]
        elif asked != "slot":
            offered = ()
        context = Context(asked=None if asked == "none" else asked, offered=offered)
        for text, names, *fields in rows:
            yield Message(text, table["now"], context, frozenset(names), fields[0] if fields else {})


def _of_times(folder: Path) -> Iterator[Message]:
    table = _read(folder, "times")
    for text, wish in table["phrases"]:
        yield Message(text, table["now"], Context(), fields=wish)


def _of_fresh_times(folder: Path, name: str) -> FreshTimes:
    table = _load(folder, name)
    wishes = (
        Message(text, dt.datetime.fromisoformat(group["now"]), Context(), fields=wish)
        for group in table["groups"]
        for text, wish in group["phrases"]
    )
    return FreshTimes(tuple(wishes), int(table["first_run"]["exact"]))


def _first_run(folder: Path) -> dict[str, Read]:
    rows = _load(folder, "fresh_messages")["first_run"]
    return {text: (frozenset(names), fields[0] if fields else {}) for text, names, *fields in rows}
