"""The time of the outside world: the machine's, plus the offset that the whole system shares."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


class Clock:
    """Virtual time. ``file`` holds one float (seconds to add) and is read again when its modification time changes."""

    def __init__(self, file: Path | None = None, real: Callable[[], float] = time.time) -> None:
        self._file = file
        self._real = real
        self._seen_mtime_ns = -1
        self._offset_s = 0.0

    def now(self) -> float:
        """Unix seconds."""
        return self._real() + self._read_offset()

    def _read_offset(self) -> float:
        if self._file is None:
            return 0.0
        try:
            mtime_ns = self._file.stat().st_mtime_ns
            if mtime_ns != self._seen_mtime_ns:
                self._offset_s = float(self._file.read_text())
                self._seen_mtime_ns = mtime_ns
        except (OSError, ValueError):
            # Not there yet, or caught half-written: the last good offset holds until the next look.
            return self._offset_s
        return self._offset_s


def iso(at: float) -> str:
    """Unix seconds as ISO 8601 with the unit's ``-03:00``, to the millisecond."""
    return datetime.fromtimestamp(at, SAO_PAULO).isoformat(timespec="milliseconds")


def local_with_false_z(at: float) -> str:
    """How Evolution writes ``date_time``: São Paulo's wall clock with a ``Z`` that is not true."""
    return datetime.fromtimestamp(at, SAO_PAULO).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def unix(text: str | float) -> float:
    """Unix seconds of a number, or of an ISO 8601 string (São Paulo when it names no offset). ValueError otherwise."""
    if isinstance(text, int | float):
        return float(text)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=SAO_PAULO)).timestamp()
