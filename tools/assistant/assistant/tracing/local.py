"""The local store: the files that the services write under `ASSISTANT_HOME` (`chassis.telemetry.local`)."""

import json
from collections.abc import Iterator
from pathlib import Path

from assistant.tracing.model import Recorded


def traces_of(folder: Path, mention: str) -> list[str]:
    """Return the traces whose spans mention an id (a conversation's or a fact's), the latest last."""
    found = sorted(_lines_with(folder, f'"{mention}"'), key=lambda span: span.start)
    return list(dict.fromkeys(span.trace for span in found))


def spans_of(folder: Path, traces: set[str]) -> list[Recorded]:
    """Return every span of these traces, and of those that link to them: a turn links to each of its messages."""
    mentioned = [span for trace in traces for span in _lines_with(folder, trace)]
    linking = {span.trace for span in mentioned if traces & set(span.links)} - traces
    every = mentioned + [span for trace in linking for span in _lines_with(folder, trace)]
    wanted = traces | linking
    return list({span.id: span for span in every if span.trace in wanted}.values())


def _lines_with(folder: Path, text: str) -> Iterator[Recorded]:
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if text in line and (span := _read(line)):
                    yield span


def _read(line: str) -> Recorded | None:
    try:
        told = json.loads(line)
    except ValueError:  # the end of a file that is being written
        return None
    return Recorded(
        trace=told["trace"],
        id=told["span"],
        parent=told["parent"],
        service=told["service"],
        name=told["name"],
        start=told["start"],
        end=told["end"],
        error=told["error"],
        kind=told["kind"],
        links=tuple(told["links"]),
    )
