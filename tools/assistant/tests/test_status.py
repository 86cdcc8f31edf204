"""`status`, whose shape monitoring reads."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import aiormq
import psutil
import pytest
from assistant.home import Home, write_json
from assistant.plan import Plan
from assistant.queues import TIERS, names
from assistant.readiness import client
from assistant.status import show, without_password
from chassis import topology

pytestmark = pytest.mark.stores


def test_the_shape_is_the_one_that_monitoring_reads(running: Any) -> None:
    told = json.loads(running.run("status", "--json").stdout)
    assert set(told) == {"services", "dependencies", "queues", "breakers", "channel", "unanswered"}
    for service in told["services"]:
        assert set(service) == {"name", "pid", "ready", "since", "memory_mb"}
        assert service["ready"] is True
        assert service["since"].endswith("-03:00")
        assert service["memory_mb"] == pytest.approx(psutil.Process(service["pid"]).memory_info().rss / 1e6, rel=0.2)
    assert [service["name"] for service in told["services"]] == ["ingress", "calendar", "frontdesk"]
    dependencies = {one["name"]: one for one in told["dependencies"]}
    assert set(dependencies) == {"rabbitmq", "postgresql", "redis", "qdrant"}
    assert all(set(one) == {"name", "pid", "url", "ready"} for one in told["dependencies"])
    assert all(one["ready"] and one["pid"] is None for one in told["dependencies"])
    queue = next(one for one in told["queues"] if one["name"] == "calendar.some.thing_happened.v1")
    assert set(queue) == {"name", "ready", "unacked", "dead"}
    assert queue["unacked"] == 2
    assert {"service": "ingress", "dependency": "openai", "state": "closed"} in told["breakers"]
    assert (told["channel"], told["unanswered"]) == ("open", 0)


def test_no_password_of_a_store_is_shown(running: Any) -> None:
    said = running.run("status", "--json").stdout + running.run("status").stdout
    for name in ("RABBITMQ_URL", "DATABASE_URL"):
        url = running.environment[name]
        password = url.partition("//")[2].partition("@")[0].partition(":")[2]
        assert password
        assert password not in said
        assert without_password(url) in said


def test_a_stopped_service_is_not_ready_and_status_says_so_by_its_exit_code(running: Any) -> None:
    assert running.run("status").returncode == 0
    pid = running.pids()["calendar"]
    os.kill(pid, signal.SIGSTOP)
    try:
        done = running.run("status", "--json")
        assert done.returncode == 1
        assert f'"name": "calendar", "pid": {pid}, "ready": false' in done.stdout
    finally:
        os.kill(pid, signal.SIGCONT)


def test_where_nothing_runs_all_is_told_as_not_ready(installation: Any) -> None:
    done = installation.run("status", "--json")
    assert done.returncode == 1
    told = installation.status()
    assert all(one["pid"] is None and one["ready"] is False and one["since"] is None for one in told["services"])
    assert (told["channel"], told["unanswered"]) == ("closed", None)


def test_people_see_the_memory_of_the_services_and_its_total(running: Any) -> None:
    said = running.run("status").stdout
    total = sum(one["memory_mb"] for one in running.status()["services"])
    (line,) = [line for line in said.splitlines() if line.startswith("memory of the services: ")]
    assert float(line.split()[4]) == pytest.approx(total, rel=0.2)


@pytest.mark.parametrize(
    "url,shown",
    [
        ("amqp://u:p%40ss@h:5672/v", "amqp://u:***@h:5672/v"),
        ("redis://:secret@h:6379/0", "redis://:***@h:6379/0"),
        ("redis://h:6379/0", "redis://h:6379/0"),
        ("http://h:6333", "http://h:6333"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize("ready,said", [(None, "queues unknown"), (0, "1 queues, all empty")])
def test_queues_that_nobody_could_ask_for_are_not_said_to_be_empty(
    ready: int | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = {"name": "calendar.some", "ready": ready, "unacked": ready, "dead": ready}
    show(
        {
            **dict.fromkeys(("services", "dependencies", "breakers"), ()),
            "queues": [queue],
            "channel": "open",
            "unanswered": 0,
        }
    )
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("unacked", [None, 0])
def test_what_a_service_that_hangs_had_begun_is_said_to_be_unknown(
    unacked: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    queues = [
        {"name": "calendar.some", "ready": 0, "unacked": unacked, "dead": 0},
        {"name": "rules.some", "ready": 0, "unacked": 0, "dead": 0},
    ]
    rest: dict[str, Any] = dict.fromkeys(("services", "dependencies", "breakers"), ())
    show({**rest, "queues": queues, "channel": "open", "unanswered": 0})
    said = "unknown what calendar had begun" in capsys.readouterr().out
    assert said == (unacked is None)


async def test_what_waits_to_be_tried_again_is_told(installation: Any, amqp_url: str) -> None:
    tiers = [topology.tier_queue(delay_s) for delay_s in topology.TIERS_S]
    assert [tier.name for tier in tiers] == list(TIERS)
    installation.up()
    connection = await aiormq.connect(amqp_url)
    channel = await connection.channel(publisher_confirms=True)
    arguments = {**tiers[-1].arguments, "x-queue-type": "quorum"}
    await channel.queue_declare(TIERS[-1], durable=True, arguments=arguments)
    try:
        await channel.basic_publish(b"{}", routing_key=TIERS[-1])
        assert installation.status()["queues"][-1] == {"name": TIERS[-1], "ready": 1, "unacked": 0, "dead": 0}
        assert TIERS[-1] in installation.run("status").stdout
    finally:
        await channel.queue_purge(TIERS[-1])
        await connection.close()


async def test_a_record_of_the_queues_of_another_shape_is_passed_over(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    write_json(home.queues_file, {"calendar": 5, "rules": ["rules.some"]})
    async with client() as http:
        assert await names(http, home, Plan()) == ["rules.some"]
