"""How single messages are read, class by class, on the labelled messages of dialogue's tests.

The tables are `services/dialogue/tests/understanding/phrases/*.yaml`: the grammar was tuned on all but `held_back` and
the `fresh` ones, which were labelled before it read them and keep what their first run gave.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from dialogue_service.understanding import understand
from dialogue_service.understanding.values import INTENT_NAMES, Classifier, Context, Fields

FIELDS = ("parent_name", "students", "email", "phone", "time_preference", "slot")
ALL = "all"
ABOUT = """The tables are in `services/dialogue/tests/understanding/phrases`. The tuning part is older than the grammar;
`held_back.yaml` was written after it, by somebody who did not look at its rules. The classes that were read badly there
were then mended, by other phrases. `fresh_messages.yaml` and `fresh_times.yaml` were written down, with what they mean,
before the grammar read them for the first time; what that first run gave stands in them, and the grammar was mended by
them only after it."""


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
class Labelled:
    """The messages that the grammar was tuned on, those held back and the fresh ones; wishes about time, likewise.

    `first_run` are the fresh messages that were read otherwise than labelled before the grammar was mended by them,
    `exact_times_at_first` how many fresh wishes about time were read exactly then.
    """

    tuning: tuple[Message, ...]
    held_back: tuple[Message, ...]
    fresh: tuple[Message, ...]
    times: tuple[Message, ...]
    fresh_times: tuple[Message, ...]
    first_run: Mapping[str, Read]
    exact_times_at_first: int


@dataclass
class Score:
    """How often a class was found rightly, found wrongly and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def count(self) -> int:
        """How often it was there to be found."""
        return self.right + self.missed

    @property
    def precision(self) -> float | None:
        """Which part of what was found is right; None when nothing was found."""
        found = self.right + self.wrong
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        """Which part of what was there was found; None when nothing was there."""
        return self.right / self.count if self.count else None


@dataclass
class Figures:
    """Scores by class (`all` sums them up), and how many messages were read without any mistake."""

    intents: dict[str, Score] = field(default_factory=dict)
    fields: dict[str, Score] = field(default_factory=dict)
    messages: int = 0
    exact: int = 0


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
        fresh_times=tuple(_of_fresh_times(folder)),
        first_run=_first_run(folder),
        exact_times_at_first=int(_load(folder, "fresh_times")["first_run"]["exact"]),
    )
    used = {name for message in (*found.tuning, *found.held_back, *found.fresh) for name in message.intents or ()}
    if unknown := used - set(INTENT_NAMES):
        raise ValueError(f"no intent is called {', '.join(sorted(unknown))}")
    return found


def figures(
    messages: Iterable[Message], classify: Classifier | None = None, known: Mapping[str, Read] | None = None
) -> Figures:
    """Read the messages and count, class by class; with `known`, take what it says and else what is labelled."""
    found = Figures()
    for message in messages:
        if known is None:
            reading = understand(message.text, message.now, message.context, classify)
            names: frozenset[str] = frozenset(reading.names)
            given: Mapping[str, Any] = _shape(reading.fields, message.context.offered)
        else:
            names, given = known.get(message.text, (message.intents or frozenset(), message.fields or {}))
        good = True
        if message.intents is not None:
            good = _count(found.intents, dict.fromkeys(message.intents, True), dict.fromkeys(names, True))
        if message.fields is not None:
            good = _count(found.fields, message.fields, given) and good
        found.messages += 1
        found.exact += good
    return found


def exact_times(wishes: Iterable[Message]) -> int:
    """Return how many wishes about time are read exactly."""
    return sum(
        _shape(understand(each.text, each.now).fields, ()).get("time_preference", {}) == (each.fields or {})
        for each in wishes
    )


