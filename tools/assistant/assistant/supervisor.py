"""The supervisor: keeps running what the plan says, until it is told to stop.

It sleeps until something happens: a child ended (its pidfd becomes readable), a start is due, or a signal came.
HUP reads the plan again and starts what is missing at once, without waiting out a back-off; TERM and INT end
everything in order, services before stores.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant import home as homes
from assistant import programs
from assistant.programs import Program

LONGEST_WAIT_S = 10.0
FIRST_WAIT_S = 0.25
STARTED_AFTER_S = 10.0  # who lived this long had started; its end is no failure to start
KILLED_AT_START_S = 0.5  # killed sooner, again and again, is what an exhausted machine does
KILLED = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
LOG_LIMIT_BYTES = 20_000_000
MINUTE_S = 60.0


@dataclass
class Child:
    """One program of the plan, running or waiting to be started again."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    pidfd: int | None = None
    created: float | None = None
    since: float = 0.0
    starts: int = 0
    failures: int = 0
    last_exit: int | None = None
    due: asyncio.TimerHandle | None = None

    def as_state(self) -> dict[str, Any]:
        """Return what others may know of it."""
        return {
            "pid": self.process.pid if self.process else None,
            "created": self.created,
            "since": self.since,
            "starts": self.starts,
            "failures": self.failures,
            "last_exit": self.last_exit,
        }


def wait_before_start(*, failures: int, exit_code: int, lived_s: float) -> tuple[int, float]:
    """How many starts have now failed in a row, and how many seconds to wait before the next.

    Killed from outside, or ended after it had started: again at once. Only ending by itself while starting counts as
    a failure, and each in a row doubles the wait.
    """
    if lived_s >= STARTED_AFTER_S or (exit_code in KILLED and lived_s >= KILLED_AT_START_S):
        return 0, 0.0
    return failures + 1, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(failures, 10))


def say(line: str) -> None:
    """Write a line to the log; a disk that is full must not keep anything from being started again."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


@dataclass
class Supervisor:
    """Runs the children of one home."""

    home: homes.Home
    children: dict[str, Child] = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until TERM or INT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self.follow_plan)
        self.follow_plan()
        self.every_minute()
        await self.stopping.wait()
        self.stop()

    def follow_plan(self) -> None:
        """Start at once whatever the plan names and does not run."""
        if self.stopping.is_set():
            return
        for values in (homes.read_json(self.home.plan_file) or {}).get("programs", []):
            program = Program.from_json(values)
            child = self.children.setdefault(program.name, Child(program))
            child.program = program
            child.failures = 0
            if child.process is None:
                self.start(child)
        self.write_state()

    def start(self, child: Child) -> None:
        """Start it, and be told when it ends."""
        if child.due is not None:
            child.due.cancel()
            child.due = None
        child.starts += 1
        child.since = time.time()
        try:
            child.process = programs.spawn(child.program)
        except OSError as error:
            say(f"{child.program.name}: cannot be started: {error}")
            self.later(child, exit_code=127, lived_s=0.0)
            return
        child.created = programs.started_at(child.process.pid)
        child.pidfd = os.pidfd_open(child.process.pid)
        asyncio.get_running_loop().add_reader(child.pidfd, self.ended, child)

    def ended(self, child: Child) -> None:
        """Take note of a child's end and plan its next start."""
        if child.process is None or child.pidfd is None or self.stopping.is_set():
            return  # when all is stopped, every child ends, and none of them shall come back
        exit_code = child.process.wait()
        asyncio.get_running_loop().remove_reader(child.pidfd)
        os.close(child.pidfd)
        child.process = child.pidfd = child.created = None
        say(f"{child.program.name}: ended with {exit_code}")
        self.later(child, exit_code=exit_code, lived_s=time.time() - child.since)

    def later(self, child: Child, *, exit_code: int, lived_s: float) -> None:
        """Start it again, now or after its wait."""
        child.last_exit = exit_code
        child.failures, wait_s = wait_before_start(failures=child.failures, exit_code=exit_code, lived_s=lived_s)

        def again() -> None:
            self.start(child)
            self.write_state()

        child.due = asyncio.get_running_loop().call_later(wait_s, again)
        self.write_state()

    def stop(self) -> None:
        """Services first, stores after them; nothing is started again."""
        for child in self.children.values():
            if child.due is not None:
                child.due.cancel()
        running = [(child.program, child.process) for child in self.children.values() if child.process is not None]
        programs.stop_children([one for one in running if not one[0].is_store])
        programs.stop_stores([one for one in running if one[0].is_store])
        self.home.state_file.unlink(missing_ok=True)

    def write_state(self) -> None:
        """Tell others what runs; what cannot be written now is written within a minute."""
        state = {
            "supervisor": {"pid": os.getpid(), "created": programs.started_at(os.getpid())},
            "programs": {name: child.as_state() for name, child in self.children.items()},
        }
        try:
            homes.write_json(self.home.state_file, state)
        except OSError as error:
            say(f"what runs cannot be told: {error}")

    def every_minute(self) -> None:
        """Look after the files in the home."""
        self.keep_logs_small()
        self.write_state()
        asyncio.get_running_loop().call_later(MINUTE_S, self.every_minute)

    def keep_logs_small(self) -> None:
        """Move a log aside that grew too large. The writers append to an open file, so it is copied and emptied."""
        for path in self.home.log.glob("*.log"):
            try:
                if path.stat().st_size > LOG_LIMIT_BYTES:
                    path.with_suffix(".log.1").write_bytes(path.read_bytes())
                    os.truncate(path, 0)
            except OSError as error:
                say(f"{path.name} cannot be moved aside: {error}")


def main() -> None:
    """`python -m assistant.supervisor HOME PROJECT`."""
    root, project = map(Path, sys.argv[1:3])
    asyncio.run(Supervisor(homes.Home(root, project)).run())


if __name__ == "__main__":
    main()
