"""`status`: what runs, what waits, what is broken. The shape is fixed: monitoring reads it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil
from rich.table import Table

from assistant import queues
from assistant.home import Home
from assistant.launch import SAO_PAULO, STORE_VARIABLES
from assistant.plan import Plan, read_plan, read_state
from assistant.progress import out
from assistant.readiness import base_url, client, get_json, is_ready
from assistant.services import SERVICES
from assistant.stores import postgresql, rabbitmq, redis

ANSWERS = {rabbitmq.NAME: rabbitmq.answers, postgresql.NAME: postgresql.connects, redis.NAME: redis.answers}
PATIENCE_S = 3.0


async def collect(home: Home, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the status as interfaces.md fixes it; what cannot be known is null."""
    plan = read_plan(home) or Plan(ports=dict.fromkeys((service.name for service in SERVICES), 0))
    running = read_state(home)["programs"]
    async with client(PATIENCE_S) as http:
        services, dependencies, waiting, breakers, summary = await asyncio.gather(
            asyncio.gather(*(_service(http, plan, running, name) for name in plan.ports)),
            _dependencies(http, plan, running, environment),
            queues.collect(http, home, plan),
            _breakers(http, plan),
            _summary(http, plan),
        )
    return {
        "services": services,
        "dependencies": dependencies,
        "queues": waiting,
        "breakers": breakers,
        "channel": summary.get("channel") or "closed",
        "unanswered": summary.get("unanswered"),
    }


def all_ready(told: Mapping[str, Any]) -> bool:
    """Whether every service and every dependency is ready."""
    return all(one["ready"] for one in (*told["services"], *told["dependencies"]))


def without_password(url: str) -> str:
    """Return the address with its password replaced by `***`."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))


def memory_mb(pid: int | None) -> float | None:
    """Return the resident memory of a process in MB."""
    try:
        return None if pid is None else round(psutil.Process(pid).memory_info().rss / 1e6, 1)
    except psutil.Error:
        return None


async def _service(http: httpx.AsyncClient, plan: Plan, running: Mapping[str, Any], name: str) -> dict[str, Any]:
    program = running.get(plan.program_of(name), {})
    pid = program.get("pid")
    since = datetime.fromtimestamp(program["since"], SAO_PAULO).isoformat("T", "seconds") if pid else None
    ready = pid is not None and await is_ready(http, plan, name)
    return {"name": name, "pid": pid, "ready": ready, "since": since, "memory_mb": memory_mb(pid)}


async def _dependencies(
    http: httpx.AsyncClient, plan: Plan, running: Mapping[str, Any], environment: Mapping[str, str]
) -> list[dict[str, Any]]:
    async def store(name: str) -> dict[str, Any]:
        url = plan.urls.get(name) or environment.get(STORE_VARIABLES[name])
        ready = False
        if url:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await ANSWERS[name](url)
                ready = True
            except Exception:  # noqa: BLE001 - every client raises its own kinds; each means "not ready"
                ready = False
        pid = running.get(name, {}).get("pid")
        return {"name": name, "pid": pid, "url": without_password(url) if url else None, "ready": ready}

    async def qdrant() -> dict[str, Any]:
        url = plan.qdrant_url or environment.get("QDRANT_URL")
        if not url:  # embedded in the rules service
            return {"name": "qdrant", "pid": None, "url": None, "ready": True}
        try:
            ready = (await http.get(f"{url.rstrip('/')}/readyz")).status_code == httpx.codes.OK
        except httpx.HTTPError:
            ready = False
        return {"name": "qdrant", "pid": None, "url": without_password(url), "ready": ready}

    return [*await asyncio.gather(*(store(name) for name in STORE_VARIABLES), qdrant())]


async def _breakers(http: httpx.AsyncClient, plan: Plan) -> list[dict[str, Any]]:
    names = [name for name in plan.ports if name != "sandbox"]
    told = await asyncio.gather(*(get_json(http, f"{base_url(plan, name)}/breakers") for name in names))
    return [
        {"service": name, "dependency": breaker["dependency"], "state": breaker["state"]}
        for name, breakers in zip(names, told, strict=True)
        for breaker in breakers or []
    ]


async def _summary(http: httpx.AsyncClient, plan: Plan) -> dict[str, Any]:
    if "frontdesk" not in plan.ports:
        return {}
    told = await get_json(http, f"{base_url(plan, 'frontdesk')}/internal/summary")
    return told if isinstance(told, dict) else {}


def show(told: Mapping[str, Any]) -> None:
    """For people."""
    out.print(_table("service", ("pid", "ready", "since", "memory_mb"), told["services"]))
    # By process: with --single-process all services are one. The sandbox is the world outside, not a service.
    sizes = {one["pid"]: one["memory_mb"] or 0.0 for one in told["services"] if one["name"] != "sandbox"}
    out.print(f"memory of the services: {sum(sizes.values()):.0f} MB\n")
    out.print(_table("dependency", ("pid", "ready", "url"), told["dependencies"]))
    busy = [queue for queue in told["queues"] if any(queue[key] for key in ("ready", "unacked", "dead"))]
    unknown = all(queue["ready"] is None for queue in told["queues"])
    empty = "queues unknown" if unknown else f"{len(told['queues'])} queues, all empty"
    out.print(_table("queue", ("ready", "unacked", "dead"), busy) if busy else empty)
    silent = sorted({queue["name"].partition(".")[0] for queue in told["queues"] if queue["unacked"] is None})
    if silent and not unknown:
        out.print(f"unknown what {', '.join(silent)} had begun: it is in its queue again within half a minute")
    trouble = [one for one in told["breakers"] if one["state"] != "closed"]
    for one in trouble:
        out.print(f"[red]breaker {one['state']}[/]: {one['service']} → {one['dependency']}")
    unanswered = "unknown" if told["unanswered"] is None else told["unanswered"]
    out.print(f"channel {told['channel']}, unanswered messages: {unanswered}")


def _table(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Table:
    table = Table(title, *columns, box=None, pad_edge=False)
    for row in rows:
        style = "" if row.get("ready", True) is not False else "red"
        shown = ("–" if (value := row[column]) is None or value is False else str(value) for column in columns)
        table.add_row(row["name"], *("yes" if value == "True" else value for value in shown), style=style)
    return table
