"""A whole system for tests and benchmarks: started by the project's own command, spoken to over HTTP.

Its broker, and any other store that is named, belong to whoever made them, so that they can be taken away; everything
else is what `./assistant up` starts.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from assistant import services
from assistant.grants.users import variable
from assistant.home import Home
from assistant.plan import Plan, read_plan, read_state
from assistant.ports import free_ports
from assistant.readiness import base_url
from assistant.status import collect
from assistant.stores import rabbitmq
from assistant.testing_own_store import PASSWORDS, VARIABLES, OwnStore, own_stores
from assistant.testing_stores import in_a_loop

ROOT = Path(__file__).parent.parent.parent.parent
MONDAY = "2026-11-23T10:12:00-03:00"
SERVICES = (
    "ingress",
    "preprocessor",
    "dialogue",
    "rules",
    "llm-gateway",
    "calendar",
    "postprocessor",
    "frontdesk",
)
LOOK_EVERY_S = 0.2
"""Each look costs both sides milliseconds, and several tests look at the same time."""
KEPT = httpx.Limits(keepalive_expiry=1)
"""Connections of a test's client: let go before the other side does, which closes what was idle for five seconds."""
Broker = OwnStore
T = TypeVar("T")
_numbers = count(51900000)


def until(condition: Callable[[], T | None], within_s: float, what: str = "") -> T:
    """Return the condition's first true value. Raises `AssertionError` when there is none in so many seconds."""
    end = time.monotonic() + within_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s} s: {what or condition}")
        time.sleep(LOOK_EVERY_S)


@dataclass
class Parent:
    """Somebody with a phone, as the sandbox's WhatsApp sees them."""

    system: "System"
    phone: str = field(default_factory=lambda: f"+55519{next(_numbers)}")
    name: str = "Responsável"

    def write(self, text: str, **more: Any) -> str:
        """Send a message; return the channel's id. `more` is what the sandbox's control API takes."""
        body = {"phone": self.phone, "name": self.name, "text": text, **more}
        answer = self.system.http.post(f"{self.system.sandbox}/sandbox/messages", json=body)
        return str(answer.raise_for_status().json()["id"])

    def chat(self) -> list[dict[str, Any]]:
        """Return the whole conversation as the phone shows it."""
        answer = self.system.http.get(f"{self.system.sandbox}/sandbox/messages", params={"phone": self.phone})
        return list(answer.raise_for_status().json()["items"])

    def received(self) -> list[str]:
        """Return every text that the assistant sent this person, in order."""
        return [message["text"] for message in self.chat() if message["author"] == "api"]

    def ask(self, text: str, within_s: float = 45) -> str:
        """Send a message and wait for the reply that follows it: all bubbles, joined, without formatting."""
        before = len(self.received())
        self.write(text)
        return self.reply_after(before, within_s)

    def reply_after(self, before: int, within_s: float = 45) -> str:
        """Wait until there is a reply beyond so many bubbles, and until it is complete."""
        until(lambda: len(self.received()) > before, within_s, f"a reply to {self.phone}")
        return re.sub(r"[*_~]", "", " ".join(self.settled()[before:]))

    def settled(self, quiet_s: float = 1.5) -> list[str]:
        """Return what was received once nothing more has come for a while."""
        return settled([self], quiet_s)[0]

    def contact(self) -> dict[str, Any]:
        """Return the person as the front desk's API tells it, once it knows them."""
        url = f"{self.system.frontdesk}/api/v1/contacts/{self.phone}"

        def told() -> httpx.Response | None:
            answer = self.system.http.get(url, headers=self.system.bearer())
            return None if answer.status_code == httpx.codes.NOT_FOUND else answer

        return dict(until(told, 60, f"the front desk knows {self.phone}").raise_for_status().json())


def settled(parents: Sequence[Parent], quiet_s: float) -> list[list[str]]:
    """Return what each of them received once none has got anything more for a while."""
    seen, since = [parent.received() for parent in parents], time.monotonic()
    while time.monotonic() - since < quiet_s:
        time.sleep(LOOK_EVERY_S)
        now = [parent.received() for parent in parents]
        if now != seen:
            seen, since = now, time.monotonic()
    return seen