def _count(scores: dict[str, Score], expected: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Count each class and all together; a wrong value is both wrong and missed. Return whether nothing differs."""
    for name in {*expected, *given}:
        for score in (scores.setdefault(name, Score()), scores.setdefault(ALL, Score())):
            same = name in expected and name in given and expected[name] == given[name]
            score.right += same
            score.wrong += name in given and not same
            score.missed += name in expected and not same
    return dict(expected) == dict(given)


def _shape(fields: Fields, offered: Sequence[dt.datetime]) -> dict[str, Any]:
    """Return the fields as the tables write them: every scalar a string, a slot by its place in what was offered."""
    given = fields.to_json()
    if "students" in given:
        given["students"] = [
            {key: value if isinstance(value, list) else _scalar(value) for key, value in student.items() if value}
            for student in given["students"]
        ]
    if isinstance(fields.slot, dt.datetime):
        given["slot"] = str(offered.index(fields.slot) + 1)
    elif fields.slot == "ambiguous":
        given["slot"] = [str(offered.index(each) + 1) for each in fields.slot_candidates]
    return given


def _scalar(value: object) -> str:
    return "true" if value is True else str(value)


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


def _of_fresh_times(folder: Path) -> Iterator[Message]:
    for group in _load(folder, "fresh_times")["groups"]:
        for text, wish in group["phrases"]:
            yield Message(text, dt.datetime.fromisoformat(group["now"]), Context(), fields=wish)


def _first_run(folder: Path) -> dict[str, Read]:
    rows = _load(folder, "fresh_messages")["first_run"]
    return {text: (frozenset(names), fields[0] if fields else {}) for text, names, *fields in rows}


def section(project: Path, classify: Classifier | None) -> str:
    """Return what `docs/quality.md` says of understanding, in Markdown. Raises as `labelled`."""
    labels = labelled(phrases_of(project))
    parts = {
        "tuning": figures(labels.tuning),
        "held back": figures(labels.held_back),
        "fresh, first run": figures(labels.fresh, known=labels.first_run),
    }
    now = figures(labels.fresh)
    wishes, fresh = len(labels.times), len(labels.fresh_times)
    at_first = _part(labels.exact_times_at_first, fresh)
    lines = [
        ABOUT,
        "",
        f"- wishes about time read exactly: **{_part(exact_times(labels.times), wishes)}** (aim: at least 97 %)",
        f"- fresh ones: **{at_first}** in the first, untuned run; {_part(exact_times(labels.fresh_times), fresh)} now",
        "- messages read without any mistake: "
        + "; ".join(f"{name} **{_part(found.exact, found.messages)}**" for name, found in parts.items())
        + f"; fresh now {_part(now.exact, now.messages)}",
    ]
    if classify:
        asked = {"held back": figures(labels.held_back, classify), "fresh now": figures(labels.fresh, classify)}
        shares = "; ".join(f"{name} {_part(found.exact, found.messages)}" for name, found in asked.items())
        lines.append(f"- the same with the classifier, asked where the grammar finds nothing: {shares}")
    lines += ["", *_table("intent", {name: found.intents for name, found in parts.items()})]
    lines += ["", *_table("field", {name: found.fields for name, found in parts.items()})]
    lines += ["", "A field counts only when its whole value is right (of `students` every name, age, grade, subject)."]
    return "\n".join(lines)


def _part(exact: int, of: int) -> str:
    return f"{exact} of {of}, {exact / of:.1%}"


def _table(kind: str, parts: Mapping[str, Mapping[str, Score]]) -> Iterator[str]:
    known = INTENT_NAMES if kind == "intent" else FIELDS
    yield f"| {kind} | " + " | ".join(f"{name} | precision | recall" for name in parts) + " |"
    yield "|---" * (1 + 3 * len(parts)) + "|"
    for name in (*known, ALL):
        scores = [each.get(name, Score()) for each in parts.values()]
        cells = [cell for each in scores for cell in (str(each.count), _percent(each.precision), _percent(each.recall))]
        yield f"| {name} | " + " | ".join(cells) + " |"


def _percent(part: float | None) -> str:
    return "–" if part is None else f"{part:.0%}"
