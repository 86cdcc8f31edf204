"""The one clock of the system.

It ticks with the machine's, moved by an offset in seconds that `ASSISTANT_CLOCK_FILE` holds (demos, tests and
replays); without the variable it is the machine's clock. Every process re-reads the file when it changes.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]

LOOK_EVERY_S = 0.1


class MovableClock:
    """The machine's clock plus the offset that a file holds; an unreadable file leaves the last offset."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._looked = float("-inf")
        self._changed_at: int | None = None
        self._offset_s = 0.0

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_s())

    def offset_s(self) -> float:
        """How far this clock is ahead of the machine's, in seconds."""
        if self._file is None:
            return 0.0
        looked = time.monotonic()
        if looked - self._looked >= LOOK_EVERY_S:
            self._looked = looked
            self._look(self._file)
        return self._offset_s

    def _look(self, file: Path) -> None:
        try:
            changed_at = file.stat().st_mtime_ns
            if changed_at != self._changed_at:
                self._offset_s = float(file.read_text())
                self._changed_at = changed_at
        except (OSError, ValueError):
            return  # written at this moment: the next look reads it whole


now = MovableClock(Path(file) if (file := os.environ.get("ASSISTANT_CLOCK_FILE")) else None)
