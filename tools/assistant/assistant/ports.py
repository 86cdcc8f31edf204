"""Ports on the loopback interface: choosing free ones, and naming who holds a taken one."""

import os
import random
import socket
from collections.abc import Collection

import psutil

LOOPBACK = "127.0.0.1"
RANGE = range(20_000, 32_000)
SLICES = 8


def slice_of(worker: int) -> range:
    """Return a part of the range that is one test worker's alone: others would take a port before its server starts."""
    size = len(RANGE) // SLICES
    return RANGE[worker % SLICES * size :][:size]


def _range() -> range:
    """Return the ports to choose from: all, or those of `ASSISTANT_PORTS` (`first-last`)."""
    first, _, last = os.environ.get("ASSISTANT_PORTS", "").partition("-")
    return range(int(first), int(last) + 1) if last else RANGE


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now; a port that only lingers after a close counts as free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_ports(count: int, avoid: Collection[int] = ()) -> list[int]:
    """`count` different free ports, none of them in `avoid`.

    They are chosen at random below the range from which the kernel takes ports for outgoing connections: nobody else
    gets one of them by chance before its server has started, and two installations rarely meet.
    """
    chosen: list[int] = []
    # Not by `random`'s own state: processes that were given the same seed would choose the same ports.
    for port in random.SystemRandom().sample(_range(), len(_range())):
        if len(chosen) == count:
            return chosen
        if port not in avoid and is_free(port):
            chosen.append(port)
    raise OSError("no free port left on the loopback interface")


def prefer(port: int | None, avoid: Collection[int]) -> int:
    """`port` when it is given, free and not in `avoid`; else any free one."""
    if port is not None and port not in avoid and is_free(port):
        return port
    return free_ports(1, avoid)[0]


def holder(port: int) -> str:
    """Who listens on the port, as `program (pid n)`; `another program` when the system does not tell."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        pass
    return "another program"
