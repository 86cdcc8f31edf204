"""From the environment to programs: which ports, which variables each service gets."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from assistant.grants.users import PASSWORD_SUFFIX, as_user
from assistant.grants.users import given as given_passwords
from assistant.grants.users import made as made_passwords
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
        made |= {
            "META_BASE_URL": f"{made['EVOLUTION_URL']}/graph",
            "TWILIO_BASE_URL": f"{made['EVOLUTION_URL']}/twilio",
        }
        if not {"OPENAI_API_KEY", "OPENAI_BASE_URL"} & environment.keys():
            # The sandbox's transcriber hears its own voice notes; whatever else a model is asked, it is down.
            made |= {"OPENAI_API_KEY": SANDBOX.name, "OPENAI_BASE_URL": f"{made['EVOLUTION_URL']}/openai/v1"}
    if "ASSISTANT_NOW" in environment:
        made["ASSISTANT_CLOCK_FILE"] = str(home.clock_file)
    given = {name: value for name, value in environment.items() if not _is_kept_back(name)}
    for path in ("UNIT_FILE", "KNOWLEDGE_DIR"):
        if path in given:
            given[path] = str(Path(given[path]).resolve())
    fixed = {
        STORE_VARIABLES["redis"]: urls["redis"],
        **{Service(name, "").port_variable: str(port) for name, port in ports.items()},
        "ASSISTANT_HOME": str(home.root),
        "ASSISTANT_TRACES": str(home.traces),
        "SERVICE_HOST": LOOPBACK,
        "PYTHONUNBUFFERED": "1",
    }
    return {**made, **given, **fixed}


def _is_kept_back(name: str) -> bool:
    """Whether a variable is `up`'s own affair: the clock's start, and what opens the stores for everybody."""
    own = ("ASSISTANT_NOW", "ASSISTANT_CLOCK_FILE", STORE_VARIABLES["rabbitmq"], STORE_VARIABLES["postgresql"])
    return name in own or name.endswith(PASSWORD_SUFFIX)


def passwords_of(
    home: Home, environment: Mapping[str, str], services: Sequence[Service], own: Collection[str]
) -> dict[str, dict[str, str]]:
    """Return the passwords of the services' users, by store and service.

    Stores of our `own` (by name) get users; those that are given have them when their passwords are given, too. Raises
    NoPasswordError when only some are.
    """
    ours = [service for service in services if service.name != SANDBOX.name]
    found = {name: made_passwords(home.secret, ours) for name in own}
    if any(name.endswith(PASSWORD_SUFFIX) for name in environment):
        found = {name: given_passwords(environment, ours) for name in STORE_VARIABLES if name not in own} | found
    return found


def own_urls(service: Service, urls: Mapping[str, str], passwords: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the addresses of the broker and the database with the service's own user, where it has one there.

    `passwords` are those of the users, by store and service. A service that keeps nothing learns no database.
    """
    stores = ("rabbitmq", "postgresql") if service.has_schema else ("rabbitmq",)
    users = {name: passwords.get(name, {}).get(service.name) for name in stores}
    return {
        STORE_VARIABLES[name]: urls[name] if password is None else as_user(urls[name], service.name, password)
        for name, password in users.items()
    }


def programs_of(
    home: Home,
    services: Sequence[Service],
    common: Mapping[str, str],
    ports: Mapping[str, int],
    *,
    urls: Mapping[str, str],
    passwords: Mapping[str, Mapping[str, str]],
    single_process: bool,
) -> list[Program]:
    """One program a service, or one for all of them; the sandbox, the world outside, is always a program of its own.

    No program learns a password that is not its own.
    """
    own = {service.name: own_urls(service, urls, passwords) for service in services if service.name != SANDBOX.name}
    own[TOGETHER.name] = {
        f"{name.upper().replace('-', '_')}_{variable}": url
        for name, its in own.items()
        for variable, url in its.items()
    }
    together = [service.module for service in services if single_process and service.name != SANDBOX.name]
    programs = []
    for service in [TOGETHER, SANDBOX] if together else services:
        if service.name not in (TOGETHER.name, *ports):
            continue
        env = {**common, **own.get(service.name, {}), **mark(home.root, service.name)}
        env.setdefault(
            "SERVICE_URLS",
            ",".join(f"{name}=http://{LOOPBACK}:{port}" for name, port in ports.items() if name != SANDBOX.name),
        )
        if service.name in ports:
            env["SERVICE_PORT"] = str(ports[service.name])
        if service.name == SANDBOX.name:
            webhooks = f"http://{LOOPBACK}:{ports['ingress']}/webhooks"
            env["SANDBOX_WEBHOOK_URL"] = f"{webhooks}/evolution"
            env["SANDBOX_META_WEBHOOK_URL"] = f"{webhooks}/meta"
            env["SANDBOX_TWILIO_WEBHOOK_URL"] = f"{webhooks}/twilio"
        argv = (*service.argv, *together) if service.name == TOGETHER.name else service.argv
        programs.append(Program(name=service.name, argv=argv, log=home.logfile(service.name), env=env))
    return programs
