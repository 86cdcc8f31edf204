"""`setup-evolution` against the sandbox: creates or adopts, points everything at us, has the code scanned."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import aio_pika
import httpx
import pytest
import uvicorn
from assistant.cli import app
from assistant.evolution.api import EvolutionApi, SetupError
from assistant.evolution.setup import EVENTS, Wanted, refuse_unsafe, set_up, wait_until_connected
from pydantic import SecretStr
from sandbox.app import build_app
from sandbox.settings import Settings
from typer.testing import CliRunner

KEY = "global-key"
HOOK = "http://127.0.0.1:9/webhooks/evolution"
SECRET = "a-secret-of-the-webhooks"


@pytest.fixture
def evolution() -> Iterator[Callable[..., str]]:
    """Start a sandbox: `evolution(sandbox_evolution_version="2.3.7")` returns its address."""
    started: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(**about: Any) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        sandbox = build_app(Settings(evolution_api_key=SecretStr(KEY), evolution_instance="kumon", **about))
        config = uvicorn.Config(sandbox, log_level="error", access_log=False, ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        started.append((server, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, thread in started:
        server.should_exit = True
        thread.join(5)


def ask(url: str, path: str) -> Any:
    return httpx.get(f"{url}{path}", headers={"apikey": KEY}).raise_for_status().json()


def wanted(instance: str = "unit1", **about: Any) -> Wanted:
    return Wanted(instance=instance, webhook_url=HOOK, secret=SECRET, **about)


@pytest.mark.parametrize("instance", ["unit1", "kumon"], ids=["created", "adopted"])
def test_the_instance_tells_us_what_we_read_with_our_secret(evolution: Callable[..., str], instance: str) -> None:
    url, said = evolution(), []
    set_up(EvolutionApi(url, KEY), wanted(instance), said.append)
    found = ask(url, f"/webhook/find/{instance}")
    assert (found["url"], found["enabled"], found["events"]) == (HOOK, True, [*EVENTS])
    assert found["headers"] == {"X-Webhook-Secret": SECRET}
    assert SECRET not in " ".join(said)


def test_setting_up_twice_changes_nothing(evolution: Callable[..., str]) -> None:
    url = evolution()
    for _ in range(2):
        set_up(EvolutionApi(url, KEY), wanted(), lambda _: None)
    assert [one["name"] for one in ask(url, "/instance/fetchInstances")] == ["kumon", "unit1"]


@pytest.mark.parametrize(
    "version, integration, complaint",
    [
        ((2, 2, 3), "WHATSAPP-BAILEYS", "too old"),
        ((2, 3, 7), "WHATSAPP-BUSINESS", "mixes up the contacts"),
        ((2, 3, 6), "WHATSAPP-BUSINESS", "mixes up the contacts"),
    ],
)
def test_a_version_that_mixes_people_up_is_refused(version: tuple[int, ...], integration: str, complaint: str) -> None:
    with pytest.raises(SetupError, match=complaint):
        refuse_unsafe(version, integration)


@pytest.mark.parametrize("version", [(2, 3, 0), (2, 3, 7), (2, 4, 0), (3, 0, 0)])
def test_whatsapp_web_is_taken_from_2_3_on(version: tuple[int, ...]) -> None:
    refuse_unsafe(version, "WHATSAPP-BAILEYS")


def test_a_cloud_instance_is_not_even_created_before_2_4(evolution: Callable[..., str]) -> None:
    url = evolution(sandbox_evolution_version="2.3.7")
    cloud = wanted("cloud", integration="WHATSAPP-BUSINESS", token="t", number="1", business_id="2")
    with pytest.raises(SetupError, match=r"2\.4\.0"):
        set_up(EvolutionApi(url, KEY), cloud, lambda _: None)
    assert [one["name"] for one in ask(url, "/instance/fetchInstances")] == ["kumon"]
    url = evolution(sandbox_evolution_version="2.4.0-rc2")
    set_up(EvolutionApi(url, KEY), cloud, lambda _: None)
    assert len(ask(url, "/instance/fetchInstances")) == 2


def test_a_wrong_key_and_a_wrong_address_are_named(evolution: Callable[..., str]) -> None:
    with pytest.raises(SetupError, match="EVOLUTION_API_KEY"):
        set_up(EvolutionApi(evolution(), "another"), wanted(), lambda _: None)
    with pytest.raises(SetupError, match="EVOLUTION_URL"):
        set_up(EvolutionApi("http://127.0.0.1:9", KEY), wanted(), lambda _: None)


def test_a_code_is_shown_until_somebody_scans_it(evolution: Callable[..., str]) -> None:
    url, codes = evolution(), []
    api = EvolutionApi(url, KEY)
    set_up(api, wanted(), lambda _: None)

    def show(code: str) -> None:
        codes.append(code)
        httpx.post(f"{url}/sandbox/connection", json={"state": "open", "instance": "unit1"}).raise_for_status()

    assert wait_until_connected(api, "unit1", show, 10, look_every_s=0.01)
    assert len(codes) == 1
    assert wait_until_connected(api, "unit1", show, 10, look_every_s=0.01), "and what is connected needs no code"
    assert len(codes) == 1


def test_nobody_who_scans_is_said_so(evolution: Callable[..., str]) -> None:
    api = EvolutionApi(evolution(), KEY)
    set_up(api, wanted(), lambda _: None)
    assert not wait_until_connected(api, "unit1", lambda _: None, 0.05, look_every_s=0.01)


def run(tmp_path: Any, url: str, *arguments: str, **more: str) -> Any:
    variables = {
        "ASSISTANT_HOME": str(tmp_path),
        "EVOLUTION_URL": url,
        "EVOLUTION_API_KEY": KEY,
        "EVOLUTION_INSTANCE": "kumon",
        "EVOLUTION_WEBHOOK_SECRET": SECRET,
        **more,
    }
    return CliRunner().invoke(app, ["setup-evolution", *arguments], env=variables)


def test_the_command_draws_the_code_and_says_when_nobody_scans_it(evolution: Callable[..., str], tmp_path: Any) -> None:
    url = evolution()
    done = run(tmp_path, url, "--wait", "0.2", EVOLUTION_INSTANCE="unit1")
    assert done.exit_code == 1
    assert "█" in done.output or "▄" in done.output
    assert "scan" in done.output
    assert SECRET not in done.output
    assert KEY not in done.output


def test_the_command_prints_json_for_machines(evolution: Callable[..., str], tmp_path: Any) -> None:
    done = run(tmp_path, evolution(), "--json", "--webhook", HOOK)
    assert done.exit_code == 0, done.output
    assert json.loads(done.output) == {"instance": "kumon", "webhook": HOOK, "connected": True}


def test_the_command_says_what_is_missing(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVOLUTION_URL", raising=False)
    done = run(tmp_path, "")
    assert done.exit_code == 1
    assert "EVOLUTION_URL: is not given" in done.output


@pytest.mark.stores
def test_a_bound_queue_has_the_first_event_that_the_instance_ever_publishes(
    evolution: Callable[..., str], amqp_url: str
) -> None:
    instance = f"unit-{uuid4().hex}"
    url = evolution(evolution_rabbitmq_url=amqp_url)
    about = {"rabbitmq_url": amqp_url, "exchange": instance}
    set_up(EvolutionApi(url, KEY), wanted(instance, **about), lambda _: None)
    assert ask(url, f"/rabbitmq/find/{instance}")["enabled"]
    httpx.post(f"{url}/sandbox/connection", json={"state": "open", "instance": instance}).raise_for_status()
    try:
        body = asyncio.run(first_event(amqp_url, f"receptionist.{instance}"))
        assert (body["event"], body["instance"]) == ("connection.update", instance)
        assert "destination" not in body
    finally:
        asyncio.run(remove(amqp_url, instance))


async def first_event(amqp_url: str, queue_name: str) -> Any:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(queue_name, passive=True)
        until = time.monotonic() + 15
        while (message := await queue.get(fail=False)) is None:
            assert time.monotonic() < until, "no event came"
            await asyncio.sleep(0.05)
        await message.ack()
        return json.loads(message.body)


async def remove(amqp_url: str, instance: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        for queue in (f"receptionist.{instance}", f"{instance}.connection.update"):
            await channel.queue_delete(queue)
        await channel.exchange_delete(instance)
