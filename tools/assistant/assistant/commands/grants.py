"""`grants …` on the command line: the users of stores that are given by URL."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import typer

from assistant.grants import broker, database, users
from assistant.progress import complain, out


def new() -> None:
    """Print passwords for all of them, and the other secrets of an installation."""
    print(users.new(), end="")


def sql(environment: Mapping[str, str]) -> None:
    """Print PostgreSQL's script."""
    print(database.sql(_passwords(environment)), end="")


def definitions(environment: Mapping[str, str]) -> None:
    """Print RabbitMQ's definitions."""
    print(_definitions(environment))


def apply(environment: Mapping[str, str], file: Path | None) -> None:
    """Run PostgreSQL's script, and write RabbitMQ's definitions where its node will read them."""
    passwords = _passwords(environment)
    if "DATABASE_URL" not in environment:
        complain("DATABASE_URL: give the database's, with a user who may make roles")
        raise typer.Exit(1)
    try:
        asyncio.run(_grant(environment["DATABASE_URL"], passwords))
    except Exception as error:
        complain(f"DATABASE_URL: the roles could not be made ({type(error).__name__})")
        raise typer.Exit(1) from error
    if file is not None:
        try:
            file.write_text(_definitions(environment), encoding="utf-8")  # it holds hashes, no passwords
        except OSError as error:
            complain(f"{file}: {error.strerror}")
            raise typer.Exit(1) from error
    out.print(f"{len(passwords)} users")


async def _grant(url: str, passwords: Mapping[str, str]) -> None:
    import stamina

    async for attempt in stamina.retry_context(OSError, timeout=60, wait_initial=0.5, wait_max=2):
        with attempt:  # a server that is just starting
            await database.grant(url, passwords)


def _definitions(environment: Mapping[str, str]) -> str:
    try:
        parts = urlsplit(environment.get("RABBITMQ_URL", ""))
    except ValueError as error:
        complain("RABBITMQ_URL: is not an address")
        raise typer.Exit(1) from error
    administrator = (unquote(parts.username), unquote(parts.password)) if parts.username and parts.password else None
    vhost = unquote(parts.path[1:]) or "/"
    made = broker.definitions(_passwords(environment), vhost=vhost, administrator=administrator)
    return json.dumps(made, indent=1)


def _passwords(environment: Mapping[str, str]) -> dict[str, str]:
    try:
        return users.given(environment)
    except users.NoPasswordError as error:
        complain(str(error))
        raise typer.Exit(1) from error
