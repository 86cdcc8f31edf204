"""Where Debian's packages put the programs of the three stores."""

import shutil
from pathlib import Path

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def rabbitmq_server() -> Path | None:
    """RabbitMQ's own script, below the wrapper that insists on the system-wide instance's user."""
    script = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    return script if script.exists() else None


def epmd() -> Path | None:
    """Erlang's port mapper, which every node needs."""
    return _on_path("epmd") or _newest("/usr/lib/erlang", "erts-*/bin/epmd")


def redis_server() -> Path | None:
    """Return the Redis server."""
    return _on_path("redis-server")


def postgresql(program: str) -> Path | None:
    """Return a program (`postgres`, `initdb`) of the newest installed PostgreSQL."""
    return _newest("/usr/lib/postgresql", f"*/bin/{program}")


def _on_path(name: str) -> Path | None:
    found = shutil.which(name, path=SYSTEM_PATH)
    return Path(found) if found else None


def _newest(folder: str, pattern: str) -> Path | None:
    def version(path: Path) -> list[int]:
        part = path.relative_to(folder).parts[0].removeprefix("erts-")
        return [int(number) for number in part.split(".") if number.isdigit()]

    found = sorted(Path(folder).glob(pattern), key=version)
    return found[-1] if found else None
