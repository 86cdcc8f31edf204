"""The front desk with many conversations: how long its pages and its API take, and how soon a message is on a page.

    python benchmarks/frontdesk.py [--conversations 50000] [--times 100] [--messages 30] [--looking 10] [--json]

A whole installation on a throw-away database, filled with as many conversations (twelve messages each, over a year; two
hundred are the unit's). Pages and API paths are asked one after another over loopback, so the times have everything in
them that a browser on the same machine would wait for. Then `--looking` people keep the list open, a parent writes, and
the delay is from the webhook's being sent until the message is in what an open page gets. Prints the machine's load.
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
from typing import Any

import asyncpg
import httpx
from assistant.stores import postgresql, rabbitmq
from assistant.testing_system import MONDAY, System, running_system

WARM_UP = 5
WITHIN_S = 20.0
USERNAME, PASSWORD = "owner", "a password of the benchmark"

# What the services would have told, written as the read model has it: number `n` is the n-th family, `ago` when it wrote.
FAMILIES = f"""
create temp table families as
select n, 'cnv_' || md5(n::text) as conversation, '+55519' || (80000000 + n) as phone,
    timestamptz '{MONDAY}' - power(random(), 2) * interval '365 days' as at,
    (array['Ana','Bruno','Carla','Débora','Elisa','Fábio','Gabriela','Hugo','Inês','João','Karina','Luís'])[1 + n % 12]
        || ' ' || chr(65 + (n / 12) % 26) || lower(substr(md5('s' || n), 1, 6)) as name,
    (array['Pedro','Bia','Lucas','Sofia','Davi','Laura','Théo','Alice'])[1 + n % 8] as child
