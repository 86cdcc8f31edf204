"""Asking services whether they are ready."""

import asyncio
import time
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

import httpx

from assistant.home import Home
from assistant.plan import Plan, read_state
from assistant.ports import LOOPBACK

PATIENCE_S = 120.0
ASK_EVERY_S = 0.2
GIVEN_UP_AFTER = 5  # ends in a row while starting; by then about eight seconds have passed


class NotReadyError(Exception):
    """Services that are not ready; the message names them and ends with the last lines of their logs."""


def base_url(plan: Plan, service: str) -> str:
    """Where a service listens."""
    return f"http://{LOOPBACK}:{plan.ports[service]}"


KEPT_S = 2.0
"""How long an idle connection is used again; uvicorn closes one after five seconds, maybe under a request's feet."""


def client(timeout_s: float = 3.0) -> httpx.AsyncClient:
    """For calls to our own processes: no proxy of the environment lies between."""
    return httpx.AsyncClient(timeout=timeout_s, trust_env=False, limits=httpx.Limits(keepalive_expiry=KEPT_S))


async def get_json(http: httpx.AsyncClient, url: str) -> Any | None:
    """Return the JSON that the address answers with status 200; None for anything else."""
    try:
        answer = await http.get(url)
        return answer.json() if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError):
        return None


async def is_ready(http: httpx.AsyncClient, plan: Plan, service: str) -> bool:
    """Whether its `/readyz` answers 200."""
    try:
        return (await http.get(f"{base_url(plan, service)}/readyz")).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


async def until_ready(
    home: Home, plan: Plan, *, within_s: float = PATIENCE_S, tell: Callable[[str, float], None]
) -> None:
    """Wait until every service of the plan is ready, calling `tell(service, seconds)` as each becomes so.

    Raises NotReadyError when one is not ready in time or keeps ending while it starts.
    """
    begun = time.monotonic()
    waiting = set(plan.ports)
    async with client() as http:
        while waiting:
            asked = sorted(waiting)
            for service, ready in zip(
                asked, await asyncio.gather(*(is_ready(http, plan, s) for s in asked)), strict=True
            ):
                if ready:
                    waiting.discard(service)
                    tell(service, time.monotonic() - begun)
            if waiting:
                running = read_state(home)
                failing = {s for s in waiting if _keeps_failing(running["programs"], plan.program_of(s))}
                if failing or running["supervisor"] is None or time.monotonic() - begun > within_s:
                    raise NotReadyError(await _explain(home, plan, failing or waiting, time.monotonic() - begun))
                await asyncio.sleep(ASK_EVERY_S)


def _keeps_failing(running: Mapping[str, Any], program: str) -> bool:
    return bool(running.get(program, {}).get("failures", 0) >= GIVEN_UP_AFTER)


async def _explain(home: Home, plan: Plan, services: set[str], waited_s: float) -> str:
    lines = [f"not ready after {waited_s:.0f} s: {', '.join(sorted(services))}"]
    async with client() as http:
        told = [(service, await _failed_checks(http, plan, service)) for service in sorted(services)]
    lines += [f"{service} is not ready because of: {checks}" for service, checks in told if checks]
    for program in sorted({plan.program_of(service) for service in services}):
        lines.append(f"--- last lines of {home.logfile(program)}")
        lines += last_lines(home, program)
    return "\n".join(lines)


async def _failed_checks(http: httpx.AsyncClient, plan: Plan, service: str) -> str:
    try:
        checks = (await http.get(f"{base_url(plan, service)}/readyz")).json().get("checks", {})
    except (httpx.HTTPError, ValueError, AttributeError):
        return ""
    return ", ".join(name for name, good in checks.items() if good not in (True, "ok"))


def last_lines(home: Home, program: str, count: int = 8) -> list[str]:
    """Return the end of a program's log; a line that repeats itself once."""
    try:
        with home.logfile(program).open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 8192))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line for line, _ in groupby(lines)][-count:]
