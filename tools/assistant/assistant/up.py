"""`up`: do what is missing, start all, return when every service is ready."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import psutil

from assistant import down, launch, packages, readiness
from assistant import home as homes
from assistant.doctor import problems_before_start
from assistant.grants import database
from assistant.grants.users import NoPasswordError, made
from assistant.plan import Plan, read_plan, read_state
from assistant.programs import mark
from assistant.progress import out, step
from assistant.services import SANDBOX, SERVICES, Service
from assistant.stores import docker, postgresql, private, rabbitmq
from assistant.stores.model import Store, StoreError

PACKAGES = {"rabbitmq": packages.RABBITMQ, "postgresql": packages.POSTGRESQL, "redis": packages.REDIS}

EXPECTED = (StoreError, packages.PackagesError, readiness.NotReadyError, NoPasswordError, OSError)


class UpError(Exception):
    """The system could not be started; the message says what to do."""


@dataclass(frozen=True)
class Wanted:
    """What `up` was asked for: the effective environment, and how."""

    environment: Mapping[str, str]
    services: Sequence[Service] = SERVICES
    single_process: bool = False
    detach: bool = True
    patience_s: float = readiness.PATIENCE_S


def up(home: homes.Home, wanted: Wanted) -> Plan:
    """Start what is missing and return the plan that then runs.

    Raises UpError, after stopping what was started; what ran before runs on.
    """
    with home.only_one():
        running, plan = read_state(home)["supervisor"], read_plan(home)
        if running is not None and plan is not None and plan.complete:
            os.kill(running, signal.SIGHUP)
            try:
                _wait_for_services(home, plan, wanted.patience_s)
            except readiness.NotReadyError as error:
                raise UpError(str(error)) from error
            return plan
        down.stop_everything(home)
        try:
            return _from_nothing(home, wanted)
        except BaseException as error:
            down.stop_everything(home)
            if isinstance(error, EXPECTED):
                raise UpError(str(error)) from error
            raise


def _from_nothing(home: homes.Home, wanted: Wanted) -> Plan:
    services = launch.chosen_services(wanted.services, wanted.environment)
    with step("checking the settings"):
        if problems := problems_before_start(wanted.environment, home.project, services):
            raise UpError("\n".join(str(problem) for problem in problems))
    ports = launch.choose_ports(services, wanted.environment)
    given = {
        name: wanted.environment[variable]
        for name, variable in launch.STORE_VARIABLES.items()
        if variable in wanted.environment
    }
    missing = [name for name in private.NAMES if name not in given]
    ours = [service for service in services if service.name != SANDBOX.name]
    stores = _prepare_stores(home, missing, ours, set(ports.values()))
    plan = Plan(
        ports=ports,
        urls={**given, **{store.name: store.url for store in stores}},
        programs=tuple(program for store in stores for program in store.programs),
        started_stores=tuple(store.name for store in stores),
        containers=tuple(docker.container(home, store.name) for store in stores if store.in_container),
        evolution_url=wanted.environment.get("EVOLUTION_URL") or readiness.base_url(Plan(ports=ports), SANDBOX.name),
        qdrant_url=wanted.environment.get("QDRANT_URL", ""),
        single_process=wanted.single_process,
        moved_clock="ASSISTANT_NOW" in wanted.environment,
    )
    passwords = launch.passwords_of(home, wanted.environment, services, _with_users(stores))
    plan.write(home)
    supervisor = start_supervisor(home, stay=wanted.detach)
    # The services wait for the broker by themselves, and RabbitMQ takes longest: both start at the same time.
    _wait_for_stores(home, [store for store in stores if store.name != rabbitmq.NAME])
    if postgresql.NAME in plan.started_stores:
        users = passwords[postgresql.NAME]
        asyncio.run(database.grant(plan.urls[postgresql.NAME], users, ours))
    if plan.moved_clock:
        offset_s = launch.offset_to(wanted.environment["ASSISTANT_NOW"], datetime.now(UTC))
        homes.write_text(home.clock_file, f"{offset_s!r}\n")
    common = launch.service_environment(home, wanted.environment, ports, plan.urls)
    programs = launch.programs_of(
        home,
        services,
        common,
        ports,
        urls=plan.urls,
        passwords=passwords,
        single_process=wanted.single_process,
    )
    plan = replace(plan, programs=(*plan.programs, *programs), complete=True)
    plan.write(home)
    os.kill(supervisor, signal.SIGHUP)
    _wait_for_stores(home, [store for store in stores if store.name == rabbitmq.NAME])
    _wait_for_services(home, plan, wanted.patience_s)
    return plan


def _prepare_stores(home: homes.Home, names: list[str], services: list[Service], avoid: set[int]) -> list[Store]:
    if not names:
        return []
    absent = packages.missing([PACKAGES[name] for name in names])
    if absent and not packages.can_install() and docker.answers():
        with step(f"preparing {', '.join(names)} as containers"):
            return docker.prepare(names, home, avoid)
    if absent:
        with step(f"installing {', '.join(package.name for package in absent)}"):
            packages.install(absent, home.logfile("apt"))
    with step(f"preparing {', '.join(names)}"):
        return private.prepare(
            names,
            home.root,
            data=home.data,
            log=home.log,
            password=lambda name: home.secret(f"{name.upper()}_PASSWORD"),
            users=made(home.secret, services),
            avoid=avoid,
        )


def _with_users(stores: Sequence[Store]) -> list[str]:
    """Return the stores of ours in which every service has a user; a broker in a container has only its first one."""
    return [store.name for store in stores if not (store.in_container and store.name == rabbitmq.NAME)]


def start_supervisor(home: homes.Home, *, stay: bool) -> int:
    """Start it and return its process id. Unless it shall `stay`, it stops everything when this process ends."""
    home.log.mkdir(parents=True, exist_ok=True)
    prefix = [] if stay else ["setpriv", "--pdeathsig", "TERM", "--"]
    with home.logfile("supervisor").open("ab") as log:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "assistant.supervisor", str(home.root), str(home.project)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **mark(home.root, "supervisor"), "PYTHONUNBUFFERED": "1"},
            cwd="/",
            start_new_session=True,
        )
    process.returncode = 0  # it outlives this process on purpose; nobody here waits for it
    return _listening(home, process.pid)


def _listening(home: homes.Home, pid: int) -> int:
    """Its process id as soon as it has told what it runs: a signal that came sooner would end it."""
    process = psutil.Process(pid)
    while read_state(home)["supervisor"] != pid:
        try:
            if process.wait(timeout=0.05) is not None or not process.is_running():
                raise UpError(f"the supervisor ended at once; see {home.logfile('supervisor')}")
        except psutil.TimeoutExpired:
            continue
    return pid


def _wait_for_stores(home: homes.Home, stores: Sequence[Store]) -> None:
    def alive(store: Store) -> bool:
        state = read_state(home)
        failures = state["programs"].get(store.programs[-1].name, {}).get("failures", 0)
        return state["supervisor"] is not None and failures < readiness.GIVEN_UP_AFTER

    async def one(store: Store) -> None:
        try:
            waited = await private.until_ready(store, alive=lambda: alive(store))
        except StoreError as error:
            tail = "\n".join(readiness.last_lines(home, store.name))
            raise StoreError(f"{error}\n--- last lines of {home.logfile(store.name)}\n{tail}") from error
        _tell(store.name, waited)

    async def every() -> None:
        await asyncio.gather(*map(one, stores))

    asyncio.run(every())


def _wait_for_services(home: homes.Home, plan: Plan, patience_s: float) -> None:
    asyncio.run(readiness.until_ready(home, plan, within_s=patience_s, tell=_tell))


def _tell(name: str, seconds: float) -> None:
    out.print(f"[green]✓[/] {name} is ready [dim]({seconds:.1f} s)[/]")
