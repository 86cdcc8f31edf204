"""A store of a test's own, to be taken away in the middle of everything: stopped, killed, frozen, cut off."""

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import psutil

from assistant.grants import database
from assistant.programs import Program, spawn, stop_stores
from assistant.services import SERVICES
from assistant.stores import postgresql, private, rabbitmq
from assistant.stores.binaries import rabbitmq_server

PASSWORDS = {service.name: f"e2e-password-of-{service.name}" for service in SERVICES}
VARIABLES = {"rabbitmq": "RABBITMQ_URL", "postgresql": "DATABASE_URL", "redis": "REDIS_URL"}


class OwnStore:
    """One store by its name (`rabbitmq`, `postgresql`, `redis`), with its data and log in `folder`.

    What it has confirmed survives everything that is done to it here. It leaves the ports of `avoid` alone.
    """

    def __init__(self, folder: Path, name: str = rabbitmq.NAME, avoid: Collection[int] = ()) -> None:
        (self._store,) = private.prepare(
            [name], folder, data=folder, log=folder, password=lambda _: "e2e", users=PASSWORDS, avoid=avoid
        )
        self.name = name
        self.url = self._store.url
        self._children: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def start(self) -> None:
        """Start what does not run, and wait until it answers. Call it from the main thread (see `spawn`)."""
        self.launch()
        asyncio.run(self._until_usable())

    async def _until_usable(self) -> None:
        await private.until_ready(self._store)
        if self.name == postgresql.NAME:
            await database.grant(self.url, PASSWORDS)

    def launch(self) -> None:
        """Start what does not run. Call it from the main thread."""
        running = [child for child in self._children if child[1].poll() is None]
        names = {program.name for program, _ in running}
        missing = [program for program in self._store.programs if program.name not in names]
        self._children = [*running, *((program, spawn(program)) for program in missing)]

    async def until_it_answers(self) -> None:
        """Wait until clients can work with it."""
        await private.until_ready(self._store)

    @property
    def pid(self) -> int:
        """The server itself, e.g. to count what it takes."""
        return self._children[-1][1].pid

    def stop(self) -> None:
        """Stop it in order; what was confirmed stays.

        A server that takes too long is killed, and what it had started would keep it from starting again.
        """
        all_of_it = self._processes()
        stop_stores(self._children)
        for process in all_of_it:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def kill(self) -> None:
        """Kill the server and whatever it has started, without warning.

        It is stopped first: what it starts for a new connection between the look and the kill would stay, and keep
        PostgreSQL from starting again.
        """
        program, server = self._children[-1]
        server.send_signal(signal.SIGSTOP)
        for process in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        server.wait(program.stop_after_s)

    def freeze(self) -> None:
        """Stop the server's processes where they are: connections stay, nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def control(self, *arguments: str) -> None:
        """Run `rabbitmqctl …` on a broker. Raises `CalledProcessError`."""
        server = rabbitmq_server()
        if server is None:
            raise RuntimeError("RabbitMQ is not installed")
        program = self._children[-1][0]
        command = [str(server.with_name("rabbitmqctl")), "--quiet", *arguments]
        subprocess.run(command, env=dict(program.env), check=True, capture_output=True, timeout=60)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _processes(self) -> list[psutil.Process]:
        """Return the server after all that it has started; nothing when it is gone."""
        try:
            server = psutil.Process(self._children[-1][1].pid)
            return [*server.children(recursive=True), server]
        except psutil.NoSuchProcess:
            return []


@contextlib.contextmanager
def own_stores(folder: Path, *names: str, avoid: Collection[int] = ()) -> Iterator[dict[str, Any]]:
    """Run stores of a test's own, by name, on ports that are not in `avoid`."""
    stores = {name: OwnStore(folder / name, name, avoid) for name in names}
    try:
        for store in stores.values():
            store.launch()
        for store in stores.values():
            store.start()
        yield stores
    finally:
        for store in stores.values():
            store.thaw()
            store.stop()
