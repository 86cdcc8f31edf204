"""Webhook bodies that nobody sends on purpose, and what must hold for each of them.

    python -m ingress_service.testing_fuzz services/ingress/tests/fixtures --bodies 1000000 --seed 1

Every body is kept without an error (an error would be a 5xx of ours, repeated by the channel until it gives up), leads
to a fact, to silence with a reason or to the quarantine, and a message that is still a message is never lost.
"""

import argparse
import asyncio
import copy
import json
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.breaker import Breakers
from chassis.clock import now
from chassis.line import Line
from contracts import Event, Question
from contracts.ingress import MessageReceived
from contracts.postprocessor import Recognised
from pydantic import SecretStr
from starlette.applications import Starlette

from ingress_service import webhook
from ingress_service.memory import Memory
from ingress_service.reports import Reports
from ingress_service.settings import Settings

Mutation = Callable[[random.Random, Any], Any]
_Said = tuple[UUID, str, str | None, str | None]
_JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1 << 63, -(1 << 70), 1e308, float("nan"), "", " ", "\x00", "\ud83d", "x" * 5000),
    *([], {}, [[]], {"low": 1}, {"message": {}}, {"": ""}, {"0": 1, "1": 2}, "status@broadcast", "1@lid", "🙂" * 50),
)
_WRAPPERS = ("ephemeralMessage", "viewOnceMessageV2", "documentWithCaptionMessage", "deviceSentMessage", "newWrapper")


class Collected:
    """A transport that keeps what is said; both facts and quarantined bodies are written as they would be."""

    def __init__(self) -> None:
        self.events: list[Event[Any]] = []
        self.quarantined = 0

    async def publish(self, event: Event[Any], *, within_s: float) -> None:
        """Keep a fact that survives the wire."""
        del within_s
        self.events.append(Event.from_wire(event.to_wire(), type(event.data)))

    async def ask(self, question: Question, *, within_s: float) -> Any:
        """Say that nothing is ours."""
        del question, within_s
        return Recognised(ours=False)

    async def quarantine(self, body: bytes, reason: str) -> None:
        """Count a body that was not understood."""
        del body, reason
        self.quarantined += 1

    async def sift(self, queues: Iterable[str], unwanted: Callable[[bytes], bool]) -> int:
        """Find nothing: there are no queues."""
        del queues, unwanted
        return 0


class Fuzz:
    """Feeds mutated bodies to a line that goes nowhere."""

    def __init__(self, bodies: list[Any], seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # the same seed, the same bodies
        self._bodies = [json.dumps(body) for body in bodies]
        self._messages = [json.dumps(body) for body in bodies if _is_message(body)]
        self._meant: dict[str, list[_Said]] = {}
        line = Line("ingress", clock=now)
        self._out = Collected()
        self._reports = Reports(line, Memory(None, "fuzz", Breakers()))
        settings = Settings(rabbitmq_url=SecretStr("amqp://nowhere/"), evolution_webhook_secret=SecretStr("secret"))
        webhook.register(Starlette(), line, self._reports, settings)
        line.over(self._out)
        self.outcomes: Counter[str] = Counter()

    async def mutated(self) -> None:
        """Keep a body that was changed anyhow."""
        body: Any = json.loads(self._chance.choice(self._bodies))
        for _ in range(self._chance.randint(1, 4)):
            body = self._chance.choice(_STRUCTURAL)(self._chance, body)
        written = json.dumps(body).encode()
        if self._chance.random() < 0.3:
            written = self._chance.choice(_BYTEWISE)(self._chance, written)
        before = len(self._out.events), self._out.quarantined
        await self._reports.keep(written)
        facts, kept = len(self._out.events) - before[0], self._out.quarantined - before[1]
        self.outcomes["fact" if facts else "quarantined" if kept else "not for us"] += 1
        self._out.events.clear()

    async def still_a_message(self) -> None:
        """Keep a message that was changed in ways that take nothing from it, and find it again."""
        original = self._chance.choice(self._messages)
        if original not in self._meant:
            self._meant[original] = await self._received(original.encode())
        body: Any = json.loads(original)
        for _ in range(self._chance.randint(1, 3)):
            body = self._chance.choice(_HARMLESS)(self._chance, body)
        written = json.dumps(body, ensure_ascii=self._chance.random() < 0.5, indent=self._chance.choice((None, 1)))
        found = await self._received(written.encode("utf-8", "surrogatepass"))
        if found != self._meant[original]:
            raise AssertionError(f"a message was lost or changed: {written}")
        self.outcomes["still a message"] += 1

    async def _received(self, body: bytes) -> list[_Said]:
        self._out.events.clear()
        await self._reports.keep(body)
        found = [each for each in self._out.events if isinstance(each.data, MessageReceived)]
        return [(each.id, each.data.kind, each.data.text, each.data.caption) for each in found]


def _is_message(body: Any) -> bool:
    """Whether this is one message of a parent, as the tests' fixtures have it."""
    if not isinstance(body, dict) or body.get("event") != "messages.upsert" or not isinstance(body.get("data"), dict):
        return False
    data, key = body["data"], body["data"].get("key")
    named = isinstance(key, dict) and str(key.get("remoteJid")).endswith(("@s.whatsapp.net", "@lid"))
    return named and not key.get("fromMe") and isinstance(data.get("message"), dict) and bool(data["message"])


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inside for place in _places(each, (*path, key)))]


