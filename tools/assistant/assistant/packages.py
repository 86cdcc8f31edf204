"""Debian packages: what is missing, and installing it without starting the system's own instances."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.stores import binaries

POLICY = Path("/usr/sbin/policy-rc.d")
OURS = "# made by ./assistant while it installs packages: nothing is started by the system\n"


@dataclass(frozen=True)
class Package:
    """A Debian package and how to see that its program is there; `units` are the system services it brings."""

    name: str
    is_there: Callable[[], bool]
    units: tuple[str, ...] = ()


RABBITMQ = Package(
    "rabbitmq-server", lambda: None not in (binaries.rabbitmq_server(), binaries.epmd()), ("rabbitmq-server",)
)
POSTGRESQL = Package("postgresql", lambda: binaries.postgresql("postgres") is not None, ("postgresql",))
REDIS = Package("redis-server", lambda: binaries.redis_server() is not None, ("redis-server",))
CHROMIUM = Package("chromium", lambda: shutil.which("chromium") is not None)
PROMETHEUS = Package("prometheus", lambda: shutil.which("promtool") is not None, ("prometheus",))


class PackagesError(Exception):
    """Something is missing that cannot be installed from here; the message says what and how."""


def missing(packages: Iterable[Package]) -> list[Package]:
    """Those whose program is not there."""
    return [package for package in packages if not package.is_there()]


def can_install() -> bool:
    """Whether this is a Debian on which we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[Package], log: Path) -> None:
    """Install what is given; its output goes to `log`.

    Raises PackagesError when that is not possible here, or when apt fails.
    """
    names = [package.name for package in packages]
    if not can_install():
        raise PackagesError(f"missing: {', '.join(names)}. Install with: sudo apt-get install {' '.join(names)}")
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("ab") as output, _nothing_starts():
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", *names]):
            done = subprocess.run(
                ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                check=False,
            )
    if left := [package.name for package in missing(packages)]:
        raise PackagesError(f"apt-get could not install {', '.join(left)} (exit {done.returncode}); see {log}")
    _stay_off_at_boot([unit for package in packages for unit in package.units])


@contextlib.contextmanager
def _nothing_starts() -> Iterator[None]:
    """Debian asks this script before a package starts its service. One that is not ours stays as it is."""
    if POLICY.exists() and OURS not in POLICY.read_text(encoding="utf-8"):
        yield
        return
    POLICY.write_text(f"#!/bin/sh\n{OURS}exit 101\n", encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def _stay_off_at_boot(units: list[str]) -> None:
    """Only what we have just installed: the system-wide instances would otherwise take memory and ports at boot."""
    if units and shutil.which("systemctl"):
        subprocess.run(["systemctl", "disable", "--quiet", *units], capture_output=True, check=False)
