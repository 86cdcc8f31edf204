"""A service as a process: its HTTP app, its store, its line, started in order and stopped in reverse."""

import asyncio
import contextlib
import gc
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette

from chassis import health, logging, telemetry
from chassis.breaker import Breakers
from chassis.edge import Edge
from chassis.errors import BadConfiguration
from chassis.line import Line
from chassis.settings import ServiceSettings, complaints
from chassis.store import Store
from chassis.telemetry.http import Served
from chassis.telemetry.levels import watch
from chassis.transport import Rabbit

log = logging.get_logger(__name__)

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)
Background = Callable[[], Coroutine[Any, Any, None]]


class Service:
    """Everything that one process runs.

    `http` is an application without a lifespan of its own (a FastAPI or Starlette app; without one a bare app carries
    the health routes); `checks` join `/readyz`; `background` coroutines run as long as the service does, and their
    end or failure ends it.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        line: Line,
        *,
        store: Store | None = None,
        http: Starlette | None = None,
        breakers: Breakers | None = None,
        checks: Mapping[str, health.Check] | None = None,
        background: Sequence[Background] = (),
    ) -> None:
        self.name = line.service
        self.settings = settings
        self.line = line
        self.store = store
        self.transport = Rabbit(line, settings.rabbitmq_url.get_secret_value())
        self._background = background
        self._breakers = breakers
        self._started = False
        self.http = http or Starlette()
        self.http.router.lifespan_context = self._lifespan
        every = {"started": self._is_started, "rabbitmq": self.transport.ready, **(checks or {})}
        if store:
            every["postgresql"] = store.ready
        self.http.router.routes[:0] = health.routes(every, self.transport, breakers)

    async def _is_started(self) -> bool:
        return self._started

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything but HTTP; stop it at the end. Raises `BadConfiguration`."""
        async with AsyncExitStack() as stack:
            if self.store:
                stack.push_async_callback(self.store.close)
                await self.store.open()
            stack.push_async_callback(self.transport.stop)
            await self.transport.start()
            if self.store:
                self.store.start_relay()
            if telemetry.is_measured():
                stack.push_async_callback(_stopped, asyncio.create_task(self._watch()))
            self._started = True
            log.info("service_ready", service=self.name)
            yield

    async def _watch(self) -> None:
        breakers = self._breakers.states if self._breakers else None
        await watch(self.name, self.transport.depths, breakers)

    @asynccontextmanager
    async def _lifespan(self, _: Any) -> AsyncIterator[None]:
        """Serve HTTP at once, so that liveness and readiness can be asked while the rest starts."""
        starting = asyncio.create_task(self._run())
        starting.add_done_callback(self._ended)
        try:
            yield
        finally:
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await starting

    async def _run(self) -> None:
        async with self.running(), asyncio.TaskGroup() as group:
            for each in self._background:
                group.create_task(each())
            await asyncio.Event().wait()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self.failure = error
            self.server.should_exit = True

    failure: BaseException | None = None
    server: uvicorn.Server

    async def serve(self) -> None:
        """Run until told to stop. Raises what ended it early, `BadConfiguration` above all."""
        config = uvicorn.Config(
            Served(Edge(self.http), self.name),
            host=self.settings.service_host,
            port=self.settings.service_port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            server_header=False,
        )
        self.server = uvicorn.Server(config)
        host, port = self.settings.service_host, self.settings.service_port
        await self.server.serve(_everywhere(port) if host == "::" else None)
        if self.failure:
            raise self.failure


def _everywhere(port: int) -> list[socket.socket]:
    """Listen on every address, IPv4 and IPv6 alike, as `::` means elsewhere; asyncio takes it for IPv6 alone."""
    ways = (("0.0.0.0", socket.AF_INET), ("::", socket.AF_INET6))  # noqa: S104  # as we are told to
    return [socket.create_server((host, port), family=family, backlog=2048) for host, family in ways]


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def main(build: Callable[[SettingsT], Service], settings_class: type[SettingsT]) -> None:
    """Run one service in this process; a mistake in its configuration is one clear line and exit code 1."""
    name = settings_class.__module__.split(".")[0].removesuffix("_service").replace("_", "-")
    try:
        settings = settings_class()
        logging.configure(name, settings.log_level)
        telemetry.configure(name)
        service = build(settings)
        uvicorn_loop(service.serve())
    except ValidationError as error:
        refuse(name, complaints(error))
    except BadConfiguration as error:
        refuse(name, [str(error)])
    except Exception as error:
        log.error("service_failed", cause=error)  # one line for whoever watches the logs; the traceback follows
        raise
    finally:
        telemetry.close()


def uvicorn_loop(running: Any) -> None:
    """Run a coroutine on uvloop."""
    import uvloop

    collect_garbage_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(running)


def collect_garbage_seldom() -> None:
    """Leave alone what was imported and built, which lives as long as the process.

    A message leaves few cycles behind; with the default thresholds the collector takes an eighth of a busy service's
    time, and stops it for up to 0.2 s when it looks at everything.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def refuse(name: str, reasons: list[str]) -> None:
    """Say why a service does not start, on standard error, and end the process with 1."""
    for reason in reasons:
        sys.stderr.write(f"{name}: {reason}\n")
    sys.exit(1)
