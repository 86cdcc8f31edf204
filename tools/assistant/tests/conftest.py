"""Installations of their own: a home in a temporary folder, three dummies as services, the session's stores."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from assistant import programs
from assistant.down import stop_everything
from assistant.home import Home, project_folder
from assistant.plan import Plan, read_plan, read_state
from assistant.status import collect
from assistant.testing_stores import in_a_loop

HERE = Path(__file__).parent
MONDAY = "2026-11-23T10:12:00-03:00"
KEPT = ("PATH", "HOME", "LANG")
EVOLUTION = {
    "EVOLUTION_API_KEY": "a-key",
    "EVOLUTION_INSTANCE": "unit",
    "EVOLUTION_WEBHOOK_SECRET": "a-secret-of-16-or-more",
}


def until(true: Callable[[], Any], within_s: float = 10.0) -> Any:
    """The first true value of the condition; fails when there is none in time."""
    end = time.monotonic() + within_s
    while True:
        value = true()
        if value:
            return value
        assert time.monotonic() < end, f"not within {within_s} s"
        time.sleep(0.02)


@dataclass
class Installation:
    """One home, and `./assistant` on it with the dummies as services."""

    folder: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def home(self) -> Home:
        return Home(self.folder, project_folder())

    @property
    def plan(self) -> Plan:
        plan = read_plan(self.home)
        assert plan is not None
        return plan

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "dummy_cli.py"), *arguments],
            env={**self.environment, **more},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end; `more` are further variables."""
        process = self.start(*arguments, **more)
        stdout, stderr = process.communicate(timeout=90)
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)

    def up(self, *arguments: str, **more: str) -> str:
        done = self.run("up", "--detach", *arguments, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def status(self) -> dict[str, Any]:
        """What `status --json` prints, without a process of its own."""
        return in_a_loop(lambda: collect(self.home, self.environment))

    def pids(self) -> dict[str, int]:
        """What runs by the supervisor's record, itself included."""
        state = read_state(self.home)
        found = {"supervisor": state["supervisor"]}
        found |= {name: value["pid"] for name, value in state["programs"].items()}
        return {name: pid for name, pid in found.items() if pid is not None}

    def environment_of(self, service: str) -> dict[str, str]:
        """The variables that a running dummy got."""
        url = f"http://127.0.0.1:{self.plan.ports[service]}/environment"
        return dict(httpx.get(url, trust_env=False).json())

    def running(self) -> list[psutil.Process]:
        return programs.marked(self.folder)


@pytest.fixture(name="until")
def until_() -> Callable[..., Any]:
    """Wait for a condition, as `until(true, within_s)`."""
    return until


@pytest.fixture(scope="session")
def evolution_url() -> Iterator[str]:
    """An Evolution API, as far as its front page goes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def given(amqp_url: str, database_url: str, redis_url: str, evolution_url: str) -> dict[str, str]:
    """The variables of every installation: the session's stores, and a channel."""
    urls = {"RABBITMQ_URL": amqp_url, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    return {**urls, "EVOLUTION_URL": evolution_url, **EVOLUTION}


@contextmanager
def installations(folder: Path, given: Mapping[str, str]) -> Iterator[Callable[..., Installation]]:
    """Make installations in a folder; each is stopped at the end."""
    made: list[Installation] = []

    def make(name: str = "home", **more: str) -> Installation:
        ours = {"PYTHONPATH": str(HERE), "ASSISTANT_HOME": str(folder / name)}
        kept = {key: os.environ[key] for key in KEPT if key in os.environ}
        made.append(Installation(folder / name, {**kept, **ours, **given, **more}))
        return made[-1]

    yield make
    for installation in made:
        for process in installation.started:
            process.kill()
            process.wait()
            process.stdout.close()  # type: ignore[union-attr]  # both are pipes
            process.stderr.close()  # type: ignore[union-attr]
        stop_everything(installation.home)
        assert installation.running() == []


@pytest.fixture
def make_installation(tmp_path: Path, given: dict[str, str]) -> Iterator[Callable[..., Installation]]:
    """Make installations for one test."""
    with installations(tmp_path, given) as make:
        yield make


@pytest.fixture
def installation(make_installation: Callable[..., Installation]) -> Installation:
    return make_installation()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, given: dict[str, str]) -> Iterator[Installation]:
    """One that was started at a time, for the tests of a file that leave it as it is."""
    with installations(tmp_path_factory.mktemp("running"), given) as make:
        installation = make()
        installation.up(ASSISTANT_NOW=MONDAY)
        yield installation
