"""One load, from beginning to end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx

from assistant.home import Home
from assistant.load.sampling import Sample, Sampling
from assistant.load.talking import READING, Crowd, Load
from assistant.load.watching import PATIENCE_S, Line, listening
from assistant.plan import read_plan, read_state
from assistant.readiness import base_url, client


class CannotLoadError(Exception):
    """There is no system here that a load could be put on; the message says what to do."""


@dataclass(frozen=True)
class Loaded:
    """A load that has ended."""

    crowd: Crowd
    line: Line
    samples: list[Sample]


async def put(home: Home, load: Load, *, model_s: float) -> Loaded:
    """Put a load on the system that runs here, with a sandbox whose model takes some seconds for every answer."""
    plan = read_plan(home)
    if plan is None or read_state(home)["supervisor"] is None or "sandbox" not in plan.ports:
        raise CannotLoadError("no sandbox runs here: start the system without EVOLUTION_URL (./assistant up --detach)")
    crowd, sandbox = Crowd(load), base_url(plan, "sandbox")
    async with client(PATIENCE_S) as http, listening(plan.urls["rabbitmq"]) as line:
        sampling = Sampling(http, home, plan, lambda: crowd.talking)
        looking = asyncio.create_task(sampling.go_on())
        async with _model(http, sandbox, model_s):
            await crowd.talk(http, sandbox, line)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        sampling.samples.append(await sampling.look())
    return Loaded(crowd, line, sampling.samples)


@asynccontextmanager
async def _model(http: httpx.AsyncClient, sandbox: str, delay_s: float) -> AsyncIterator[None]:
    """Have the sandbox's model read what is written for it; afterwards it is as absent as in a fresh sandbox."""
    scripts = f"{sandbox}/sandbox/models"
    script = {"provider": "openai", "replies": [READING], "delay_s": delay_s}
    (await http.post(scripts, json=script)).raise_for_status()
    try:
        yield
    finally:
        (await http.post(scripts, json={"provider": "openai"})).raise_for_status()
