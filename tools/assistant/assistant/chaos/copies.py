"""More than one copy of a service, under the same supervisor, on the same stores."""

import os
import signal
from collections.abc import Collection
from dataclasses import replace

from assistant.home import Home
from assistant.plan import read_plan, read_state
from assistant.ports import free_ports
from assistant.programs import mark
from assistant.testing_system import ROOT, SERVICES, System, until


def add_copies(system: System, copies: int, services: Collection[str] = SERVICES) -> None:
    """Start more copies of these services, named `dialogue-2` and so on, and wait until they are ready."""
    home = Home(system.home, ROOT)
    plan, supervisor = read_plan(home), read_state(home)["supervisor"]
    if plan is None or supervisor is None:
        raise RuntimeError("the system does not run")
    originals = [program for program in plan.programs if program.name in services]
    names = [(each, f"{each.name}-{nth}") for nth in range(2, copies + 1) for each in originals]
    ports = dict(zip((name for _, name in names), free_ports(len(names)), strict=True))
    more = tuple(
        replace(
            each,
            name=name,
            log=home.logfile(name),
            env={**each.env, **mark(home.root, name), "SERVICE_PORT": str(ports[name])},
        )
        for each, name in names
    )
    replace(plan, programs=(*plan.programs, *more), ports={**plan.ports, **ports}).write(home)
    os.kill(supervisor, signal.SIGHUP)
    until(system.ready, 120, "every copy is ready")
