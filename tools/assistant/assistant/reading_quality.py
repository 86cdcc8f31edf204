"""How single messages are read, class by class, on the labelled messages of dialogue's tests."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dialogue_service.understanding import understand
from dialogue_service.understanding.values import INTENT_NAMES, Classifier, Fields

from assistant.labelled_messages import FreshTimes, Message, Read, labelled, phrases_of

FIELDS = ("parent_name", "students", "email", "phone", "time_preference", "slot")
ALL = "all"
ABOUT = """The tables are in `services/dialogue/tests/understanding/phrases`. The tuning part is older than the grammar;
`held_back.yaml` was written after it, by somebody who did not look at its rules; what was read badly there has been
mended since, so its figures are no longer those of unseen messages. `fresh_messages.yaml` and `fresh_times.yaml` were
written down, with what they mean, before the grammar read them for the first time; what that first run gave stands in
them, and the grammar was mended by them only after it. `times_blind.yaml` came later in the same way, from somebody who
had read the conventions only: its first run is how unseen wishes about time are read."""


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


def section(project: Path, classify: Classifier | None) -> str:
    """Return what `docs/quality.md` says of understanding, in Markdown. Raises as `labelled`."""
    labels = labelled(phrases_of(project))
    parts = {
        "tuning": figures(labels.tuning),
        "held back": figures(labels.held_back),
        "fresh, first run": figures(labels.fresh, known=labels.first_run),
    }
    now = figures(labels.fresh)
    wishes = len(labels.times)
    lines = [
        ABOUT,
        "",
        f"- wishes about time read exactly: **{_part(exact_times(labels.times), wishes)}** (aim: at least 97 %)",
        f"- fresh ones: {_first_and_now(labels.fresh_times)}",
        f"- blind ones: {_first_and_now(labels.blind_times)} (aim: at least 97 % in the first)",
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


def _first_and_now(times: FreshTimes) -> str:
    of = len(times.wishes)
    at_first, now = _part(times.exact_at_first, of), _part(exact_times(times.wishes), of)
    return f"**{at_first}** in the first, untuned run; {now} now"


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
