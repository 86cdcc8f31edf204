"""How long to wait for the rest of what a parent is writing.

Parents write in bursts: "oi", "tudo bem?", "queria saber o valor". Answering the first line at once answers the wrong
thing; waiting long makes everybody wait. So the wait after each message depends on how complete it looks.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts.preprocessor import MessageSanitized

from dialogue_service.decision.session import may_have_lapsed
from dialogue_service.decision.state import Conversation

Look = Literal["served", "complete", "greeting", "unclear"]

WAIT_S: dict[Look, float] = {
    "served": 0.0,  # somebody at the unit answers: nothing is gathered
    "complete": 1.2,  # a question, an answer, a number: a second is enough for "ah, e mais uma coisa"
    "unclear": 2.6,  # a statement: the next line of a burst comes about two seconds after it
    "greeting": 3.0,  # what they want is being written right now
}
TYPING_S = 3.0
"""The wait after the channel says that the parent is typing."""
CAP_S = 8.0
"""Longest wait after the first message, whatever else happens."""

_GREETING = re.compile(
    r"(?:\W|oi+e*|ol[aá]+|hello|hi|opa|e a[ií]|bom\s*dia+|boa\s*tarde+|boa\s*noite+|tudo\s+bem|td\s+bem|blz|beleza)+",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"\W*\d{1,2}\W*")
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Windows:
    """When a turn is due; `fixed_s` (`BURST_WINDOW_S`) is one wait for all, 0 = none."""

    fixed_s: float | None = None

    @property
    def none(self) -> bool:
        """Whether messages are answered one by one, as they come."""
        return self.fixed_s == 0

    def due(self, message: MessageSanitized, state: Conversation | None, first: datetime, now: datetime) -> datetime:
        """When the turn with this message is worked; `first` is when its first message came."""
        wait_s = WAIT_S[look(message, state, now)] if self.fixed_s is None else self.fixed_s
        return self._capped(first, now + timedelta(seconds=wait_s))

    def due_while_typing(self, first: datetime, now: datetime) -> datetime | None:
        """When it is worked if the parent types on; `None` when typing changes nothing."""
        due = self._capped(first, now + timedelta(seconds=TYPING_S))
        return due if self.fixed_s is None and due > now else None

    def _capped(self, first: datetime, due: datetime) -> datetime:
        return min(due, first + timedelta(seconds=max(CAP_S, self.fixed_s or 0)))


def look(message: MessageSanitized, state: Conversation | None, now: datetime) -> Look:
    """Say how complete a message looks after our last question."""
    if state and state.owner == "unit" and not may_have_lapsed(state, now):
        return "served"
    text = message.text.strip()
    if not text or _NO_LETTER.fullmatch(text):
        return "complete"
    if _GREETING.fullmatch(text):
        return "greeting"
    answers = state is not None and state.asked is not None
    return "complete" if answers or "?" in text or _CHOICE.fullmatch(text) else "unclear"
