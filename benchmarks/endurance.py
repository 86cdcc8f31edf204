"""Hundreds of conversations at once for ten minutes at 60 % of what saturates the line: errors, ages, memory.

    python benchmarks/endurance.py [--conversations 500] [--for-s 600] [--share 0.6] [--rate 90] [--kill dialogue]
                                   [--json]

The line of `line.py`, every service a process of its own, no burst window, no AI, and a channel that costs nothing. How
many messages of such conversations saturate it is measured first; then they come at a fixed rate, however long the
replies take, each from somebody drawn from those who talk. After four to six lines somebody else, with a new phone,
takes their place. When all is done, every phone is held against what the services say of it, as after a storm. `--kill`
kills a service in the middle: a proof that cannot fail proves nothing.

An age is what has passed since a fact when its stage gives the next one: waiting and work. The front desk gives none:
of it is told how old the newest of what it has is. Memory is proportional set size, of a process with its children; its
growth is that of a line through the second half, since the first fills caches and pools. Ends with 1, and says why,
unless there was no error, every age's p99 is below a second, and memory grows by no more than `MOST_GROWTH` and
`MOST_GROWTH_OF_ALL`; that is not judged when the first half is too short to fill caches, pools and stores.
"""

import argparse
import asyncio
import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import uvloop
from ages import ages_s
from assistant import queues
from assistant.chaos.audit import audit
from assistant.chaos.breaking import connected
from assistant.chaos.collecting import beside
from assistant.chaos.evidence import Evidence
from assistant.chaos.report import PROMISES
from assistant.chaos.storm import calm
from assistant.home import Home
from assistant.load.report import percentiles, slope
from assistant.load.sampling import EVERY_S, Sample, Sampling
from assistant.plan import Plan, read_plan, read_state
from assistant.testing_system import ROOT, SERVICES, Broker, System
from chains import Line, line, saturate, steadily
from parents import Parents, now, reply_s

MOST_WAIT_S = 60.0
MOST_AGE_S = 1.0
MOST_GROWTH = 3.0
"""MB a minute of a service. At 90 messages a second that is 560 bytes a message: at a unit's 240 turns a day, 50 MB a
year. What ingress remembers of a message is half of that, until it has 50,000; a service that kept the messages
themselves (2 KB each, or more) would show four times as much."""
MOST_GROWTH_OF_ALL = 10.0
"""The same of all, the stores included. RabbitMQ keeps a log of up to 64 MB in memory, which fills and empties every
4,000 messages: in five minutes that alone is a slope of up to 4 MB a minute, either way."""
FILLED_AFTER = 10_000
"""Messages after which that log, PostgreSQL's buffers (128 MB) and the services' pools have been full once; sooner all
of them must grow."""
WARM_UP, SATURATING = 600, 2_000
"""Messages."""
LOOKS = 150
ALL = "all of the line"
BESIDE = ("the benchmark", "sandbox")
"""What is no part of the line: the parents, and a sandbox that nobody asks anything."""
DETAILS = ("refused", "left_open", "error_lines")
STEADY = (
    "ingress.message_received.v1",
    "preprocessor.message_sanitized.v1",
    "dialogue.turn_closed.v1",
    "rules.reply_drafted.v1",
    "postprocessor.reply_delivered.v1",
)
"""Facts of every message."""
STAGES = ("preprocessor", "dialogue", "rules", "postprocessor")
BEHIND = """select extract(epoch from max(now() - newest.time))::float
from unnest($1::text[]) kind,
    lateral (select time from frontdesk.facts where type = kind order by time desc limit 1) newest"""


@dataclass(frozen=True)
class Standing:
    """What is counted at the beginning and at the end."""

    starts: int
    dead: int
    database_bytes: int
    errors: Counter[str]


@dataclass(frozen=True)
class Installation:
    """The running line, seen from outside."""

    home: Home
    plan: Plan
    http: httpx.AsyncClient
    database: asyncpg.Connection

    async def standing(self) -> Standing:
        waiting = await queues.collect(self.http, self.home, self.plan)
        if not waiting or any(each["dead"] is None for each in waiting):
            raise RuntimeError("nobody tells how many dead letters there are")
        return Standing(
            starts=sum(each["starts"] for each in read_state(self.home)["programs"].values()),
            dead=sum(each["ready" if queues.is_quarantine(each["name"]) else "dead"] for each in waiting),
            database_bytes=await self.database.fetchval("select pg_database_size(current_database())"),
            errors=self.errors(),
        )

    def errors(self) -> Counter[str]:
        """Return how often the log of each service said which error."""
        found = Counter[str]()
        for name in SERVICES:
            for path in self.home.log.glob(f"{name}.log*"):
                found.update(f"{name}: {what}" for what in map(error_of, path.open(encoding="utf-8")) if what)
        return found


