"""What `up` does about stores that are not given: it runs its own, as Debian's packages."""

import os
import signal
from collections.abc import Callable
from typing import Any

import aiormq
import asyncpg
import psutil
import pytest
from assistant import packages, programs
from assistant.packages import Package, PackagesError

pytestmark = pytest.mark.stores
STORES = ("rabbitmq", "postgresql", "redis")


async def test_stores_of_its_own_keep_what_was_written_and_come_back_when_killed(
    make_installation: Callable[..., Any], until: Callable[..., Any]
) -> None:
    installation = make_installation(RABBITMQ_URL="", DATABASE_URL="", REDIS_URL="")
    installation.up()
    first = {one["name"]: one for one in installation.status()["dependencies"]}
    assert all(first[name]["ready"] and first[name]["pid"] for name in STORES)
    await write(installation.plan.urls["postgresql"], installation.plan.urls["rabbitmq"])
    # RabbitMQ writes the name of a new quorum queue down within a second; killed before that it forgets the queue.
    until(lambda: any(b"kept" in file.read_bytes() for file in installation.home.data.rglob("quorum/*/names.dets")))

    os.kill(first["rabbitmq"]["pid"], signal.SIGKILL)
    until(lambda: installation.pids().get("rabbitmq") not in (None, first["rabbitmq"]["pid"]), 5)
    until(lambda: installation.run("status").returncode == 0, 30)
    assert (installation.pids()["postgresql"], installation.pids()["redis"]) == (
        first["postgresql"]["pid"],
        first["redis"]["pid"],
    )

    assert installation.run("down").returncode == 0
    assert installation.running() == []
    installation.up()
    assert await read(installation.plan.urls["postgresql"], installation.plan.urls["rabbitmq"]) == ("kept", b"kept")


def test_down_ends_what_a_killed_postgresql_left_frozen_and_up_starts_it_anew(
    make_installation: Callable[..., Any], until: Callable[..., Any]
) -> None:
    installation = make_installation(DATABASE_URL="")
    installation.up()
    server = psutil.Process(installation.pids()["postgresql"])
    children = server.children()
    assert children
    for process in (*children, server):
        process.suspend()
    server.kill()
    until(lambda: installation.pids().get("postgresql") != server.pid)  # it is tried again, beside the frozen ones

    assert installation.run("down").returncode == 0
    assert installation.running() == []
    assert [each.pid for each in children if programs.started_at(each.pid)] == []
    installation.up()


async def write(database_url: str, amqp_url: str) -> None:
    database = await asyncpg.connect(database_url)
    await database.execute("CREATE TABLE kept AS SELECT 'kept' AS word")
    await database.close()
    broker = await aiormq.connect(amqp_url)
    channel = await broker.channel(publisher_confirms=True)
    await channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
    await channel.basic_publish(
        b"kept", routing_key="kept", properties=aiormq.spec.Basic.Properties(delivery_mode=2), mandatory=True
    )
    await broker.close()


async def read(database_url: str, amqp_url: str) -> tuple[str, bytes]:
    database = await asyncpg.connect(database_url)
    word = await database.fetchval("SELECT word FROM kept")
    await database.close()
    broker = await aiormq.connect(amqp_url)
    message = await (await broker.channel()).basic_get("kept", no_ack=True)
    await broker.close()
    return word, message.body


def test_what_is_missing_and_cannot_be_installed_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(packages, "can_install", lambda: False)
    absent = [Package("rabbitmq-server", lambda: False), Package("postgresql", lambda: False)]
    with pytest.raises(PackagesError, match=r"sudo apt-get install rabbitmq-server postgresql$"):
        packages.install(packages.missing(absent), tmp_path / "apt.log")


def test_only_packages_whose_program_is_absent_are_missing() -> None:
    there, absent = Package("a", lambda: True), Package("b", lambda: False)
    assert packages.missing([there, absent]) == [absent]
