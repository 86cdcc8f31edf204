"""What was just offered to whom. Pure: it only keeps slots out of other conversations' offers, and ends by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from calendar_service.domain import HOLD, LONGEST_HOLD


@dataclass(frozen=True)
class Holds:
    """By conversation, the starts of slots that are held and until when."""

    until: dict[str, dict[datetime, datetime]]

    def of_others(self, conversation: str, now: datetime) -> frozenset[datetime]:
        """Return the starts that are held for anybody else."""
        return frozenset(
            start
            for whose, held in self.until.items()
            if whose != conversation
            for start, until in held.items()
            if now < until <= now + LONGEST_HOLD
        )

    def hold(self, conversation: str, starts: Iterable[datetime], now: datetime) -> None:
        """Hold these starts for a conversation, beside what was held at this very moment, instead of all else.

        A turn that looks for several alternatives asks about each of them with one `now`.
        """
        end = now + HOLD
        beside = {start: until for start, until in self.until.get(conversation, {}).items() if until == end}
        self.until[conversation] = beside | dict.fromkeys(starts, end)