from generate_series(1, $1) as n"""
FILL = (
    """insert into people (conversation, phone, lid, profile_name, last_at, stage, stage_at, unit_at, heard_at, instance,
        address)
    select conversation, phone, case when n % 3 = 0 then n || '@lid' end, name, at, 'discovery', at,
        case when n % 250 = 0 then at end, at, 'kumon', jsonb_build_object('jid', substr(phone, 2) || '@s.whatsapp.net', 'phone', phone, 'lid', null) from families""",
    """insert into people (conversation, lid, profile_name, last_at)
    select conversation || 'lid', n || '@lid', name, at - interval '1 hour' from families where n % 60 = 0""",
    """insert into leads (conversation, lead, updated_at, qualified_at)
    select conversation, jsonb_build_object('parent_name', name, 'phone', phone, 'email', null, 'students',
        jsonb_build_array(jsonb_build_object('name', child, 'age', 8, 'grade', 'ef3', 'subjects', '["matematica"]'::jsonb,
        'is_self', false)), 'time_preference', null), at, case when n % 6 = 0 then at end from families where n % 5 > 0""",
    """insert into turns (id, conversation, opened_at, closed_at, outcome, route, window_s, work_s, intents)
    select md5('t' || n || '.' || i)::uuid, conversation, moment, moment + interval '1 s', 'replied', 'template', .5, .1,
        array[(array['ask_price','ask_hours','ask_method','provide'])[1 + (n + i) % 4]]
    from families, generate_series(1, 6) i, lateral (select at - (6 - i) * interval '2 min' as moment) m""",
    """insert into inbound (id, conversation, received_at, ended_at, turn_id, first_contact)
    select md5('i' || n || '.' || i)::uuid, conversation, moment, moment + interval '1 s', md5('t' || n || '.' || i)::uuid,
        i = 1 from families, generate_series(1, 6) i, lateral (select at - (6 - i) * interval '2 min' as moment) m""",
    """insert into messages (id, conversation, direction, author, text, instance, channel_id, sent_at)
    select md5('i' || n || '.' || i)::uuid, conversation, 'in', 'parent', 'oi, queria saber do método', 'kumon',
        md5('k' || n || '.' || i), moment
    from families, generate_series(1, 6) i, lateral (select at - (6 - i) * interval '2 min' as moment) m""",
    """insert into messages (id, conversation, direction, author, text, instance, channel_id, reply_id, drafted_at, sent_at,
        rank, turn_id)
    select md5('o' || n || '.' || i)::uuid, conversation, 'out', 'assistant', 'O Kumon respeita o ritmo de cada aluno.',
        'kumon', md5('q' || n || '.' || i), md5('r' || n || '.' || i)::uuid, moment, moment + interval '1 s', 2,
        md5('t' || n || '.' || i)::uuid
    from families, generate_series(1, 6) i, lateral (select at - (6 - i) * interval '2 min' + interval '2 s' as moment) m""",
    """insert into channel_marks (instance, channel_id, rank)
    select 'kumon', md5('q' || n || '.' || i), 5 from families, generate_series(1, 6) i""",
    """insert into handoffs (id, conversation, phone, reason, pack, opened_at)
    select md5('h' || n)::uuid, conversation, phone, 'person_request',
        jsonb_build_object('summary', jsonb_build_array('Quer falar com uma pessoa.'), 'lead', jsonb_build_object(),
        'open_question', null, 'suggested_reply', 'Oi! Aqui é da unidade.'), at from families where n % 250 = 0""",
    """insert into visits (id, conversation, start, ends, status, version, changed_at, booked_at, lead)
    select md5('v' || n)::uuid, conversation, date_trunc('hour', at) + interval '3 days',
        date_trunc('hour', at) + interval '3 days 30 min', 'booked', 1, at, at,
        jsonb_build_object('parent_name', name, 'students', '[]'::jsonb) from families where n % 8 = 0""",
    """insert into completions (id, conversation, at, task, model, cached, brl)
    select md5('c' || n)::uuid, conversation, at, 'understand', 'gpt-4o-mini', false, 0.01 from families where n % 2 = 0""",
    """insert into gaps (id, conversation, question, asked_at)
    select md5('g' || n)::uuid, conversation, 'tem ' || (array['estacionamento','piscina','van','cantina'])[1 + n % 4] || '?',
        at from families where n % 500 = 0""",
    """insert into facts (id, type, source, subject, time, correlation, data)
    select md5('f' || n)::uuid, 'dialogue.turn_opened.v1', 'dialogue', conversation, at, md5('f' || n)::uuid, '{}'
    from families where n % 100 = 0""",
)


async def fill(database_url: str, conversations: int) -> None:
    """Write as many conversations into the read model."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "frontdesk"}, command_timeout=600)
    await connection.execute("select setseed(0.5)")
    await connection.execute(FAMILIES, conversations)
    for statement in FILL:
        await connection.execute(statement)
    await connection.execute("vacuum analyze")
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
    found = [
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
        self.open = asyncio.Event()

    def expect(self, text: str) -> "asyncio.Future[float]":
        """Return what will have the moment at which a text is on the page."""
        self._waiting[text] = asyncio.get_running_loop().create_future()
        return self._waiting[text]

    async def look(self) -> None:
        async with self._http.stream("GET", "/eventos", timeout=None) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data:"):
                    continue
                self.open.set()
                changed = [each for each in json.loads(line.removeprefix("data:")) if each != "*"]
                if changed:
                    self._see((await self._http.get("/mudancas", params={"de": changed[:100]})).text)

    def _see(self, page: str) -> None:
        for text in [text for text in self._waiting if text in page]:
            self._waiting.pop(text).set_result(time.perf_counter())


async def measure_delay(system: System, messages: int, looking: int) -> list[float]:
    """From a webhook's being sent to its message's being on the page of each who looks, in seconds."""
    delays: list[float] = []
    async with AsyncExitStack() as stack:
        lookers = [Looker(await stack.enter_async_context(signed_in(system))) for _ in range(looking)]
        group = await stack.enter_async_context(asyncio.TaskGroup())
        tasks = [group.create_task(each.look()) for each in lookers]
        for each in lookers:
            await each.open.wait()
        parent = system.parent()
        for number in range(messages):
            text = f"mensagem {number:04} de quem mede"
            expected = [each.expect(text) for each in lookers]
            began = time.perf_counter()
            await asyncio.to_thread(parent.write, text)
            async with asyncio.timeout(WITHIN_S):
                delays += [seen - began for seen in await asyncio.gather(*expected)]
            await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
    return delays


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
        for name, address, headers in await paths(http, bearer):
            report[name] = row(await measure(http, address, headers, arguments.times))
            if not arguments.json:
                print(line(name, report[name]), flush=True)
    name = f"webhook to page, {arguments.looking} looking"
    report[name] = row(await measure_delay(system, arguments.messages, arguments.looking))
    if not arguments.json:
        print(line(name, report[name]))
    return report


def line(name: str, row: dict[str, float]) -> str:
    return f"{name:32} p50 {row['p50_ms']:7.1f} ms   p95 {row['p95_ms']:7.1f} ms   most {row['most_ms']:7.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--messages", type=int, default=30)
    parser.add_argument("--looking", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    own = (rabbitmq.NAME, postgresql.NAME)
    account = {"FRONTDESK_USERNAME": USERNAME, "FRONTDESK_PASSWORD": PASSWORD}
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as name:
        with running_system(Path(name), own=own, RATE_LIMIT_PER_HOUR="0", **account) as system:
            report = asyncio.run(run(system, system.stores[postgresql.NAME].url, arguments))
    if arguments.json:
        print(json.dumps(report, indent=2))
    print(f"load of the machine in the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
