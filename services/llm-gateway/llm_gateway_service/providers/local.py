"""A transcriber on our own machine: faster-whisper in a process of its own (`hearing.py`), begun with the first note.

It is an extra, which `./assistant transcriber` installs: nothing of it is imported here.
"""

import asyncio
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chassis.logging import get_logger
from contracts.llm_gateway import Provider as Name

from llm_gateway_service.domain import Usage
from llm_gateway_service.hearing import SIZE
from llm_gateway_service.providers.answers import Answer, Patience
from llm_gateway_service.providers.errors import Declined, ProviderFailed

log = get_logger(__name__)

FILES = ("model.bin", "config.json", "tokenizer.json")
"""Of a Whisper model that CTranslate2 can read; without the last one it would be fetched."""
MOST_BYTES_A_SECOND = 32_000
"""Of sound: sixteen thousand samples of two bytes, the most that is listened to."""
IDLE_S = 300.0
"""How long the model is kept in memory after a note."""
NEEDED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR")
"""What the other process gets of our environment: none of the secrets."""


def why_unfit(folder: Path) -> str | None:
    """Say why a model cannot be used, and what to do; `None` when nothing speaks against it."""
    if absent := [name for name in FILES if not (folder / name).is_file()]:
        return f"{folder} is no folder of a Whisper model in CTranslate2's format: it has no {absent[0]}"
    if find_spec("faster_whisper") is None:
        return "the local transcriber is not installed; ./assistant transcriber installs it"
    return None


class Local:
    """Listens here, to one voice note at a time; the model's name is its folder's."""

    name: Name = "local"

    def __init__(self, folder: Path, longest_s: float) -> None:
        self._command = (sys.executable, "-P", "-m", "llm_gateway_service.hearing", str(folder), str(longest_s))
        self._most_bytes = int(longest_s * MOST_BYTES_A_SECOND)
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[int]] = set()

    async def transcribe(self, audio: bytes, mimetype: str, model: str, patience: Patience) -> Answer:
        """Listen to a voice note. Raises `ProviderFailed`, `TimeoutError`."""
        del mimetype, model  # it shows by itself, and there is one
        if len(audio) > self._most_bytes:
            raise Declined("bad_request", is_billed=False)
        async with asyncio.timeout(patience.total_s), self._turn:
            try:
                heard = await self._heard(audio)
            except (OSError, ValueError) as error:
                self._end()
                raise ProviderFailed("server") from error
            except BaseException:
                self._end()  # it would still say something about a note that nobody waits for
                raise
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._end)
        return _read(heard)

    async def close(self) -> None:
        """Give the memory back."""
        self._end()
        await asyncio.gather(*self._ending)

    async def _heard(self, audio: bytes) -> dict[str, Any]:
        """Hand a note over and wait for its words. Raises `OSError` or `ValueError` when the process is broken."""
        if self._idle is not None:
            self._idle.cancel()
        if self._process is None or self._process.returncode is not None:
            self._process = await self._begun()
        given, said = self._process.stdin, self._process.stdout
        if given is None or said is None:
            raise OSError("no pipes")
        given.write(len(audio).to_bytes(SIZE) + audio)
        await given.drain()
        heard: dict[str, Any] = json.loads(await said.readline())
        return heard

    async def _begun(self) -> asyncio.subprocess.Process:
        environment = {name: os.environ[name] for name in NEEDED if name in os.environ}
        return await asyncio.create_subprocess_exec(
            *self._command,
            env=environment | {"HF_HUB_OFFLINE": "1"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )

    def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            ending = asyncio.create_task(process.wait())
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)


def _read(heard: dict[str, Any]) -> Answer:
    trouble = heard.get("trouble")
    if trouble == "english":
        log.error("transcriber_knows_no_portuguese")
        raise ProviderFailed("server")
    if trouble is not None:
        raise Declined("bad_request", is_billed=False)
    return Answer(Usage(seconds=heard["seconds"]), text=heard["text"], confidence=heard["confidence"])
