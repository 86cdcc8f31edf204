"""What is started again, and when."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from assistant import supervisor
from assistant.home import Home
from assistant.plan import Plan
from assistant.programs import Program, mark, marked
from assistant.supervisor import LONGEST_WAIT_S, Supervisor, wait_before_start
from hypothesis import given
from hypothesis import strategies as st

Until = Callable[..., Any]


@pytest.mark.stores
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_service_that_is_killed_answers_again_within_two_seconds(
    installation: Any, until: Until, how: signal.Signals
) -> None:
    installation.up()
    before = installation.pids()
    url = f"http://127.0.0.1:{installation.plan.ports['calendar']}/readyz"
    killed = time.monotonic()
    os.kill(before["calendar"], how)

    def answers() -> bool:
        try:
            return installation.pids()["calendar"] != before["calendar"] and httpx.get(url, trust_env=False).is_success
        except (httpx.HTTPError, KeyError):
            return False

    until(answers, 5)
    assert time.monotonic() - killed < 2
    after = installation.pids()
    assert {name for name in after if after[name] != before[name]} == {"calendar"}


@pytest.mark.stores
def test_when_the_supervisor_is_killed_its_services_end_with_it_and_up_starts_all_again(
    installation: Any, until: Until
) -> None:
    installation.up()
    before = installation.pids()
    os.kill(before["supervisor"], signal.SIGKILL)
    until(lambda: not installation.running())
    told = installation.run("status")
    assert told.returncode == 1
    installation.up()
    assert set(installation.pids()) == set(before)
    assert installation.run("status").returncode == 0


async def test_a_supervisor_that_ends_starts_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what has just been stopped nor what waited for its next start."""
    monkeypatch.setattr(supervisor, "STARTED_AFTER_S", 0.0)  # so that every end asks for another start at once
    home = Home(tmp_path, tmp_path)

    def program(name: str, *argv: str, is_store: bool = False) -> Program:
        env = {"PATH": os.environ["PATH"], **mark(home.root, name)}
        return Program(name=name, argv=argv, log=home.logfile(name), env=env, is_store=is_store)

    plan = (program("store", "sleep", "300", is_store=True), program("one", "sleep", "300"), program("no", "false"))
    Plan(programs=plan).write(home)
    boss = Supervisor(home)
    running = asyncio.create_task(boss.run())
    async with asyncio.timeout(10):
        while len(marked(home.root)) < 2 or boss.children["no"].starts < 2:
            await asyncio.sleep(0.01)
        boss.stopping.set()
        await running
    for _ in range(100):  # whatever was still planned gets its turn
        await asyncio.sleep(0)
    assert marked(home.root) == []
    assert not home.state_file.exists()


async def test_on_a_full_disk_what_ends_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path, tmp_path)
    ends = Program(name="ends", argv=("false",), log=home.logfile("ends"), env={"PATH": os.environ["PATH"]})
    Plan(programs=(ends,)).write(home)
    boss = Supervisor(home)
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: ASYNC230, PTH123  # a device, on which every write fails
        monkeypatch.setattr(sys, "stdout", full)
        running = asyncio.create_task(boss.run())
        async with asyncio.timeout(10):
            while not boss.children or boss.children["ends"].starts < 2:
                await asyncio.sleep(0.01)
            boss.stopping.set()
            await running
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()


@given(st.integers(0, 10_000), st.sampled_from([0, 1, 3, 127, -9, -15]), st.floats(0, 1_000_000))
def test_no_wait_is_longer_than_ten_seconds(failures: int, exit_code: int, lived_s: float) -> None:
    _, wait_s = wait_before_start(failures=failures, exit_code=exit_code, lived_s=lived_s)
    assert 0 <= wait_s <= LONGEST_WAIT_S == 10


def test_each_failure_in_a_row_waits_longer_until_ten_seconds() -> None:
    failures, waits = 0, []
    for _ in range(8):
        failures, wait_s = wait_before_start(failures=failures, exit_code=1, lived_s=0.3)
        waits.append(wait_s)
    assert waits == [0.25, 0.5, 1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize(
    "exit_code,lived_s,failures",
    [(-9, 1.0, 0), (-15, 60.0, 0), (1, 60.0, 0), (0, 10.0, 0), (1, 9.0, 4), (-9, 0.1, 4), (-11, 3.0, 4)],
)
def test_only_ending_by_itself_while_starting_is_a_failure(exit_code: int, lived_s: float, failures: int) -> None:
    assert wait_before_start(failures=3, exit_code=exit_code, lived_s=lived_s)[0] == failures