def _holder(chance: random.Random, body: Any) -> tuple[Any, Any]:
    """Choose a place: what holds it, and its key there."""
    path = chance.choice(_places(body)[1:] or [()])
    holder = body
    for step in path[:-1]:
        holder = holder[step]
    return (holder, path[-1]) if path else ([body], 0)


def _replace(chance: random.Random, body: Any) -> Any:
    holder, key = _holder(chance, body)
    holder[key] = copy.deepcopy(chance.choice(_JUNK))
    return body


def _drop(chance: random.Random, body: Any) -> Any:
    holder, key = _holder(chance, body)
    del holder[key]
    return body


def _move(chance: random.Random, body: Any) -> Any:
    (holder, key), (other, place) = _holder(chance, body), _holder(chance, body)
    other[place] = copy.deepcopy(holder[key])
    return body


def _nest(chance: random.Random, body: Any) -> Any:
    holder, key = _holder(chance, body)
    for _ in range(chance.choice((1, 3, 60))):
        holder[key] = {"message": holder[key]} if chance.random() < 0.5 else [holder[key]]
    return body


def _list(chance: random.Random, body: Any) -> Any:
    return [body] * chance.choice((0, 1, 3))


def _cut(chance: random.Random, body: bytes) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _flip(chance: random.Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(min(len(changed), chance.randint(1, 5))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _insert(chance: random.Random, body: bytes) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + chance.choice((b"\x00", b"\xff\xfe", b"\\ud83d", b'"', b"{", b"9" * 5000)) + body[at:]


def _strange(chance: random.Random, body: Any) -> Any:
    """Add what no version sends yet, where it means nothing."""
    where = chance.choice((body, body["data"], body["data"]["key"]))
    where[f"new{chance.randrange(9)}"] = copy.deepcopy(chance.choice(_JUNK[:10]))
    return body


def _shuffle(chance: random.Random, body: Any) -> Any:
    data = list(body["data"].items())
    chance.shuffle(data)
    return {**dict(reversed(body.items())), "data": dict(data)}


def _spell(chance: random.Random, body: Any) -> Any:
    body["event"] = chance.choice(("MESSAGES_UPSERT", "messages-upsert", "messages.upsert", "Messages.Upsert"))
    return body


def _wrap(chance: random.Random, body: Any) -> Any:
    body["data"]["message"] = {chance.choice(_WRAPPERS): {"message": body["data"]["message"]}}
    return body


_STRUCTURAL: tuple[Mutation, ...] = (_replace, _replace, _drop, _move, _nest, _list)
_BYTEWISE: tuple[Mutation, ...] = (_cut, _flip, _insert)
_HARMLESS: tuple[Mutation, ...] = (_strange, _shuffle, _spell, _wrap)


def read_bodies(folder: Path) -> list[Any]:
    """Read the bodies of the tests' tables."""
    return [row["body"] for path in sorted(folder.glob("*.json")) for row in json.loads(path.read_text())]


async def run(fuzz: Fuzz, bodies: int) -> None:
    """Keep so many bodies, half of them messages still. Raises `AssertionError`, or whatever broke."""
    for number in range(bodies):
        await (fuzz.still_a_message() if number % 2 else fuzz.mutated())


def main() -> None:
    """Run and say what became of the bodies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fixtures", type=Path)
    parser.add_argument("--bodies", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    logging.disable()
    fuzz, began = Fuzz(read_bodies(asked.fixtures), asked.seed), time.monotonic()
    asyncio.run(run(fuzz, asked.bodies))
    outcomes = ", ".join(f"{name} {count:,}" for name, count in fuzz.outcomes.most_common())
    sys.stdout.write(f"{asked.bodies:,} bodies in {time.monotonic() - began:.0f} s: {outcomes}; no error, none lost\n")


if __name__ == "__main__":
    main()
