"""A span as it is read, wherever it was kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assistant.launch import SAO_PAULO


@dataclass(frozen=True)
class Recorded:
    """One span; `start` and `end` in nanoseconds since 1970, ids in hex, `links` the ids of other traces."""

    trace: str
    id: str
    parent: str | None
    service: str
    name: str
    start: int
    end: int
    error: str | None = None
    kind: str = "internal"
    links: tuple[str, ...] = ()

    @property
    def ms(self) -> float:
        """How long it took."""
        return round((self.end - self.start) / 1e6, 3)

    @property
    def is_statement(self) -> bool:
        """Whether it is one SQL statement."""
        return self.kind == "client" and self.name.partition(" ")[0] in _SQL

    def as_json(self) -> dict[str, Any]:
        """Return what `assistant trace --json` prints."""
        start = datetime.fromtimestamp(self.start / 1e9, UTC).astimezone(SAO_PAULO)
        return {
            "service": self.service,
            "name": self.name,
            "start": start.isoformat(timespec="microseconds"),
            "ms": self.ms,
            "parent": self.parent,
            "id": self.id,
            "trace": self.trace,
            "error": self.error,
        }


_SQL = {"select", "insert", "update", "delete", "with", "begin", "commit", "rollback", "listen", "notify"}


def in_order(spans: Iterable[Recorded]) -> list[tuple[int, Recorded]]:
    """Return each span with its depth, children under their parent, brothers by time; each once."""
    known = {span.id: span for span in spans}
    children: dict[str | None, list[Recorded]] = {}
    for span in sorted(known.values(), key=lambda each: (each.start, -each.end)):
        children.setdefault(span.parent if span.parent in known else None, []).append(span)
    ordered: list[tuple[int, Recorded]] = []
    waiting = [(0, span) for span in reversed(children.get(None, []))]
    while waiting:
        depth, span = waiting.pop()
        ordered.append((depth, span))
        waiting += [(depth + 1, child) for child in reversed(children.get(span.id, []))]
    return ordered
