"""`doctor`: every variable and every given dependency, each problem in one clear line.

`up` asks it before it starts anything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import packages, ports
from assistant.connections import why_not_connected
from assistant.services import SANDBOX, SERVICES, Service
from assistant.stores import docker
from assistant.variables import VARIABLES

STORES = {"DATABASE_URL": packages.POSTGRESQL, "RABBITMQ_URL": packages.RABBITMQ, "REDIS_URL": packages.REDIS}
TOGETHER = (
    (("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"), "Twilio needs all three"),
    (("GOOGLE_CALENDAR_ID", "GOOGLE_SERVICE_ACCOUNT_JSON"), "Google Calendar needs both"),
)
NEEDS = (
    ("EVOLUTION_URL", "EVOLUTION_API_KEY", "give the Evolution API's key"),
    ("EVOLUTION_URL", "EVOLUTION_WEBHOOK_SECRET", "give the secret that the webhooks carry"),
    ("ALERT_EMAIL", "SMTP_URL", "mail needs a mail server; give its address"),
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a variable (or with what it names), and what to do. Never the value: it may be a secret."""

    variable: str
    text: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.text}"


def problems_before_start(
    environment: Mapping[str, str],
    project: Path,
    services: Sequence[Service] = (*SERVICES, SANDBOX),
    *,
    own_ports: Mapping[str, int] | None = None,
) -> list[Problem]:
    """Return all problems. Ports in `own_ports` (by service) are taken by this very system, which is no problem."""
    values = _values(environment)
    broken = {problem.variable for problem in values}
    return [
        *values,
        *_combinations(environment),
        *_ports(environment, services, own_ports or {}, broken),
        *asyncio.run(_connections(environment, broken)),
        *_installable(environment),
        *([] if "WHISPER_MODEL" in broken else _transcriber(environment)),
        *([] if broken & {"UNIT_FILE", "KNOWLEDGE_DIR"} else _facts(environment, project)),
    ]


def _values(environment: Mapping[str, str]) -> list[Problem]:
    found = []
    for name, variable in VARIABLES.items():
        if name in environment and (problem := variable.check(environment[name])):
            found.append(Problem(name, problem))
    return found


def _combinations(environment: Mapping[str, str]) -> list[Problem]:
    found = [
        Problem(needed, f"is missing, though {given} is given; {advice}")
        for given, needed, advice in NEEDS
        if given in environment and needed not in environment
    ]
    for names, why in TOGETHER:
        absent = [name for name in names if name not in environment]
        if absent and len(absent) < len(names):
            found += [Problem(name, f"is missing; {why}") for name in absent]
    return found


def _ports(
    environment: Mapping[str, str], services: Sequence[Service], own: Mapping[str, int], broken: set[str]
) -> list[Problem]:
    found = []
    given: dict[int, str] = {}
    for service in services:
        name = service.port_variable
        if name not in environment or name in broken:
            continue
        port = int(environment[name])
        if port in given:
            found.append(Problem(name, f"port {port} is given to {given[port]} too; choose another"))
        elif own.get(service.name) != port and not ports.is_free(port):
            text = f"port {port} is taken by {ports.holder(port)}; stop it or choose another port"
            found.append(Problem(name, text))
        given[port] = name
    return found


async def _connections(environment: Mapping[str, str], broken: set[str]) -> list[Problem]:
    async def one(name: str, ask: Callable[[str], Awaitable[str | None]]) -> list[Problem]:
        if name not in environment or name in broken:
            return []
        problem = await ask(environment[name])
        return [Problem(name, problem)] if problem else []

    asked = await asyncio.gather(*(one(name, ask) for name, ask in why_not_connected.items()))
    return [problem for problems in asked for problem in problems]


def _installable(environment: Mapping[str, str]) -> list[Problem]:
    wanted = {name: package for name, package in STORES.items() if name not in environment}
    absent = {name: package for name, package in wanted.items() if not package.is_there()}
    if not absent or packages.can_install() or docker.answers():
        return []
    return [
        Problem(name, f"is not given and {package.name} is not installed; as root: apt-get install {package.name}")
        for name, package in absent.items()
    ]


def _transcriber(environment: Mapping[str, str]) -> list[Problem]:
    """Look at the local transcriber as llm-gateway does at its start."""
    if "WHISPER_MODEL" not in environment:
        return []
    from llm_gateway_service.trial import why_unfit

    unfit = why_unfit(Path(environment["WHISPER_MODEL"]))
    return [Problem("WHISPER_MODEL", unfit)] if unfit else []


def _facts(environment: Mapping[str, str], project: Path) -> list[Problem]:
    """Let the rules service read the unit's facts and knowledge as it does at its start."""
    from chassis.errors import BadConfiguration
    from rules_service.loading import load_facts

    unit_file = Path(environment.get("UNIT_FILE", project / "unit.toml"))
    try:
        load_facts(unit_file, Path(environment.get("KNOWLEDGE_DIR", project / "knowledge")))
    except BadConfiguration as error:
        return [Problem("UNIT_FILE", line) for line in str(error).splitlines()]
    return []
