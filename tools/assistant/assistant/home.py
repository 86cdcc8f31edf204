"""One installation on this machine: where its data, logs and run state lie, and how they are read and written."""

import contextlib
import errno
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.progress import err


@dataclass(frozen=True)
class Home:
    """The folder `ASSISTANT_HOME` (default `.local` in the project). Two homes are two separate systems."""

    root: Path
    project: Path

    @property
    def data(self) -> Path:
        """The stores' data and the generated secrets."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """One file a program."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """What runs now."""
        return self.root / "run"

    @property
    def traces(self) -> Path:
        """What the services keep of their traces, for `assistant trace`; bounded in size."""
        return self.root / "traces"

    @property
    def plan_file(self) -> Path:
        """What should run, written by `up` (see `plan.Plan`)."""
        return self.run / "plan.json"

    @property
    def state_file(self) -> Path:
        """What does run, written by the supervisor (see `supervisor.State`)."""
        return self.run / "state.json"

    @property
    def clock_file(self) -> Path:
        """The system's offset from real time in seconds, when it was started with `ASSISTANT_NOW`."""
        return self.run / "clock"

    @property
    def secrets_file(self) -> Path:
        """Generated secrets; they live as long as the data that they open."""
        return self.data / "secrets.json"

    @property
    def queues_file(self) -> Path:
        """The names of the queues as the services last told them."""
        return self.data / "queues.json"

    def logfile(self, name: str) -> Path:
        """Where the program of that name writes."""
        return self.log / f"{name}.log"

    @contextlib.contextmanager
    def only_one(self) -> Iterator[None]:
        """Hold off a second command that starts or stops anything of the same home until this one has ended."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:  # outside what `forget` removes, lest two hold two locks
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                err.print("waiting for another up, down, backup or restore of this system to end")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def forget(self) -> None:
        """Remove data, logs and run state; what is installed stays. Raises OSError when something could not be."""
        folders = (self.data, self.log, self.run, self.traces)
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        for folder in folders:
            if folder.exists():
                raise OSError(errno.EPERM, "not all of it could be removed", str(folder))

    def secret(self, name: str, length: int = 24) -> str:
        """Return the generated secret of that name, made at the first call, whichever thread or process that is."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self.secrets_file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = read_json(self.secrets_file) or {}
            if name not in kept:
                kept[name] = secrets.token_hex(length // 2)
                write_json(self.secrets_file, kept)
        return str(kept[name])


def project_folder() -> Path:
    """Return the project that this command line belongs to: its checkout, or where it is called from."""
    checkout = Path(__file__).resolve().parents[3]
    return checkout if (checkout / "pyproject.toml").exists() else Path.cwd()


def home_of(environment: Mapping[str, str], project: Path | None = None) -> Home:
    """Return the home that the environment names; a relative path is relative to the current folder."""
    project = project or project_folder()
    given = environment.get("ASSISTANT_HOME")
    return Home(Path(given).resolve() if given else project / ".local", project)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object in the file; None when there is no file or no object in it."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write for the owner's eyes only, whole or not at all."""
    write_text(path, json.dumps(value, indent=1))


def write_text(path: Path, text: str) -> None:
    """Write for the owner's eyes only, whole or not at all: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
