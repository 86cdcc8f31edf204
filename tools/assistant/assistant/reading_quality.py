"""How single messages are read, class by class, on the labelled messages of dialogue's tests.

The tables are `services/dialogue/tests/understanding/phrases/*.yaml`. All but `held_back.yaml` were tuned on.
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
`held_back.yaml` was written after it, by somebody who did not look at its rules, and nothing was changed to fit it."""


@dataclass(frozen=True)
class Message:
    """A text with what it should be read as; None is what nobody labelled."""

    text: str
    now: dt.datetime
    context: Context
    intents: frozenset[str] | None = None
    fields: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Labelled:
    """The messages that the grammar was tuned on, those held back, and the wishes about time that are exact."""

    tuning: tuple[Message, ...]
    held_back: tuple[Message, ...]
    times: tuple[Message, ...]


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
        times=tuple(_of_times(folder)),
    )
    used = {name for message in (*found.tuning, *found.held_back) for name in message.intents or ()}
    if unknown := used - set(INTENT_NAMES):
        raise ValueError(f"no intent is called {', '.join(sorted(unknown))}")
    return found


def figures(messages: Iterable[Message], classify: Classifier | None = None) -> Figures:
    """Read the messages and count, class by class."""
    found = Figures()
    for message in messages:
        reading = understand(message.text, message.now, message.context, classify)
        good = True
        if message.intents is not None:
            good = _count(found.intents, dict.fromkeys(message.intents, True), dict.fromkeys(reading.names, True))
        if message.fields is not None:
            given = _shape(reading.fields, message.context.offered)
            good = _count(found.fields, message.fields, given) and good
        found.messages += 1
        found.exact += good
    return found


def exact_times(labels: Labelled) -> int:
    """Return how many wishes of the time table are read exactly."""
    return sum(
        _shape(understand(each.text, each.now).fields, ()).get("time_preference", {}) == (each.fields or {})
        for each in labels.times
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


def _read(folder: Path, name: str) -> dict[str, Any]:
    # Every scalar stays a string, so that days and hours are as they were written.
    text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # BaseLoader makes strings only
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


def section(project: Path, classify: Classifier | None) -> str:
    """Return what `docs/quality.md` says of understanding, in Markdown. Raises as `labelled`."""
    labels = labelled(phrases_of(project))
    tuning, held_back = figures(labels.tuning), figures(labels.held_back)
    exact, all_times = exact_times(labels), len(labels.times)
    lines = [
        ABOUT,
        "",
        f"- wishes about time read exactly: **{exact} of {all_times}, {exact / all_times:.1%}** (aim: at least 97 %)",
        f"- messages read without any mistake: {_share(tuning)} for tuning, **{_share(held_back)}** held back",
    ]
    if classify:
        share = _share(figures(labels.held_back, classify))
        lines.append(f"- of those held back with the classifier, asked where the grammar finds nothing: {share}")
    lines += ["", *_table("intent", tuning.intents, held_back.intents)]
    lines += ["", *_table("field", tuning.fields, held_back.fields)]
    lines += ["", "A field counts only when its whole value is right (of `students` every name, age, grade, subject)."]
    return "\n".join(lines)


def _share(found: Figures) -> str:
    return f"{found.exact} of {found.messages}, {found.exact / found.messages:.1%}"


def _table(kind: str, tuning: Mapping[str, Score], held_back: Mapping[str, Score]) -> Iterator[str]:
    known = INTENT_NAMES if kind == "intent" else FIELDS
    yield f"| {kind} | tuning | precision | recall | held back | precision | recall |"
    yield "|---|---|---|---|---|---|---|"
    for name in (*known, ALL):
        scores = [each.get(name, Score()) for each in (tuning, held_back)]
        cells = [cell for each in scores for cell in (str(each.count), _percent(each.precision), _percent(each.recall))]
        yield f"| {name} | " + " | ".join(cells) + " |"


def _percent(part: float | None) -> str:
    return "–" if part is None else f"{part:.0%}"
