"""`test`: pytest with everything that the tests need."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from assistant import packages
from assistant.home import Home
from assistant.progress import step
from assistant.stores import docker

STORES = {
    "TEST_RABBITMQ_URL": packages.RABBITMQ,
    "TEST_DATABASE_URL": packages.POSTGRESQL,
    "TEST_REDIS_URL": packages.REDIS,
}


def prepare(home: Home) -> None:
    """Install the stores that are neither given nor to be had as containers, and a browser.

    Raises PackagesError where that is not possible.
    """
    wanted = [package for name, package in STORES.items() if not os.environ.get(name)]
    absent = packages.missing([*wanted, packages.CHROMIUM])
    if any(package in absent for package in wanted) and docker.answers():
        absent = [package for package in absent if package is packages.CHROMIUM]
    if absent:
        with step(f"installing {', '.join(package.name for package in absent)}"):
            packages.install(absent, home.logfile("apt"))


def run(home: Home, arguments: Sequence[str]) -> NoReturn:
    """Become pytest, in the project's folder."""
    os.chdir(home.project)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])  # noqa: S606 - this process goes on as pytest
