"""One user a service: what it may, and what it may not, on the real PostgreSQL and RabbitMQ."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiormq
import asyncpg
import pytest
import typer
from aiormq.exceptions import ChannelAccessRefused
from assistant.commands import grants
from assistant.grants import broker, database, users
from assistant.services import SERVICES
from assistant.testing_own_store import PASSWORDS, OwnStore
from chassis import topology
from chassis.asyncapi import _NOWHERE
from chassis.line import Line
from chassis.service import Service
from chassis.store import Store
from chassis.together import build
from chassis.transport import Rabbit
from contracts import all_facts
from pydantic import SecretStr

ROOT = Path(__file__).parents[3]
NAMES = [service.name for service in SERVICES]
OWNERS = [service.name for service in SERVICES if service.has_schema]
OTHERS = [(one, other) for one in OWNERS for other in OWNERS if one != other]


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    store = OwnStore(tmp_path_factory.mktemp("broker"))
    store.start()
    yield store
    store.stop()


def services() -> dict[str, Service]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in _NOWHERE.items():
            environment.setenv(name, value)
        return {name: build(f"{name.replace('-', '_')}_service") for name in NAMES}


def at(url: str, service: str) -> str:
    return users.as_user(url, service, PASSWORDS[service])


def test_exactly_the_services_with_migrations_get_a_schema() -> None:
    keeping = {folder.parts[-3] for folder in ROOT.glob("services/*/*_service/migrations")}
    assert set(OWNERS) == keeping


def test_the_rights_hold_everything_that_the_code_of_a_service_does() -> None:
    for name, service in services().items():
        may = broker.rights(name)
        for queue in service.transport.queues():
            assert all(re.search(right, queue) for right in (may.configure, may.read, may.write))
        for fact in service.line.emitted:
            assert re.search(may.publishes, fact.routing_key()), (name, fact)
            assert all(re.search(may.write, topology.queue_name(each, fact)) for each in fact.consumers)
        for answering in service.line.answering:
            assert re.search(may.read, answering.question.queue())


@pytest.mark.parametrize("name", NAMES)
def test_no_service_may_read_or_make_what_belongs_to_another(name: str) -> None:
    may = broker.rights(name)
    others = {topology.queue_name(each, fact) for fact in all_facts() for each in fact.consumers if each != name}
    dead = {topology.dead(queue) for queue in others}
    assert not [queue for queue in others if re.search(may.read, queue) or re.search(may.configure, queue)]
    assert not [queue for queue in dead if re.search(may.configure, queue)]
    assert all(re.search(may.read, queue) for queue in dead) == (name == broker.FORGETS)
    strangers = {fact.routing_key() for fact in all_facts() if fact.producer not in {name, "privacy"}}
    assert not [key for key in strangers if re.search(may.publishes, key)]


def test_the_definitions_hold_no_password() -> None:
    told = json.dumps(broker.definitions(PASSWORDS, administrator=("admin", "the-admins-own")))
    assert not [secret for secret in (*PASSWORDS.values(), "the-admins-own") if secret in told]
    assert not [secret for secret in PASSWORDS.values() if secret in database.sql(PASSWORDS)]


def test_a_missing_password_is_named_by_its_variable() -> None:
    environment = {users.variable(name): "x" * 24 for name in NAMES if name != "llm-gateway"}
    with pytest.raises(users.NoPasswordError, match="missing: LLM_GATEWAY_STORES_PASSWORD "):
        users.given(environment)
    made = dict(line.split("=", 1) for line in users.new().splitlines())
    assert set(users.given(made)) == set(NAMES)


def queues_of_the_services() -> list[str]:
    """All queues of the definitions but the delay tiers, which nobody removes, and those that tests made up."""
    told = broker.definitions(PASSWORDS)["queues"]
    return [queue["name"] for queue in told if queue["name"].startswith(tuple(f"{name}." for name in NAMES))]


async def start_all(own_broker: OwnStore) -> None:
    carried = [Rabbit(service.line, at(own_broker.url, name)) for name, service in services().items()]
    try:
        await asyncio.wait_for(asyncio.gather(*(rabbit.start() for rabbit in carried)), 60)
        assert all(await asyncio.gather(*(rabbit.ready() for rabbit in carried)))
    finally:
        await asyncio.gather(*(rabbit.stop() for rabbit in carried))


@pytest.mark.stores
async def test_a_blank_broker_has_every_way_before_any_service_starts_as_the_services_declare_it(
    own_broker: OwnStore,
) -> None:
    connection = await aiormq.connect(own_broker.url)
    channel = await connection.channel()
    for queue in queues_of_the_services():
        await channel.queue_declare(queue, passive=True)
    await connection.close()
    await start_all(own_broker)
    read = {queue for service in services().values() for queue in service.transport.queues()}
    assert set(queues_of_the_services()) >= read - {"ingress.quarantine"}


@pytest.mark.stores
async def test_every_service_starts_with_its_own_user_and_waits_for_the_queues_of_others(own_broker: OwnStore) -> None:
    connection = await aiormq.connect(own_broker.url)
    channel = await connection.channel()
    for queue in queues_of_the_services():
        await channel.queue_delete(queue)
    await connection.close()
    await start_all(own_broker)


@pytest.mark.stores
async def test_a_services_user_cannot_take_from_or_remove_anothers_queue_nor_speak_in_its_name(
    own_broker: OwnStore,
) -> None:
    line = Line("dialogue", clock=lambda: None)  # type: ignore[arg-type, return-value]  # no handler runs
    (fact,) = (fact for fact in all_facts() if fact.routing_key() == "preprocessor.message_sanitized.v1")
    line.stage(fact)(lambda _: None)  # type: ignore[arg-type, return-value]  # same
    owner = Rabbit(line, at(own_broker.url, "dialogue"))
    await owner.start()
    await owner.stop()
    queue = topology.queue_name("dialogue", fact)
    connection = await aiormq.connect(at(own_broker.url, "calendar"))

    async def refused(what: str, *arguments: Any, **named: Any) -> bool:
        channel = await connection.channel(publisher_confirms=True)
        try:
            await getattr(channel, what)(*arguments, **named)
        except ChannelAccessRefused:
            return True
        return False

    async def ignore(_: Any) -> None:
        pass

    try:
        assert await refused("basic_consume", queue, ignore)
        assert await refused("basic_get", queue)
        assert await refused("queue_purge", queue)
        assert await refused("queue_delete", queue)
        assert await refused("basic_get", topology.tier_queue(5).name)
        forged = {"exchange": topology.EVENTS.name, "routing_key": fact.routing_key()}
        assert await refused("basic_publish", b"{}", **forged)
        assert not await refused("basic_publish", b"{}", exchange="", routing_key="calendar.nowhere")
    finally:
        await connection.close()


@pytest.mark.stores
async def test_a_services_role_migrates_its_schema_and_sees_no_other(fresh_database_url: str) -> None:
    await database.grant(fresh_database_url, PASSWORDS)
    built = services()
    for name in OWNERS:
        store = built[name].store
        assert store is not None
        own = Store(store.line, SecretStr(at(fresh_database_url, name)), migrations=store._migrations, pool_size=1)
        await own.open()
        assert await own.ready()
        await own.close()
    for name, other in OTHERS:
        connection = await asyncpg.connect(at(fresh_database_url, name))
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select * from {database.schema(other)}.outbox")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("create table public.mine (a int)")
        finally:
            await connection.close()


@pytest.mark.stores
async def test_what_was_there_before_the_roles_becomes_theirs_and_granting_twice_changes_nothing(
    fresh_database_url: str,
) -> None:
    store = services()["calendar"].store
    assert store is not None
    first = Store(store.line, SecretStr(fresh_database_url), migrations=store._migrations, pool_size=1)
    await first.open()
    await first.close()
    for _ in range(2):
        await database.grant(fresh_database_url, PASSWORDS)
    connection = await asyncpg.connect(at(fresh_database_url, "calendar"))
    try:
        await connection.execute("alter table calendar.visits add column added int")
        owners = "select distinct pg_get_userbyid(relowner) from pg_class where relnamespace = 'calendar'::regnamespace"
        assert [row[0] for row in await connection.fetch(owners)] == ["receptionist_calendar"]
    finally:
        await connection.close()


@pytest.mark.stores
def test_definitions_that_cannot_be_written_are_one_clear_line(
    fresh_database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {users.variable(name): password for name, password in PASSWORDS.items()}
    with pytest.raises(typer.Exit):
        grants.apply({**environment, "DATABASE_URL": fresh_database_url}, tmp_path / "no/definitions.json")
    assert capsys.readouterr().err == f"{tmp_path}/no/definitions.json: No such file or directory\n"


def test_a_broker_that_is_no_address_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    environment = {users.variable(name): password for name, password in PASSWORDS.items()}
    with pytest.raises(typer.Exit):
        grants.definitions({**environment, "RABBITMQ_URL": "amqp://[::1"})
    assert capsys.readouterr().err == "RABBITMQ_URL: is not an address\n"
