"""Ranges of hours in a plain text: `das 9h às 12h`, `9 às 12h`, `entre 14h e 17h`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rules_service.claims.moments import Time

_TO = re.compile(r"\s?(?:as|a|ate|ate\sas|-|–|—)\s?")
_AND = re.compile(r"h?\s?e\s(?:as\s)?")
_BETWEEN = re.compile(r"\bentre\s(?:as\s)?$")
_BARE_START = re.compile(r"(?<![\d/:.,])(?P<h>\d{1,2})\s?(?:as|a|ate|-|–|—)\s?$")


@dataclass(frozen=True)
class Range:
    """A range of hours: the (from, to) pairs of minutes that it can mean, and where its hours stand."""

    pairs: frozenset[tuple[int, int]]
    start: int
    end: int


def ranges(text: str, found: tuple[Time, ...]) -> Iterator[Range]:
    """Find every range among the times of a plain text."""
    ends = set()
    for first, last in pairwise(found):
        between = text[first.end : last.start]
        if _TO.fullmatch(between) or (_AND.fullmatch(between) and _BETWEEN.search(text[: first.start])):
            ends.add(last.start)
            yield Range(_pairs(first.readings, last.readings), first.start, last.start)
    for time in found:
        # "9 às 12h": the first hour is a bare number.
        bare = _BARE_START.search(text[max(0, time.start - 12) : time.start])
        if bare and time.start not in ends and int(bare["h"]) < 24:
            hour = int(bare["h"]) * 60
            from_hour = frozenset({hour, hour + 720} if hour < 720 else {hour})
            yield Range(_pairs(from_hour, time.readings), time.start, time.start)


def _pairs(first: frozenset[int], last: frozenset[int]) -> frozenset[tuple[int, int]]:
    return frozenset((start, end) for start in first for end in last if start < end)
