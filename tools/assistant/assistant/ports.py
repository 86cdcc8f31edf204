"""Ports on the loopback interface: choosing free ones, and naming who holds a taken one."""

import random
import socket
from collections.abc import Collection

import psutil

LOOPBACK = "127.0.0.1"
RANGE = range(20_000, 32_000)


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
    for port in random.SystemRandom().sample(RANGE, len(RANGE)):
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
