"""`test`: pytest with everything that the tests need; `test --chaos`: the suite in which everything breaks."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from assistant import packages
from assistant.home import Home
from assistant.progress import step
from assistant.stores import docker
from assistant.testing_stores import GIVEN, running_stores
from assistant.testing_volume import THOROUGH

STORES = {
    "TEST_RABBITMQ_URL": packages.RABBITMQ,
    "TEST_DATABASE_URL": packages.POSTGRESQL,
    "TEST_REDIS_URL": packages.REDIS,
}
TOOLS = (packages.CHROMIUM, packages.PROMETHEUS)
"""A browser, and what tries alert rules."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""As the services have it; a plugin of pytest loads numpy before anything of ours can say so."""
WORKERS = 5
"""Also on two cores: the tests of the whole system, in three of them, mostly wait."""


def prepare(home: Home) -> None:
    """Install the stores that are neither given nor to be had as containers, and the tools of the tests.

    Raises PackagesError where that is not possible.
    """
    wanted = [package for name, package in STORES.items() if not os.environ.get(name)]
    absent = packages.missing([*wanted, *TOOLS])
    if any(package in absent for package in wanted) and docker.answers():
        absent = [package for package in absent if package in TOOLS]
    if absent:
        with step(f"installing {', '.join(package.name for package in absent)}"):
            packages.install(absent, home.logfile("apt"))


def run_chaos(home: Home, amounts: Mapping[str, float], arguments: Sequence[str]) -> NoReturn:
    """Run the chaos suite, or the files and tests of it that arguments name, with the stores of its own."""
    os.chdir(home.project)
    sys.stdout.flush()
    told = {**ONE_THREAD, **{f"CHAOS_{name.upper()}": str(amount) for name, amount in amounts.items()}}
    chosen = arguments if any(not argument.startswith("-") for argument in arguments) else ["tests/chaos", *arguments]
    command = [sys.executable, "-m", "pytest", "--show-capture=no", "-p", "no:randomly", *chosen]
    os.execve(sys.executable, command, {**os.environ, "CHAOS": "1", **told})  # noqa: S606 - as in `run`


def run(home: Home, arguments: Sequence[str], *, thorough: bool = False) -> NoReturn:
    """Run pytest in the project's folder, and end with its exit code.

    All of the tests run in several processes that share stores; those that arguments name run in this one, and start
    the stores that they ask for.
    """
    os.chdir(home.project)
    sys.stdout.flush()
    command = [sys.executable, "-m", "pytest"]
    environment = {**os.environ, **ONE_THREAD, **({THOROUGH: "1"} if thorough else {})}
    if arguments:
        os.execve(sys.executable, [*command, *arguments], environment)  # noqa: S606 - this process goes on as pytest
    shared = ["-n", str(WORKERS), "--no-loadscope-reorder"]
    with tempfile.TemporaryDirectory(prefix="stores-") as folder, running_stores(GIVEN, Path(folder)) as urls:
        given = {GIVEN[name]: url for name, url in urls.items()}
        sys.exit(subprocess.run([*command, *shared], env={**environment, **given}, check=False).returncode)
