"""Sends that ended in doubt, and how each was resolved, from what postprocessor's copies logged."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

Ambiguous = Literal["found at the channel", "proven absent, sent again", "given up"]


def ambiguous_sends(logs: Path) -> Counter[Ambiguous]:
    """Count the sends of which nobody knew whether they happened, by how that ended."""
    doubts: dict[tuple[str, str], Ambiguous] = {}
    counts: Counter[Ambiguous] = Counter()
    for line in _lines(logs):
        bubble = (str(line.get("reply")), str(line.get("bubble")))
        match line.get("event"):
            case "delivery_unknown":
                if bubble in doubts:
                    counts[doubts[bubble]] += 1
                doubts[bubble] = "found at the channel"
            case "proven_absent" if bubble in doubts:
                doubts[bubble] = "proven absent, sent again"
            case "delivery_failed":
                for known in doubts:
                    if known[0] == bubble[0]:
                        doubts[known] = "given up"
    return counts + Counter(doubts.values())


def _lines(logs: Path) -> Iterator[dict[str, Any]]:
    """Yield what was logged, in the order of time."""
    found = []
    for file in sorted(logs.glob("postprocessor*.log*")):
        for text in file.read_text("utf-8", "replace").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict):
                found.append(line)
    yield from sorted(found, key=lambda line: str(line.get("time")))