def error_of(log_line: str) -> str | None:
    """Return an error's name, or a line that is none of a log's (a traceback's); `None` of anything else."""
    try:
        told = json.loads(log_line)
    except ValueError:
        return log_line.strip() or None
    return str(told["event"]) if told["level"] in ("error", "critical") else None


async def fall_behind(url: str, behind_s: list[float]) -> None:
    """Note every half second how old the newest of what the front desk has is, the oldest of several kinds."""
    async with connected(url) as database:
        while True:
            await asyncio.sleep(0.5)
            behind_s.append(await database.fetchval(BEHIND, STEADY))


@asynccontextmanager
async def meanwhile(*works: Any) -> AsyncIterator[None]:
    """Have something else done while the block runs. Raises what that raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


async def kill(system: System, service: str, after_s: float) -> None:
    await asyncio.sleep(after_s)
    await asyncio.to_thread(system.kill, service)
    await asyncio.Event().wait()


async def run(broker: Broker, folder: Path, parents: Parents, arguments: argparse.Namespace) -> dict[str, Any]:
    first = Parents(0, first_phone=960_000_000)

    def show(*shown: str) -> None:
        first.show(*shown)
        parents.show(*shown)

    async with line(broker, folder, show=show) as the_line:
        saturation = await saturation_of(the_line, first)
        return await endure(the_line, parents, saturation, arguments)


async def saturation_of(the_line: Line, parents: Parents) -> float:
    """Return how many lines a second these parents can have answered; what is loaded at first use, is."""

    async def ask() -> float:
        await parents.ask(the_line.write)
        return 0.0

    for _ in range(2):
        await saturate(ask, WARM_UP)
    return await saturate(ask, SATURATING)


async def endure(the_line: Line, parents: Parents, saturation: float, arguments: argparse.Namespace) -> dict[str, Any]:
    """Put the load on, and judge what became of it."""
    rate = arguments.rate or arguments.share * saturation
    home = Home(the_line.system.home, ROOT)
    plan = read_plan(home)
    url, behind_s = plan.urls["postgresql"], []
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http, connected(url) as database:
        installation = Installation(home, plan, http, database)
        others = {name: the_line.processes[name] for name in ("rabbitmq", "the benchmark")}
        sampling = Sampling(http, home, plan, lambda: parents.count, others)
        await calm(database)
        before = await installation.standing()
        began_at = now()
        works = [sampling.go_on(max(EVERY_S, arguments.for_s / LOOKS)), fall_behind(url, behind_s)]
        works += [kill(the_line.system, each, arguments.for_s / 2) for each in arguments.kill]
        async with meanwhile(*works):
            webhooks = await steadily(lambda: parents.write_one(the_line.write), rate, arguments.for_s)
        left = await calm(database)
        sampling.samples.append(await sampling.look())
        after = await installation.standing()
        evidence = await beside(database, parents.written, parents.shown)
        ages = await ages_s(database, began_at)
    replies = reply_s(evidence)
    sent = len(parents.written) + parents.refused.total()
    found = {
        "saturation_per_s": saturation,
        "per_s": rate,
        "conversations": {"at_once": parents.count, "in_all": len({each.phone for each in parents.written})},
        "messages": {"sent": sent, "answered": len(replies)},
        "errors": {
            "webhooks refused": parents.refused.total(),
            **errors(evidence, replies),
            "left open": sum(left.values()),
            "dead letters": after.dead - before.dead,
            "restarts": after.starts - before.starts,
            "error lines in logs": (after.errors - before.errors).total(),
        },
        "refused": parents.refused,
        "left_open": left,
        "error_lines": after.errors - before.errors,
        "reply_s": spread(replies.values()),
        "webhook_s": spread(webhooks),
        "ages_s": {
            **{stage: spread(age) for stage, age in ages.items()},
            "the front desk is behind": spread(behind_s),
        },
        "queued_most": max(each.queued for each in sampling.samples),
        "database_kb_per_message": (after.database_bytes - before.database_bytes) / 1e3 / sent,
        "processes": processes(sampling.samples, sent),
    }
    return found | {"missed": list(missed(found))}


def errors(evidence: Evidence, replies: Mapping[str, float]) -> dict[str, int]:
    """Return how often each promise was broken, those that were kept included."""
    late = sum(replies.get(each.id, MOST_WAIT_S) >= MOST_WAIT_S for each in evidence.written)
    kinds = Counter(finding.kind for finding in audit(evidence))
    return {"messages without a reply within 60 s": late} | {words: kinds[kind] for kind, words in PROMISES.items()}


def processes(samples: Sequence[Sample], messages: int) -> dict[str, dict[str, float]]:
    """Return MB at the beginning, in the middle and at the end, growth in the second half, and CPU of a message.

    What ended meanwhile is left out.
    """
    stayed = set.intersection(*(set(each.memory_mb) for each in samples)) - set(BESIDE)
    together = [
        replace(each, memory_mb={**each.memory_mb, ALL: sum(each.memory_mb[name] for name in stayed)})
        for each in samples
    ]
    first, middle, last = together[0], together[len(together) // 2], together[-1]
    cpu_s = {name: last.cpu_s[name] - first.cpu_s[name] for name in first.cpu_s.keys() & last.cpu_s.keys()}
    cpu_s[ALL] = sum(cpu_s[name] for name in stayed)
    return {
        name: {
            "begin_mb": first.memory_mb[name],
            "half_mb": middle.memory_mb[name],
            "end_mb": last.memory_mb[name],
            "mb_per_min": slope(together, name) * 60,
            "cpu_ms_per_message": cpu_s[name] * 1e3 / messages,
        }
        for name in sorted(cpu_s, key=lambda each: -cpu_s[each])
        if name in {*stayed, *BESIDE, ALL}
    }


def spread(seconds: Iterable[float]) -> dict[str, float]:
    known = list(seconds)
    return percentiles(known) | {"max": max(known, default=0.0), "of": len(known)}


def missed(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield every aim that was missed."""
    for words, count in found["errors"].items():
        if count:
            yield f"{count} {words}"
    for name in STAGES:
        if name not in found["ages_s"]:
            yield f"{name}: gave nothing"
    for name, seconds in found["ages_s"].items():
        if seconds.get("p99", 0.0) >= MOST_AGE_S:
            yield f"{name}: p99 {seconds['p99']:.2f} s"
    bounds = {**dict.fromkeys(SERVICES, MOST_GROWTH), ALL: MOST_GROWTH_OF_ALL}
    for name, process in found["processes"].items():
        if is_filled(found) and process["mb_per_min"] > bounds.get(name, math.inf):
            yield f"{name}: {process['mb_per_min']:.1f} MB more a minute"


