"""Parents who talk to the line at the same time, without a sandbox that would play their phones."""

import asyncio
import itertools
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from assistant.chaos.evidence import Evidence, Seen
from assistant.chaos.script import QUESTIONS
from assistant.load.talking import SCRIPT
from chains import Write

LENGTHS = (4, 5, 6)
"""Messages of a conversation."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Parents:
    """So many who talk at once: what they wrote and were shown, and what ingress refused, by how.

    Each asks something whose answer the audit knows, says who they are, and asks more.
    """

    count: int
    first_phone: int = 970_000_000
    written: list[Seen] = field(default_factory=list)
    shown: list[Seen] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._dice = random.Random(1)
        self._places, self._phones = itertools.count(), itertools.count(self.first_phone)
        self._turns = itertools.count()
        self._live = [self._somebody() for _ in range(self.count)]
        self._idle: deque[tuple[str, deque[str]]] = deque()
        self._awaiting: dict[str, asyncio.Event] = {}

    def _somebody(self) -> tuple[str, deque[str]]:
        first, *others = (each.text for each in self._dice.sample(QUESTIONS, max(LENGTHS) - 2))
        lines = (first, *SCRIPT[1:3], *others)
        return f"5551{next(self._phones)}", deque(lines[: self._dice.choice(LENGTHS)])

    def show(self, digits: str, key: str, text: str) -> None:
        """Take what a phone is shown."""
        self.shown.append(Seen(key, f"+{digits}", text, now(), next(self._places)))
        if digits in self._awaiting:
            self._awaiting.pop(digits).set()

    async def ask(self, write: Write) -> None:
        """Have somebody who waits for no reply write their next line, and wait until they are shown one."""
        somebody = digits, lines = self._idle.popleft() if self._idle else self._somebody()
        shown = self._awaiting[digits] = asyncio.Event()
        await write(digits, lines.popleft())
        async with asyncio.timeout(60):
            await shown.wait()
        if lines:
            self._idle.append(somebody)

    async def write_one(self, write: Write) -> None:
        """Have somebody write their next line: everybody once, then whoever is drawn."""
        turn = next(self._turns)
        seat = turn if turn < self.count else self._dice.randrange(self.count)
        if not self._live[seat][1]:
            self._live[seat] = self._somebody()
        digits, lines = self._live[seat]
        text, at, place = lines.popleft(), now(), next(self._places)
        try:
            key = await write(digits, text)
        except (aiohttp.ClientError, TimeoutError) as error:
            self.refused[str(getattr(error, "status", type(error).__name__))] += 1
        else:
            self.written.append(Seen(key, f"+{digits}", text, at, place))


def reply_s(evidence: Evidence) -> dict[str, float]:
    """Return seconds from a message to the last bubble of the first reply to it, by the channel's id of the message."""
    written = {each.id: each.at for each in evidence.written}
    shown = {each.id: each.at for each in evidence.shown}
    sent = {each.reply: [shown[key] for key in each.sent.values() if key in shown] for each in evidence.settled}
    took: dict[str, float] = {}
    for draft in evidence.drafts:
        if whole := sent.get(draft.reply):
            for key in written.keys() & set(draft.answers):
                seconds = (max(whole) - written[key]).total_seconds()
                took[key] = min(took.get(key, seconds), seconds)
    return took