@dataclass
class System:
    """An installation, running after `up`."""

    home: Path
    environment: dict[str, str]
    broker: OwnStore
    http: httpx.Client
    ingress: str = ""
    frontdesk: str = ""
    sandbox: str = ""
    stores: dict[str, OwnStore] = field(default_factory=dict)
    together: bool = False
    _token: str = ""

    def assistant(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `assistant …` on this installation."""
        return subprocess.run(
            [sys.executable, "-m", "assistant", *arguments],
            env=self.environment,
            cwd=ROOT,
            check=check,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def up(self) -> None:
        """Start everything and learn the addresses. Raises `RuntimeError` with what `up` said."""
        done = self.assistant("up", "--detach", *(["--single-process"] if self.together else []), check=False)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        addresses = dict(re.findall(r"^(WhatsApp|Front desk|Webhook)\s+(\S+)", done.stdout, re.MULTILINE))
        self.sandbox = addresses["WhatsApp"].rstrip("/")
        self.frontdesk = addresses["Front desk"].rstrip("/")
        self.ingress = addresses["Webhook"].removesuffix("/webhooks/evolution")

    def status(self) -> dict[str, Any]:
        """Return what `assistant status --json` prints, without a process of its own."""
        return in_a_loop(lambda: collect(self._home, self.environment))

    def bearer(self) -> dict[str, str]:
        """Return the header that the front desk's API wants."""
        self._token = self._token or self.assistant("token").stdout.strip()
        return {"Authorization": f"Bearer {self._token}"}

    def pid(self, service: str) -> int | None:
        """Return a service's process, `None` while it has none."""
        found = read_state(self._home)["programs"].get(service, {}).get("pid")
        return None if found is None else int(found)

    def kill(self, service: str) -> int:
        """Kill a service without warning; the supervisor starts it again. Return the process that died."""
        pid = until(lambda: self.pid(service), 10, f"{service} runs")
        os.kill(pid, signal.SIGKILL)
        until(lambda: not is_alive(pid), 5, f"{service} is dead")
        return pid

    def ready(self, *services: str) -> bool:
        """Say whether these services are, or all of them; `status` would look at every store and queue, too."""
        plan = read_plan(self._home)
        if plan is None:
            return False
        return all(self._is_ready(plan, name) for name in plan.ports if not services or name in services)

    def _is_ready(self, plan: Plan, service: str) -> bool:
        if self.pid(plan.program_of(service)) is None:
            return False
        try:
            return self.http.get(f"{base_url(plan, service)}/readyz", timeout=3).is_success
        except httpx.TransportError:
            return False

    @contextlib.contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """Take services, stores or the `channel` away for a while: they keep their connections, and do not answer.

        The channel refuses every send instead; it must still tell what parents write.
        """
        frozen: list[psutil.Process] = []
        try:
            for name in names:
                if name == "channel":
                    self.fault(target="sendText", kind="http_503", times=10_000)
                else:
                    frozen += self._processes(name)
            for process in frozen:
                process.suspend()
            yield
        finally:
            for process in frozen:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()
            if "channel" in names:
                self.http.delete(f"{self.sandbox}/sandbox/faults").raise_for_status()

    def _processes(self, name: str) -> list[psutil.Process]:
        pid = self.stores[name].pid if name in self.stores else until(lambda: self.pid(name), 10, f"{name} runs")
        first = psutil.Process(pid)
        return [*first.children(recursive=True), first]

    @property
    def _home(self) -> Home:
        return Home(self.home, ROOT)

    def parent(self, name: str = "Responsável") -> Parent:
        """Return somebody who never wrote before."""
        return Parent(self, name=name)

    def fault(self, **fault: Any) -> None:
        """Have the sandbox misbehave; the arguments are those of its control API."""
        self.http.post(f"{self.sandbox}/sandbox/faults", json=fault).raise_for_status()


@contextlib.contextmanager
def running_system(
    folder: Path, *, own: Sequence[str] = (rabbitmq.NAME,), together: bool = False, **environment: str
) -> Iterator[System]:
    """Run an installation; its data and logs are in `folder`. `environment` adds to ours.

    The stores of these names can be taken away; the others are started, and looked after, by `up`. The services are
    one process if `together`, which starts in a third of the time: for whoever kills none of them.
    """
    kept = {key: value for key, value in os.environ.items() if not key.endswith("_PORT")}
    given = {int(value) for name, value in environment.items() if name.endswith("_PORT")}
    ours = {
        "ASSISTANT_HOME": str(folder),
        "ASSISTANT_NOW": MONDAY,
        "BURST_WINDOW_S": "1",
        "CHANNEL_PER_USER_S": "0",
        **{variable(name): password for name, password in PASSWORDS.items()},
    }
    with own_stores(folder / "own", *own, avoid=given) as stores, httpx.Client(timeout=30, limits=KEPT) as http:
        # Two systems that start at the same moment would both find the ports free that `up` prefers. They are chosen
        # only now: to stores that have not been started yet they would be free, too.
        preferred = [service.port_variable for service in (*services.SERVICES, services.SANDBOX) if service.port]
        ports = zip(preferred, map(str, free_ports(len(preferred), given)), strict=True)
        urls = {VARIABLES[name]: store.url for name, store in stores.items()}
        told = {**kept, **dict(ports), **ours, **urls, **environment}
        running = System(folder, told, stores[rabbitmq.NAME], http, stores=stores, together=together)
        try:
            running.up()
            yield running
        finally:
            running.assistant("down", check=False)
            if keep := os.environ.get("KEEP_LOGS"):
                shutil.copytree(folder / "log", keep, dirs_exist_ok=True)
                for log in (folder / "own").glob("*/*.log*"):
                    shutil.copy(log, keep)


def is_alive(pid: int) -> bool:
    """Say whether a process runs (a zombie does not)."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
