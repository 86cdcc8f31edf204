"""Whether a given dependency can be reached, and if not, why, in one clear line without its secrets."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiormq
import asyncpg
import httpx
import redis.exceptions

from assistant.readiness import client
from assistant.stores import postgresql, rabbitmq
from assistant.stores import redis as redis_store

PATIENCE_S = 5.0
REFUSED = (aiormq.exceptions.AuthenticationError, aiormq.exceptions.ProbableAuthenticationError)
NO_SUCH_HOST = (aiormq.exceptions.ConnectionNotAllowed, aiormq.exceptions.ConnectionClosed)
Ask = Callable[[str], Awaitable[str | None]]


def _at(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname or parts.path)


async def _within_patience(url: str, ask: Callable[[str], Awaitable[None]]) -> str | None:
    """Return None, or why nothing was reached at all; a server's own complaints are raised."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await ask(url)
    except TimeoutError:
        return f"{_at(url)} does not answer within {PATIENCE_S:.0f} s; check host, port and firewall"
    except (*REFUSED, *NO_SUCH_HOST):
        raise  # the client counts them as OSError, too, but they are a server's answer
    except OSError:
        return _nothing_answers(url)
    return None


def _nothing_answers(url: str) -> str:
    return f"nothing answers at {_at(url)}; check host and port, and that the server runs"


async def postgresql_problem(url: str) -> str | None:
    """Connect as the services will."""
    try:
        return await _within_patience(url, postgresql.connects)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        return f"the server at {_at(url)} refuses this user or password; check both"
    except asyncpg.InvalidCatalogNameError:
        return f"the server at {_at(url)} has no such database; create it"
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        return f"the server at {_at(url)} does not accept the connection ({type(error).__name__})"


async def rabbitmq_problem(url: str) -> str | None:
    """Connect as the services will."""
    try:
        return await _within_patience(url, rabbitmq.answers)
    except REFUSED:
        return f"the broker at {_at(url)} refuses this user or password; check both"
    except NO_SUCH_HOST:
        return _no_such_host(url)
    except aiormq.exceptions.AMQPError as error:
        if "Connection.Close" in str(error):  # the client expects to be let in and stumbles over the refusal
            return _no_such_host(url)
        return f"nothing that speaks AMQP answers at {_at(url)} ({type(error).__name__}); check host and port"


def _no_such_host(url: str) -> str:
    return f"the broker at {_at(url)} refuses this virtual host; check the path of the address"


async def redis_problem(url: str) -> str | None:
    """PING with the given password."""
    try:
        return await _within_patience(url, redis_store.answers)
    except redis.exceptions.AuthenticationError:
        return f"the server at {_at(url)} refuses this password; check it"
    except redis.exceptions.ResponseError:
        return f"the server at {_at(url)} wants a password, or another one; check it"
    except redis.exceptions.RedisError as error:
        if isinstance(error.__cause__ or error.__context__, OSError):
            return _nothing_answers(url)
        return f"nothing that speaks Redis answers at {_at(url)} ({type(error).__name__}); check host and port"


async def qdrant_problem(url: str) -> str | None:
    """Ask its readiness."""
    return await _http_problem(f"{url.rstrip('/')}/readyz", url)


async def evolution_problem(url: str) -> str | None:
    """Ask its front page, which needs no key."""
    return await _http_problem(url, url)


async def _http_problem(asked: str, url: str) -> str | None:
    try:
        async with client(PATIENCE_S) as http:
            answer = await http.get(asked)
    except httpx.HTTPError:
        return _nothing_answers(url)
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return f"the server at {_at(url)} answers with an error ({answer.status_code})"
    return None


why_not_connected: dict[str, Ask] = {
    "DATABASE_URL": postgresql_problem,
    "RABBITMQ_URL": rabbitmq_problem,
    "REDIS_URL": redis_problem,
    "QDRANT_URL": qdrant_problem,
    "EVOLUTION_URL": evolution_problem,
}
