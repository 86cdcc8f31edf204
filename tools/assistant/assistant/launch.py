"""From the environment to programs: which ports, which variables each service gets."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from assistant.home import Home
from assistant.ports import LOOPBACK, prefer
from assistant.programs import Program, mark
from assistant.services import SANDBOX, TOGETHER, Service

SAO_PAULO = timezone(timedelta(hours=-3))
STORE_VARIABLES = {"rabbitmq": "RABBITMQ_URL", "postgresql": "DATABASE_URL", "redis": "REDIS_URL"}


def chosen_services(services: Sequence[Service], environment: Mapping[str, str]) -> list[Service]:
    """Return the services to run, with the sandbox unless there is a real Evolution API."""
    return [*services] if environment.get("EVOLUTION_URL") else [*services, SANDBOX]


def choose_ports(services: Sequence[Service], environment: Mapping[str, str]) -> dict[str, int]:
    """Return a port for each service: the given one as it is, else its usual one if free, else any free one."""
    given = {service.name: int(value) for service in services if (value := environment.get(service.port_variable))}
    ports = dict(given)
    for service in services:
        if service.name not in given:
            ports[service.name] = prefer(service.port, set(ports.values()))
    return {service.name: ports[service.name] for service in services}


def offset_to(now: str, real: datetime) -> float:
    """Seconds from real time to the ISO 8601 time `now` (São Paulo's when it names no zone). Raises ValueError."""
    wanted = datetime.fromisoformat(now)
    return ((wanted if wanted.tzinfo else wanted.replace(tzinfo=SAO_PAULO)) - real).total_seconds()


def service_environment(
    home: Home, environment: Mapping[str, str], ports: Mapping[str, int], urls: Mapping[str, str]
) -> dict[str, str]:
    """Return what every service gets: all given variables, the stores' addresses, the secrets, each other's ports."""
    made = {
        "EVOLUTION_API_KEY": home.secret("EVOLUTION_API_KEY", 32),
        "EVOLUTION_INSTANCE": "receptionist",
        "EVOLUTION_WEBHOOK_SECRET": home.secret("EVOLUTION_WEBHOOK_SECRET", 48),
        "FRONTDESK_JWT_SECRET": home.secret("FRONTDESK_JWT_SECRET", 64),
        "FRONTDESK_USERNAME": "owner",
        "FRONTDESK_PASSWORD": home.secret("FRONTDESK_PASSWORD", 16),
        "UNIT_FILE": str(home.project / "unit.toml"),
        "KNOWLEDGE_DIR": str(home.project / "knowledge"),
    }
    if SANDBOX.name in ports:
        made["EVOLUTION_URL"] = f"http://{LOOPBACK}:{ports[SANDBOX.name]}"
        if not {"OPENAI_API_KEY", "OPENAI_BASE_URL"} & environment.keys():
            # The sandbox's transcriber hears its own voice notes; whatever else a model is asked, it is down.
            made |= {"OPENAI_API_KEY": SANDBOX.name, "OPENAI_BASE_URL": f"{made['EVOLUTION_URL']}/openai/v1"}
    if "ASSISTANT_NOW" in environment:
        made["ASSISTANT_CLOCK_FILE"] = str(home.clock_file)
    given = {
        name: value for name, value in environment.items() if name not in ("ASSISTANT_NOW", "ASSISTANT_CLOCK_FILE")
    }
    for path in ("UNIT_FILE", "KNOWLEDGE_DIR"):
        if path in given:
            given[path] = str(Path(given[path]).resolve())
    fixed = {
        **{STORE_VARIABLES[name]: url for name, url in urls.items()},
        **{Service(name, "").port_variable: str(port) for name, port in ports.items()},
        "ASSISTANT_HOME": str(home.root),
        "SERVICE_HOST": LOOPBACK,
        "PYTHONUNBUFFERED": "1",
    }
    return {**made, **given, **fixed}


def programs_of(
    home: Home,
    services: Sequence[Service],
    common: Mapping[str, str],
    ports: Mapping[str, int],
    *,
    single_process: bool,
) -> list[Program]:
    """One program a service, or one for all of them; the sandbox, the world outside, is always a program of its own."""
    together = [service.module for service in services if single_process and service.name != SANDBOX.name]
    programs = []
    for service in [TOGETHER, SANDBOX] if together else services:
        if service.name not in (TOGETHER.name, *ports):
            continue
        env = {**common, **mark(home.root, service.name)}
        if service.name in ports:
            env["SERVICE_PORT"] = str(ports[service.name])
        if service.name == SANDBOX.name:
            env["SANDBOX_WEBHOOK_URL"] = f"http://{LOOPBACK}:{ports['ingress']}/webhooks/evolution"
        argv = (*service.argv, *together) if service.name == TOGETHER.name else service.argv
        programs.append(Program(name=service.name, argv=argv, log=home.logfile(service.name), env=env))
    return programs
