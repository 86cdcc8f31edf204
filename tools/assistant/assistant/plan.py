"""The plan: what one installation runs, written by `up` and read by the supervisor and every other command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant import programs
from assistant.home import Home, read_json, write_json
from assistant.programs import Program


@dataclass(frozen=True)
class Plan:
    """`ports` by service, `urls` of the stores by name (with their passwords), the programs to run.

    `started_stores` are those that this installation runs itself, `containers` those of them that are containers.
    `moved_clock` says that `ASSISTANT_NOW` was given, `complete` that the services are in the plan too, not only the
    stores that come first.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[Program, ...] = ()
    started_stores: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    evolution_url: str = ""
    qdrant_url: str = ""
    single_process: bool = False
    moved_clock: bool = False
    complete: bool = False

    def write(self, home: Home) -> None:
        """Keep it in the home; it holds secrets, so only the owner may read it."""
        values = {**vars(self), "programs": [program.to_json() for program in self.programs]}
        write_json(home.plan_file, values)

    def setting(self, variable: str) -> str | None:
        """Return what the services were started with; None when there are none, or without that variable."""
        services = [program.env for program in self.programs if not program.is_store]
        return services[0].get(variable) if services else None

    def database_of(self, service: str) -> str | None:
        """Return the database as a service sees it, with its own user; None when nothing was started."""
        variable, env = "DATABASE_URL", {program.name: program.env for program in self.programs}
        together = env.get("together", {}).get(f"{service.upper().replace('-', '_')}_{variable}")
        return together or env.get(service, {}).get(variable)

    def program_of(self, service: str) -> str:
        """Return the name of the program in which a service runs."""
        return "together" if self.single_process and service != "sandbox" else service


def read_plan(home: Home) -> Plan | None:
    """Return the plan of the last `up`; None when there is none, or none that this version understands."""
    values = read_json(home.plan_file)
    if values is None:
        return None
    try:
        loaded = tuple(Program.from_json(value) for value in values["programs"])
        names = {key: tuple(values[key]) for key in ("started_stores", "containers")}
        return Plan(**{**values, **names, "programs": loaded})
    except (KeyError, TypeError):
        return None


def read_state(home: Home) -> dict[str, Any]:
    """Return what the supervisor wrote, without what is no longer true.

    `{"supervisor": pid | None, "programs": {name: {"pid": pid | None, "since", "failures", …}}}`
    """
    state = read_json(home.state_file) or {}
    try:
        alive = {name: {**value, "pid": _alive(value)} for name, value in state.get("programs", {}).items()}
        return {"supervisor": _alive(state.get("supervisor", {})), "programs": alive}
    except (AttributeError, TypeError):  # written by another version
        return {"supervisor": None, "programs": {}}


def _alive(record: Mapping[str, Any]) -> int | None:
    """Return the recorded process's id while that very process runs."""
    pid = record.get("pid")
    return pid if programs.is_same(pid, record.get("created")) else None
