"""Programs: what runs, how it is started, recognised later and stopped.

A child dies with its parent (`PR_SET_PDEATHSIG`, set by util-linux' setpriv) and carries `ASSISTANT_RUN=<home>:<name>`
in its environment, so that it is recognised even when the record of it was lost.
"""

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

MARK = "ASSISTANT_RUN"
START_TIME_TOLERANCE_S = 0.05
KEPT_FOR_STORES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")


@dataclass(frozen=True, kw_only=True)
class Program:
    """One long-running child: a store or a service.

    `user` applies only when the parent is root. `stop_signal` is a name without `SIG`; after `stop_after_s` seconds
    it is followed by KILL. Output is appended to `log`. `{folder}` in `argv` stands for the folder `folder` as an open
    descriptor's path: so a program that runs as another user reaches it even below folders closed to that user
    (root's home, a test's temporary folder).
    """

    name: str
    argv: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    user: str | None = None
    stop_signal: str = "TERM"
    stop_after_s: float = 10.0
    is_store: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object from which `from_json` makes an equal program."""
        return {**asdict(self), "log": str(self.log), "folder": None if self.folder is None else str(self.folder)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Program":
        """Return the inverse of `to_json`; raises TypeError or KeyError for an object of another shape."""
        folder = values["folder"]
        paths = {"log": Path(values["log"]), "folder": None if folder is None else Path(folder)}
        return cls(**{**values, **paths, "argv": tuple(values["argv"])})


def mark(home: Path, name: str) -> dict[str, str]:
    """Return the environment by which a program of this installation is recognised."""
    return {MARK: f"{home}:{name}"}


def plain_environment(source: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what a store needs of the surrounding environment, and nothing secret."""
    return {key: source[key] for key in KEPT_FOR_STORES if source.get(key)}


@contextlib.contextmanager
def command(program: Program) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    """Yield the full command line and the descriptors to pass on.

    It carries the signal that reaches the program when its parent dies and the user to become; the program's folder is
    held open while the block runs.
    """
    become = []
    if program.user is not None and os.geteuid() == 0:
        group = str(pwd.getpwnam(program.user).pw_gid)
        become = ["--reuid", program.user, "--regid", group, "--init-groups"]
    prefix = ["setpriv", "--pdeathsig", program.stop_signal, *become, "--"]
    if program.folder is None:
        yield [*prefix, *program.argv], ()
        return
    held = os.open(program.folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        path = f"/proc/self/fd/{held}"
        yield [*prefix, *(word.replace("{folder}", path) for word in program.argv)], (held,)
    finally:
        os.close(held)


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """Start it in a session of its own.

    Call it from a thread that lives as long as the program should: the kernel's parent-death signal follows the
    thread, not the process.
    """
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log, command(program) as (argv, descriptors):
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(program.env),
            cwd="/",  # PostgreSQL as another user must be able to return to where it was started
            pass_fds=descriptors,
            start_new_session=True,
        )


def started_at(pid: int) -> float | None:
    """When the process with this id was created, in epoch seconds; None when there is none (or only its zombie)."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.create_time()
    except psutil.Error:
        return None


def is_same(pid: int | None, created: float | None) -> bool:
    """Whether the recorded process still runs: an id alone may have been given to another program since."""
    if pid is None or created is None:
        return False
    now = started_at(pid)
    return now is not None and abs(now - created) <= START_TIME_TOLERANCE_S


def marked(home: Path) -> list[psutil.Process]:
    """Every running process that was started for this installation, whoever is its parent now."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and _is_marked(process, home):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _is_marked(process: psutil.Process, home: Path) -> bool:
    """Tell by the mark; PostgreSQL's children write their titles over it, but stay in the folder of their cluster."""
    if process.environ().get(MARK, "").startswith(f"{home}:"):
        return True
    return process.name() == "postgres" and Path(process.cwd()).is_relative_to(home / "data")


def stop(processes: Iterable[psutil.Process], how: str = "TERM", after_s: float = 10.0) -> None:
    """Ask each to end, wait at most `after_s` seconds for all of them, then kill what is left."""
    asked: list[psutil.Process] = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.Signals[f"SIG{how}"])
            asked.append(process)
    for process in _left_after(after_s, asked):
        with contextlib.suppress(psutil.Error):
            process.kill()
    _left_after(5.0, asked)


def _left_after(seconds: float, processes: list[psutil.Process]) -> list[psutil.Process]:
    """Wait until all have ended, and return those that have not in time.

    One that has ended counts as gone even when its parent never asks for its exit code, as the first process of many
    containers does not.
    """
    end = time.monotonic() + seconds
    while left := [process for process in processes if is_same(process.pid, process.create_time())]:
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return left


def stop_stores(children: Sequence[tuple[Program, subprocess.Popen[bytes]]]) -> None:
    """End stores of ours one after the other, the last one started first.

    RabbitMQ must be gone before its port mapper: it starts another one as soon as it misses it.
    """
    for child in reversed(children):
        stop_children([child])


def stop_children(children: Iterable[tuple[Program, subprocess.Popen[bytes]]]) -> None:
    """End our own children, each by its own signal and within its own time, and reap them."""
    waiting = []
    for program, child in children:
        if child.poll() is None:
            child.send_signal(signal.Signals[f"SIG{program.stop_signal}"])
        waiting.append((time.monotonic() + program.stop_after_s, child))
    for until, child in waiting:
        try:
            child.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
