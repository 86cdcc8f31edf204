"""The front desk with many conversations: how long its pages and its API take, and how soon a message is on a page.

    python benchmarks/frontdesk.py [--conversations 50000] [--times 100] [--messages 30] [--looking 10] [--live 1000]

A whole installation on a throw-away database, filled with as many conversations (twelve messages each, over a year; two
hundred are the unit's). Pages and API paths are asked one after another over loopback, so the times have everything in
them that a browser on the same machine would wait for. Then `--looking` people keep the list open, a parent writes, and
the delay is from the webhook's being sent until the family is in what an open page gets; then `--live` families write
within `--minutes`, and each new row's delay is taken on each page. Prints the machine's load.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import md5
from pathlib import Path

import asyncpg
import httpx
import psutil
from assistant.stores import postgresql, rabbitmq
from assistant.testing_system import MONDAY, Parent, System, running_system

WARM_UP = 5
WITHIN_S = 20.0
QUIET_S = 3.0
"""Until nothing more is said of a message."""
REST_S, MANY = 0.1, 100
"""How long a page rests between two looks, and how many conversations it asks for at once."""
DAYS = 150
"""What a trend of six months shows at least."""
USERNAME, PASSWORD = "owner", "a password of the benchmark"

FILL = Path(__file__).with_name("frontdesk.sql")
"""What the services would have told, written as the read model has it."""


async def fill(database_url: str, conversations: int) -> None:
    """Write as many conversations into the read model."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "frontdesk"}, command_timeout=600)
    for statement in FILL.read_text(encoding="utf-8").split(";\n"):
        await connection.execute(statement.replace(":conversations", str(conversations)).replace(":now", MONDAY))
    await connection.execute("vacuum analyze")
    await connection.close()


async def days_kept(database_url: str, http: httpx.AsyncClient) -> None:
    """Look at the numbers once, and wait until the front desk keeps what all those days counted."""
    (await http.get("/numeros?por=mes", timeout=300)).raise_for_status()
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "frontdesk"})
    async with asyncio.timeout(300):
        while await connection.fetchval("select count(*) from day_counts") < DAYS:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.5)
    await connection.close()


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


@asynccontextmanager
async def signed_in(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser."""
    async with httpx.AsyncClient(base_url=system.frontdesk, timeout=30) as http:
        token = field((await http.get("/entrar")).text, "form_token")
        form = {"form_token": token, "username": USERNAME, "password": PASSWORD, "back": "/"}
        answer = await http.post("/entrar", data=form)
        assert answer.headers["location"] == "/", answer.status_code
        yield http


def conversation_of(digits: str) -> str:
    """The conversation of a phone of `FAMILIES`."""
    return "cnv_" + md5(str(int(digits.removeprefix("55519")) - 80_000_000).encode(), usedforsecurity=False).hexdigest()


async def paths(http: httpx.AsyncClient, bearer: dict[str, str]) -> list[tuple[str, str, dict[str, str]]]:
    """Every page and API path that is read: its name, its address, its headers."""
    list_page = (await http.get("/")).text
    rows = re.findall(r'id="e-(\d+)"', list_page)
    phone, waiting = rows[-1], rows[0]
    more = re.findall(r'href="(/\?depois=[^"]+)"', list_page)
    changed = "&".join(f"de={conversation_of(row)}" for row in rows[:10])
    found: list[tuple[str, str, dict[str, str]]] = [
        ("list", "/", {}),
        ("list, next page", more[0].replace("&amp;", "&"), {}),
        ("search by name", "/?busca=debora", {}),
        ("search by child and name", "/?busca=lucas+ana", {}),
        ("search by phone", "/?busca=98004-2", {}),
        ("search, one letter", "/?busca=a", {}),
        ("conversation", f"/conversas/{phone}", {}),
        ("conversation that waits", f"/conversas/{waiting}", {}),
        ("rows that changed", f"/mudancas?{changed}", {}),
        ("agenda", "/agenda", {}),
        ("numbers of a day", "/numeros", {}),
        ("numbers of a week", "/numeros?por=semana", {}),
        ("numbers of a month", "/numeros?por=mes", {}),
        ("questions", "/perguntas", {}),
        ("alerts", "/avisos", {}),
        ("audit", "/auditoria", {}),
    ]
    api = [
        ("API contact", f"/api/v1/contacts/{phone}"),
        ("API open handoffs", "/api/v1/handoffs?status=open"),
        ("API indicators, day", "/api/v1/indicators"),
        ("API indicators, month", "/api/v1/indicators?period=month"),
        ("API spend", "/api/v1/spend"),
        ("API alerts", "/api/v1/alerts"),
        ("API gaps", "/api/v1/gaps"),
    ]
    return found + [(name, address, bearer) for name, address in api]


async def measure(http: httpx.AsyncClient, address: str, headers: dict[str, str], times: int) -> list[float]:
    """How long each of so many requests took, in seconds."""
    took = []
    for number in range(WARM_UP + times):
        began = time.perf_counter()
        answer = await http.get(address, headers=headers)
        if number >= WARM_UP:
            took.append(time.perf_counter() - began)
        answer.raise_for_status()
    return took


class Looker:
    """Somebody with the list open: their page hears what changed and asks for those rows, as its script does."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._changed: set[str] = set()
        self._wake = asyncio.Event()
        self.open = asyncio.Event()

    def expect(self, text: str) -> "asyncio.Future[float]":
        """Return what will have the moment at which a text is on the page."""
        self._waiting[text] = asyncio.get_running_loop().create_future()
        return self._waiting[text]

    async def look(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._ask())

    async def _listen(self) -> None:
        async with self._http.stream("GET", "/eventos", timeout=None) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    self._changed.update(json.loads(line.removeprefix("data:")))
                    self._wake.set()

    async def _ask(self) -> None:
        while await self._wake.wait():
            self._wake.clear()
            changed, self._changed = self._changed, set()
            whole = "*" in changed or len(changed) > MANY
            ask = self._http.get("/") if whole else self._http.get("/mudancas", params={"de": sorted(changed)})
            self._see((await ask).raise_for_status().text)
            self.open.set()
            await asyncio.sleep(REST_S)

    def _see(self, page: str) -> None:
        for text in [text for text in self._waiting if text in page]:
            self._waiting.pop(text).set_result(time.perf_counter())


@asynccontextmanager
async def people_looking(system: System, looking: int) -> AsyncIterator[list[Looker]]:
    """So many people with the list open."""
    async with AsyncExitStack() as stack:
        lookers = [Looker(await stack.enter_async_context(signed_in(system))) for _ in range(looking)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each.look()) for each in lookers]
            for each in lookers:
                await each.open.wait()
            yield lookers
            for task in tasks:
                task.cancel()


