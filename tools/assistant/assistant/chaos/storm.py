"""A storm: many conversations while everything breaks; then calm, and the audit."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from assistant.chaos.audit import Finding, audit
from assistant.chaos.breaking import Breaking, connected
from assistant.chaos.collecting import collect, still_open
from assistant.chaos.evidence import Evidence
from assistant.chaos.playing import Phones
from assistant.chaos.script import conversations
from assistant.chaos.sends import Ambiguous, ambiguous_sends
from assistant.chaos.troubles import troubles
from assistant.testing_system import System

WEATHER: tuple[Mapping[str, Any], ...] = (
    {"target": "webhook", "kind": "duplicate", "copies": 3, "chance": 0.1},
    {"target": "webhook", "kind": "duplicate", "copies": 2, "chance": 0.2},
    {"target": "webhook", "kind": "reorder", "delay_s": 2, "chance": 0.1},
    {"target": "webhook", "kind": "timeout_after_send", "delay_s": 1, "chance": 0.02},
    {"target": "sendText", "kind": "timeout_after_send", "delay_s": 30, "chance": 0.01},
    {"target": "sendText", "kind": "connection_closed", "chance": 0.01},
    {"target": "sendText", "kind": "http_500", "chance": 0.01},
)
"""What the channel does all the time: webhooks come one to three times and out of order, sends end in doubt."""
ALWAYS = 1_000_000
CALM_WITHIN_S = 150.0
CALM_S = 4.0
"""How long nothing must be open before it counts as calm: facts are on their way between two looks."""


@dataclass(frozen=True)
class Wanted:
    """How much of everything; `rate` is messages a second."""

    seed: int = 1
    messages: int = 1_000
    conversations: int = 50
    kills: int = 30
    outages: int = 6
    copies: int = 1
    rate: float = 8.0

    @property
    def over_s(self) -> float:
        """How long the storm lasts."""
        return self.messages / self.rate


@dataclass(frozen=True)
class Outcome:
    """What was broken, what was found, what is still open, and how long calm took."""

    wanted: Wanted
    evidence: Evidence
    findings: tuple[Finding, ...]
    done: Counter[str]
    ambiguous: Counter[Ambiguous]
    calm_after_s: float
    storm_s: float
    left: Mapping[str, int] = field(default_factory=dict)


async def storm(system: System, told: Path, wanted: Wanted) -> Outcome:
    """Let a storm go over a running system; `told` is the folder of the orders to die (`CHAOS_MOMENTS`)."""
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        for fault in WEATHER:
            answer = await http.post(f"{system.sandbox}/sandbox/faults", json={**fault, "times": ALWAYS})
            answer.raise_for_status()
        breaking = Breaking(system, http, told, copies=wanted.copies, seed=wanted.seed)
        phones = Phones(http, system.sandbox)
        await _play(phones, breaking, wanted)
        (await http.delete(f"{system.sandbox}/sandbox/faults")).raise_for_status()
        ended = time.monotonic()
        left, evidence = await settle(system, phones)
    return Outcome(
        wanted=wanted,
        evidence=evidence,
        findings=audit(evidence),
        done=breaking.done,
        ambiguous=ambiguous_sends(system.home / "log"),
        storm_s=ended - began,
        calm_after_s=time.monotonic() - ended,
        left=left,
    )


async def settle(system: System, phones: Phones) -> tuple[dict[str, int], Evidence]:
    """Wait until all is done; return what is not, and the evidence, which also lies beside the logs."""
    async with connected(system.stores["postgresql"].url) as database:
        left = await calm(database)
        evidence = await collect(phones.http, system.sandbox, database, phones.taken_at)
    text = json.dumps(asdict(evidence), default=_plain, ensure_ascii=False, indent=1)
    (system.home / "log" / "evidence.json").write_text(text)
    return left, evidence


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else str(value)


async def _play(phones: Phones, breaking: Breaking, wanted: Wanted) -> None:
    lines = wanted.messages / wanted.conversations
    plan = conversations(wanted.seed, wanted.messages, wanted.conversations, pause_s=wanted.over_s / lines)
    planned = troubles(wanted.seed, kills=wanted.kills, outages=wanted.outages, over_s=wanted.over_s)

    async def later(number: int) -> None:
        await asyncio.sleep(planned[number].at)
        await breaking.do(planned[number])

    async with asyncio.TaskGroup() as group:
        for conversation in plan:
            group.create_task(phones.play(conversation))
        for number in range(len(planned)):
            group.create_task(later(number))


async def calm(database: asyncpg.Connection) -> dict[str, int]:
    """Wait until nothing is open any more; return what still is when that takes too long."""
    end = time.monotonic() + CALM_WITHIN_S
    since = None
    while True:
        left = await still_open(database)
        now = time.monotonic()
        since = None if left else since or now
        if since is not None and now - since >= CALM_S:
            return {}
        if now > end:
            return left
        await asyncio.sleep(0.5)