def is_filled(found: Mapping[str, Any]) -> bool:
    """Whether what is kept was full before the second half."""
    return found["messages"]["sent"] >= 2 * FILLED_AFTER


def show(found: Mapping[str, Any]) -> None:
    talking, messages = found["conversations"], found["messages"]
    print(
        f"{talking['at_once']} conversations at once, {talking['in_all']} in all; "
        f"{found['per_s']:.0f} messages a second "
        f"({found['per_s'] / found['saturation_per_s']:.0%} of {found['saturation_per_s']:.0f}): "
        f"{messages['sent']} sent, {messages['answered']} answered"
    )
    print("\nerrors")
    for words, count in found["errors"].items():
        print(f"  {count:6} {words}")
    for what, count in [one for key in DETAILS for one in found[key].items()]:
        print(f"         {count} × {what}")
    print(f"\n{'seconds':72}{'of':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}")
    for name, row in {"a reply": found["reply_s"], "a webhook": found["webhook_s"], **found["ages_s"]}.items():
        print(f"{name:72}{row['of']:8}" + "".join(f"{row.get(key, 0):8.3f}" for key in ("p50", "p95", "p99", "max")))
    print(f"\nat most {found['queued_most']} facts in queues, those being worked on included")
    print(f"database: {found['database_kb_per_message']:.1f} KB more a message")
    print(f"\n{'process':16}{'CPU ms':>10}{'MB: begin':>12}{'half':>10}{'end':>10}{'a minute':>12}")
    for name, row in found["processes"].items():
        cpu, *memory, growth = (
            row[key] for key in ("cpu_ms_per_message", "begin_mb", "half_mb", "end_mb", "mb_per_min")
        )
        print(f"{name:16}{cpu:10.2f}{memory[0]:12.1f}{memory[1]:10.1f}{memory[2]:10.1f}{growth:+12.2f}")
    if not is_filled(found):
        print(f"too few messages to judge the growth of memory: less than {2 * FILLED_AFTER}")
    print("\n" + ("\n".join(f"missed: {each}" for each in found["missed"]) or "every aim met"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--for-s", type=float, default=600)
    parser.add_argument("--share", type=float, default=0.6, help="of what saturates the line")
    parser.add_argument("--rate", type=float, help="messages a second, whatever saturates the line")
    parser.add_argument("--kill", nargs="+", choices=SERVICES, default=[], help="services to kill in the middle")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    parents = Parents(arguments.conversations)
    with tempfile.TemporaryDirectory(prefix="endurance-") as folder:
        broker = Broker(Path(folder) / "broker")
        broker.start()
        try:
            found = uvloop.run(run(broker, Path(folder) / "home", parents, arguments))
        finally:
            broker.stop()
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        show(found)
    sys.exit(bool(found["missed"]))


if __name__ == "__main__":
    main()