async def measure_delay(system: System, messages: int, looking: int) -> list[float]:
    """From a webhook's being sent to its family's being on the page of each who looks, in seconds; one at a time."""
    delays: list[float] = []
    async with people_looking(system, looking) as lookers:
        for _ in range(messages):
            delays += await delay(system.parent(), "oi, quanto custa?", lookers)
            await asyncio.sleep(QUIET_S)
    return delays


async def delay(parent: Parent, text: str, lookers: list[Looker]) -> list[float]:
    """How long it took, in seconds, until each who looks was shown a new family's row after it wrote a text."""
    row = f'id="e-{parent.phone.removeprefix("+")}"'
    expected = [each.expect(row) for each in lookers]
    began = time.perf_counter()
    await asyncio.to_thread(parent.write, text)
    async with asyncio.timeout(WITHIN_S):
        return [seen - began for seen in await asyncio.gather(*expected)]


async def measure_live(system: System, conversations: int, minutes: float, looking: int) -> tuple[list[float], float]:
    """As many families begin to write within some minutes while people look.

    Returns how long each new row took to be on each page, in seconds, and the share of a processor that the front desk
    took meanwhile.
    """
    process = psutil.Process(system.pid("frontdesk"))
    texts = ("oi, quanto custa?", "quais os horários de vcs?", "como funciona o método?", "onde fica?")
    async with people_looking(system, looking) as lookers, asyncio.TaskGroup() as group:
        before, began = sum(process.cpu_times()[:2]), time.perf_counter()
        tasks = []
        for number in range(conversations):
            tasks.append(group.create_task(delay(system.parent(), texts[number % len(texts)], lookers)))
            await asyncio.sleep(began + minutes * 60 * (number + 1) / conversations - time.perf_counter())
        delays = [each for task in tasks for each in await task]
        took = sum(process.cpu_times()[:2]) - before
    return delays, took / (time.perf_counter() - began)


def row(took: list[float]) -> dict[str, float]:
    """What is printed, in ms."""
    return {
        "p50_ms": statistics.median(took) * 1e3,
        "p95_ms": statistics.quantiles(took, n=20)[18] * 1e3,
        "most_ms": max(took) * 1e3,
    }


async def run(system: System, database_url: str, arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    began = time.perf_counter()
    await fill(database_url, arguments.conversations)
    print(f"{arguments.conversations} conversations written in {time.perf_counter() - began:.0f} s", flush=True)
    bearer = await asyncio.to_thread(system.bearer)
    report = {}
    async with signed_in(system) as http:
        await days_kept(database_url, http)
        for name, address, headers in await paths(http, bearer):
            report[name] = row(await measure(http, address, headers, arguments.times))
            if not arguments.json:
                print(line(name, report[name]), flush=True)
    name = f"webhook to page, {arguments.looking} looking"
    report[name] = row(await measure_delay(system, arguments.messages, arguments.looking))
    if not arguments.json:
        print(line(name, report[name]), flush=True)
    name = f"the same, {arguments.live} live"
    delays, share = await measure_live(system, arguments.live, arguments.minutes, arguments.looking)
    report[name] = {**row(delays), "processor": share}
    if not arguments.json:
        print(f"{line(name, report[name])}   {share:.0%} of a processor for the front desk")
    return report


def line(name: str, row: dict[str, float]) -> str:
    return f"{name:32} p50 {row['p50_ms']:7.1f} ms   p95 {row['p95_ms']:7.1f} ms   most {row['most_ms']:7.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--messages", type=int, default=30)
    parser.add_argument("--looking", type=int, default=10)
    parser.add_argument("--live", type=int, default=1_000, help="conversations that begin within --minutes")
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    own = (rabbitmq.NAME, postgresql.NAME)
    account = {"FRONTDESK_USERNAME": USERNAME, "FRONTDESK_PASSWORD": PASSWORD}
    with (
        tempfile.TemporaryDirectory(prefix="frontdesk-") as name,
        running_system(Path(name), own=own, RATE_LIMIT_PER_HOUR="0", **account) as system,
    ):
        report = asyncio.run(run(system, system.stores[postgresql.NAME].url, arguments))
    if arguments.json:
        print(json.dumps(report, indent=2))
    print(f"load of the machine in the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
