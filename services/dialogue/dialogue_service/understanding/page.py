"""The text of one turn while it is being read: what was found, and what is left for the next reader."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from dialogue_service.understanding.normaliser import Normalised, normalise
from dialogue_service.understanding.values import Span

V = TypeVar("V")
BLANK = "#"


@dataclass(frozen=True)
class Found(Generic[V]):
    """A value and where it stands in the normalised text (half-open)."""

    value: V
    start: int
    end: int


@dataclass(frozen=True)
class Page:
    """A normalised turn. `text` is all of it, `rest` the same length with what was read already blanked by `#`."""

    source: Normalised
    rest: str

    @classmethod
    def of(cls, text: str) -> "Page":
        """Return a fresh page of what a parent wrote."""
        source = normalise(text)
        return cls(source, source.text)

    @property
    def text(self) -> str:
        """The whole normalised text."""
        return self.source.text

    def without(self, spans: Iterable[tuple[int, int]]) -> "Page":
        """Return the same page with these ranges read."""
        return Page(self.source, blank(self.rest, spans))

    def span(self, field: str, start: int, end: int) -> Span:
        """Return the original range under a normalised one."""
        first, last = self.source.span(start, end)
        return Span(field=field, start=first, end=last, text=self.source.original[first:last])

    @cached_property
    def clauses(self) -> tuple[tuple[int, int], ...]:
        """Ranges between commas, stops and line ends; a stop between digits (14.30) or letters (gmail.com) is none."""
        return clauses(self.text)


_BREAK = re.compile(r"[!?;\n]+|,(?!\d)|\.(?!\w)")


def clauses(text: str) -> tuple[tuple[int, int], ...]:
    """Half-open ranges of `text` between marks that end a clause."""
    ranges: list[tuple[int, int]] = []
    start = 0
    for match in _BREAK.finditer(text):
        ranges.append((start, match.start()))
        start = match.end()
    ranges.append((start, len(text)))
    return tuple((a, b) for a, b in ranges if text[a:b].strip())


def blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` of the same length with these ranges replaced by `#`."""
    for start, end in spans:
        text = text[:start] + BLANK * (end - start) + text[end:]
    return text
