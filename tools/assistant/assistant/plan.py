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

    `started_stores` are those that this installation runs itself, `containers` those of them that are containers. `moved_clock` says that `ASSISTANT_NOW` was given,
    `complete` that the services are in it too, not only the stores before them.
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

    def program_of(self, service: str) -> str:
        """The name of the program in which a service runs."""
        return "together" if self.single_process and service != "sandbox" else service


def read_plan(home: Home) -> Plan | None:
    """The plan of the last `up`; None when there is none."""
    values = read_json(home.plan_file)
    if values is None:
        return None
    loaded = tuple(Program.from_json(value) for value in values["programs"])
    names = {key: tuple(values[key]) for key in ("started_stores", "containers")}
    return Plan(**{**values, **names, "programs": loaded})


def read_state(home: Home) -> dict[str, Any]:
    """What the supervisor wrote, without what is no longer true: `{"supervisor": pid | None, "programs": {…}}`."""
    state = read_json(home.state_file) or {}
    supervisor = state.get("supervisor", {})
    alive = programs.is_same(supervisor.get("pid"), supervisor.get("created"))
    running = {}
    for name, value in state.get("programs", {}).items():
        here = programs.is_same(value["pid"], value["created"])
        running[name] = {**value, "pid": value["pid"] if here else None}
    return {"supervisor": supervisor["pid"] if alive else None, "programs": running}
