"""`chat`: a WhatsApp conversation with the assistant in the terminal, as a parent, through the sandbox."""

import asyncio
import io
import sys
from collections.abc import Callable
from typing import Any

import httpx

from assistant.readiness import client


class Chat:
    """One parent's phone. `show(author, text)` is called for each message that is new in the conversation."""

    def __init__(self, http: httpx.AsyncClient, sandbox_url: str, phone: str, show: Callable[[str, str], None]) -> None:
        self._http = http
        self._url = f"{sandbox_url.rstrip('/')}/sandbox"
        self._phone = phone
        self._show = show
        self._seen: set[str] = set()

    async def send(self, text: str) -> None:
        """Write as the parent."""
        answer = await self._http.post(f"{self._url}/messages", json={"phone": self._phone, "text": text})
        answer.raise_for_status()

    async def look(self) -> None:
        """Show what has come since the last look, the parent's own messages not again."""
        answer = await self._http.get(f"{self._url}/messages", params={"phone": self._phone})
        answer.raise_for_status()
        for message in answer.json()["items"]:
            if message["id"] not in self._seen:
                self._seen.add(message["id"])
                if message["author"] != "parent":
                    self._show(message["author"], _shown(message))

    async def follow(self) -> None:
        """Look whenever the sandbox says that something happened, until cancelled."""
        await self.look()
        async with self._http.stream("GET", f"{self._url}/events", timeout=None) as events:
            async for line in events.aiter_lines():
                if line.startswith("data:"):
                    await self.look()


async def converse(sandbox_url: str, phone: str, show: Callable[[str, str], None]) -> None:
    """Read lines from standard input until its end; raises httpx.HTTPError when the sandbox does not answer."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # bytes that are no text
    async with client(30) as http:
        chat = Chat(http, sandbox_url, phone, show)
        await chat.look()
        following = asyncio.create_task(chat.follow())
        loop = asyncio.get_running_loop()
        try:
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                if line.strip():
                    await chat.send(line.strip())
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def _shown(message: dict[str, Any]) -> str:
    return message["text"] if message["kind"] == "text" else f"[{message['kind']}] {message['text']}".strip()
