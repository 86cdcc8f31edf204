"""`backup` and `restore` on the command line."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import asyncpg
import typer

from assistant.backup import installation
from assistant.backup.archive import ArchiveError, Manifest
from assistant.backup.database import DatabaseError
from assistant.home import Home
from assistant.progress import complain, in_words, out
from assistant.stores.model import StoreError

TROUBLE = (
    ArchiveError,
    DatabaseError,
    installation.RefusedError,
    StoreError,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    ValueError,
)


def backup(home: Home, environment: Mapping[str, str], file: Path, *, as_json: bool) -> None:
    """Write it and say what is in it."""
    try:
        _say(installation.backup(home, environment, file.absolute()), file, as_json=as_json)
    except TROUBLE as error:
        _fail(error)
    if not as_json:
        out.print("It holds what families wrote, and no password or key: keep those of the environment yourself.")


def restore(home: Home, environment: Mapping[str, str], file: Path, *, force: bool, as_json: bool) -> None:
    """Restore it and say what is to be done next."""
    try:
        manifest, beside = installation.restore(home, environment, file, force=force)
    except TROUBLE as error:
        _fail(error)
    _say(manifest, file, as_json=as_json)
    if not as_json:
        for path in beside:
            out.print(f"{path} is the one of the backup: the present one differs and was left as it is", markup=False)
        out.print("Start it within five minutes (./assistant up): the channel is asked what happened since, first.")


def _say(manifest: Manifest, file: Path, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"file": str(file), **asdict(manifest)}))
    else:
        out.print(f"{file}: {sum(manifest.rows.values())} rows of {manifest.made_at}", markup=False)


def _fail(error: Exception) -> None:
    complain(_told(error))
    raise typer.Exit(1) from error


def _told(error: Exception) -> str:
    if isinstance(error, TROUBLE[:4]):
        return str(error)
    if isinstance(error, (asyncpg.InterfaceError, ValueError)):
        return "DATABASE_URL: is not a PostgreSQL address"
    return in_words(error) if isinstance(error, OSError) else f"it failed ({type(error).__name__})"
