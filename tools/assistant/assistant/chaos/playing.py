"""The parents, and the unit's people on their phone: they write their lines whatever else happens."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from assistant.chaos.script import CHOICE, Conversation

PATIENCE_S = 45.0
"""How long a parent waits for an offer, or for a visit to be confirmed."""
LOOK_EVERY_S = 0.5
OFFER = re.compile(r"^1\) ", re.MULTILINE)
CONFIRMED = re.compile("isita (?:está )?marcada! 🎉")
OFFER_OR_VISIT = re.compile(f"{OFFER.pattern}|{CONFIRMED.pattern}", re.MULTILINE)
STAFF_SAYS = "Oi, aqui é a Paula, da unidade. Já te respondo por aqui."


@dataclass
class Phones:
    """The sandbox's WhatsApp, which is sometimes away; `taken_at` collects when take-overs were accepted, by phone."""

    http: httpx.AsyncClient
    sandbox: str
    taken_at: dict[str, datetime] = field(default_factory=dict)

    async def play(self, conversation: Conversation) -> None:
        """Write all lines of a conversation."""
        for nth, (line, pause_s) in enumerate(zip(conversation.lines, conversation.pauses_s, strict=True)):
            await asyncio.sleep(pause_s)
            if nth == conversation.taken_after:
                await self._take_over(conversation)
            if line == CHOICE:
                await self._choose(conversation, nth)
            else:
                await self.write(conversation, f"{nth:03X}0", line)

    async def _choose(self, conversation: Conversation, nth: int) -> None:
        """Take the first slot of each offer until a visit stands."""
        seen = 0
        for attempt in range(3):
            if not await self._sees(conversation, OFFER, seen):
                return
            seen = len(await self.received(conversation))
            await self.write(conversation, f"{nth:03X}{attempt}", CHOICE)
            await self._sees(conversation, OFFER_OR_VISIT, seen)
            if await self._sees(conversation, CONFIRMED, seen, within_s=0):
                return

    async def _sees(
        self, conversation: Conversation, wanted: re.Pattern[str], after: int, within_s: float = PATIENCE_S
    ) -> bool:
        """Wait for a bubble behind so many others."""
        end = time.monotonic() + within_s
        while True:
            if any(map(wanted.search, (await self.received(conversation))[after:])):
                return True
            if time.monotonic() >= end:
                return False
            await asyncio.sleep(LOOK_EVERY_S)

    async def _take_over(self, conversation: Conversation) -> None:
        """Have somebody at the unit answer on the unit's phone, and note when that was accepted."""
        message = await self.write(conversation, "FFFF", STAFF_SAYS, from_unit=True)
        while (at := await self._accepted_at(conversation, message)) is None:  # noqa: ASYNC110  # only the log tells
            await asyncio.sleep(LOOK_EVERY_S)
        self.taken_at[conversation.phone] = at

    async def _accepted_at(self, conversation: Conversation, message: str) -> datetime | None:
        asked = {"phone": conversation.phone, "event": "messages.upsert", "body": "false"}
        log = await self._patiently("GET", "/sandbox/webhooks", params=asked)
        attempts = [each for item in log["items"] if item["key_id"] == message for each in item["attempts"]]
        taken = [each["at"] for each in attempts if each["status"] == httpx.codes.OK]
        return datetime.fromisoformat(min(taken)) if taken else None

    async def received(self, conversation: Conversation) -> list[str]:
        """Return what the assistant sent this parent, in order."""
        chat = await self._patiently("GET", "/sandbox/messages", params={"phone": conversation.phone})
        return [message["text"] for message in chat["items"] if message["author"] == "api"]

    async def write(self, conversation: Conversation, nth: str, text: str, **more: Any) -> str:
        """Write once: a request that is made again has the same id."""
        message = f"3AC{conversation.phone[-8:]}{nth}"
        body = {"phone": conversation.phone, "name": conversation.name, "text": text, "id": message, **more}
        await self._patiently("POST", "/sandbox/messages", json=body)
        return message

    async def _patiently(self, method: str, path: str, **request: Any) -> Any:
        while True:
            try:
                answer = await self.http.request(method, f"{self.sandbox}{path}", **request)
                return answer.raise_for_status().json()
            except httpx.TransportError:
                await asyncio.sleep(LOOK_EVERY_S)
