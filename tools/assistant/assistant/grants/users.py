"""Who the users are: a name and a password a service, the same for PostgreSQL and RabbitMQ."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlsplit, urlunsplit

from assistant.services import SERVICES, Service

PASSWORD_SUFFIX = "_STORES_PASSWORD"  # noqa: S105  # of names of variables
OTHERS = (
    *("POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "REDIS_PASSWORD"),
    *("EVOLUTION_API_KEY", "EVOLUTION_WEBHOOK_SECRET", "FRONTDESK_PASSWORD", "FRONTDESK_JWT_SECRET"),
)


class NoPasswordError(Exception):
    """A user has no password; the message names the variables."""


def user(service: str) -> str:
    """Return a service's user, e.g. `receptionist_llm_gateway`."""
    return f"receptionist_{service.replace('-', '_')}"


def variable(service: str) -> str:
    """Return the variable that holds its password, e.g. `LLM_GATEWAY_STORES_PASSWORD`."""
    return f"{service.upper().replace('-', '_')}{PASSWORD_SUFFIX}"


def given(environment: Mapping[str, str], services: Sequence[Service] = SERVICES) -> dict[str, str]:
    """Return every service's password. Raises NoPasswordError."""
    missing = [name for service in services if (name := variable(service.name)) not in environment]
    if missing:
        raise NoPasswordError(f"missing: {', '.join(missing)} (./assistant grants new makes all of them)")
    return {service.name: environment[variable(service.name)] for service in services}


def new(services: Sequence[Service] = SERVICES) -> str:
    """Return every secret that an installation elsewhere needs, made new, as lines of an environment file."""
    names = (*OTHERS, *(variable(service.name) for service in services))
    return "".join(f"{name}={secrets.token_urlsafe(24)}\n" for name in names)


def as_user(url: str, service: str, password: str) -> str:
    """Return the address with the service's user in the place of the one that it names."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user(service)}:{quote(password, safe='')}@{host}"))


def made(secret: Callable[[str], str], services: Sequence[Service] = SERVICES) -> dict[str, str]:
    """Return the passwords of an installation's own stores, from what keeps its generated secrets."""
    return {service.name: secret(variable(service.name)) for service in services}
