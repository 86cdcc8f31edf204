"""What the machine gave while the load ran: CPU and memory of every process, and what waited in the queues."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpx
import psutil

from assistant import queues
from assistant.home import Home
from assistant.plan import Plan, read_state

EVERY_S = 2.0


@dataclass(frozen=True)
class Sample:
    """One look: monotonic seconds, conversations under way, messages in all queues; by process CPU s and MB."""

    at: float
    talking: int
    queued: int
    cpu_s: Mapping[str, float]
    memory_mb: Mapping[str, float]


class Sampling:
    """Looks at a running installation, and at `others` by name: what it uses and did not start."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        home: Home,
        plan: Plan,
        talking: Callable[[], int],
        others: Mapping[str, psutil.Process] | None = None,
    ) -> None:
        self._http = http
        self._home = home
        self._plan = plan
        self._talking = talking
        self._processes = {**dict(_processes(home)), **(others or {})}
        self.samples: list[Sample] = []

    async def go_on(self, every_s: float = EVERY_S) -> None:
        """Look so often until cancelled; a look takes a tenth of a second of a processor."""
        while True:
            self.samples.append(await self.look())
            await asyncio.sleep(every_s)

    async def look(self) -> Sample:
        """Look once; a process that has ended is left out."""
        waiting = await queues.collect(self._http, self._home, self._plan)
        processes = {name: seen(process) for name, process in self._processes.items()}
        return Sample(
            at=time.monotonic(),
            talking=self._talking(),
            queued=sum((each["ready"] or 0) + (each["unacked"] or 0) for each in waiting),
            cpu_s={name: cpu for name, (cpu, _) in processes.items() if cpu},
            memory_mb={name: memory for name, (_, memory) in processes.items() if memory},
        )


def _processes(home: Home) -> Iterator[tuple[str, psutil.Process]]:
    """Yield every program that `up` runs."""
    for name, program in read_state(home)["programs"].items():
        if program["pid"]:
            yield name, psutil.Process(program["pid"])


def seen(process: psutil.Process) -> tuple[float, float]:
    """CPU seconds of a process and its children, those that ended included, and their MB; 0 when it ended.

    PostgreSQL has a child for every connection, and much of their memory is the same: what several processes share
    counts in each by its part (proportional set size).
    """
    try:
        each = [_one(process), *_still_there(process.children(recursive=True))]
    except psutil.Error:
        return 0.0, 0.0
    return sum(cpu_s for cpu_s, _ in each), sum(memory_mb for _, memory_mb in each)


def _one(process: psutil.Process) -> tuple[float, float]:
    return sum(process.cpu_times()[:4]), process.memory_full_info().pss / 1e6


def _still_there(children: Iterable[psutil.Process]) -> Iterator[tuple[float, float]]:
    for child in children:
        with suppress(psutil.Error):
            yield _one(child)
