"""`backup` and `restore` of an installation: its database, running or not, and the unit's own files."""

import asyncio
import contextlib
import filecmp
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assistant import clock, down
from assistant.backup import archive, database
from assistant.backup.archive import Manifest
from assistant.grants import database as grants
from assistant.grants.users import NoPasswordError, given, made
from assistant.home import Home
from assistant.plan import read_plan, read_state
from assistant.programs import spawn, stop_stores
from assistant.services import SERVICES
from assistant.stores import postgresql, private


class RefusedError(Exception):
    """It would do harm; the message says what, and what to do."""


@dataclass(frozen=True)
class Place:
    """Where an installation keeps what a backup holds. `own`: its database is its own, not given by URL."""

    url: str
    unit: Path
    knowledge: Path
    own: bool


def backup(home: Home, environment: Mapping[str, str], file: Path) -> Manifest:
    """Write a backup, of a running system or of one that is stopped. Raises ArchiveError, DatabaseError, StoreError."""
    archive.check_place(file)
    with _undisturbed(home, environment), _place(home, environment) as place, tempfile.TemporaryDirectory() as folder:
        dumped, schemas = Path(folder) / archive.DUMP, asyncio.run(database.schemas(place.url))
        made_at = clock.now(home)
        database.dump(place.url, dumped)
        rows = asyncio.run(database.rows(place.url))
        manifest = Manifest(made_at.isoformat(), schemas, rows)
        archive.write(file, manifest, dumped, place.unit, place.knowledge)
    return manifest


def restore(home: Home, environment: Mapping[str, str], file: Path, *, force: bool) -> tuple[Manifest, list[Path]]:
    """Make the installation what it was; it is stopped then. Returns also files that were put beside newer ones.

    Raises RefusedError while it runs, or when there are data already, unless `force`; ArchiveError, DatabaseError,
    StoreError.
    """
    with archive.unpacked(file) as (manifest, folder), home.only_one():
        if read_state(home)["supervisor"] is not None:
            if not force:
                raise RefusedError("the system runs: stop it (./assistant down), or give --force")
            down.stop_everything(home)
        with _place(home, environment) as place:
            running, replaced = asyncio.run(database.trouble(place.url))
            if running:
                raise RefusedError("services are still connected to the database: stop them, wherever they run")
            if replaced and not force:
                raise RefusedError("the database holds data already: --force replaces them")
            asyncio.run(_forget_what_was_seen(environment))
            made_at = datetime.fromisoformat(manifest.made_at)
            asyncio.run(database.restore(place.url, folder / archive.DUMP, manifest.schemas, made_at))
            _give_to_the_users(home, environment, place)
            beside = [
                *_put(folder / archive.UNIT, place.unit),
                *_put(folder / archive.KNOWLEDGE, place.knowledge),
            ]
    return manifest, beside


@contextlib.contextmanager
def _undisturbed(home: Home, environment: Mapping[str, str]) -> Iterator[None]:
    """Hold off `up` while a database is used that runs for this command alone; a system that runs is left to itself."""
    alone = read_state(home)["supervisor"] is None and "DATABASE_URL" not in environment
    with home.only_one() if alone else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _place(home: Home, environment: Mapping[str, str]) -> Iterator[Place]:
    """Find the database; one of the installation's own that does not run is run for as long as the block does."""
    unit = Path(environment.get("UNIT_FILE") or home.project / "unit.toml")
    knowledge = Path(environment.get("KNOWLEDGE_DIR") or home.project / "knowledge")
    plan = read_plan(home) if read_state(home)["supervisor"] is not None else None
    if plan is not None and postgresql.NAME in plan.urls:
        own = postgresql.NAME in plan.started_stores
        yield Place(plan.urls[postgresql.NAME], unit, knowledge, own)
    elif "DATABASE_URL" in environment:
        yield Place(environment["DATABASE_URL"], unit, knowledge, own=False)
    else:
        with _running_database(home) as url:
            yield Place(url, unit, knowledge, own=True)


@contextlib.contextmanager
def _running_database(home: Home) -> Iterator[str]:
    def password(name: str) -> str:
        return home.secret(f"{name.upper()}_PASSWORD")

    (store,) = private.prepare([postgresql.NAME], home.root, data=home.data, log=home.log, password=password)
    children = [(program, spawn(program)) for program in store.programs]
    try:
        asyncio.run(private.until_ready(store, alive=lambda: all(child.poll() is None for _, child in children)))
        yield store.url
    finally:
        stop_stores(children)


def _give_to_the_users(home: Home, environment: Mapping[str, str], place: Place) -> None:
    """Make the services' users the owners again of what was restored; a database with one user has no others."""
    with contextlib.suppress(NoPasswordError):
        passwords = made(home.secret, SERVICES) if place.own else given(environment)
        asyncio.run(grants.grant(place.url, passwords))


def _put(saved: Path, place: Path) -> list[Path]:
    """Put a file or a folder where it was; one that is there and differs stays, and the saved one goes beside it."""
    if place.exists() and _same(saved, place):
        return []
    target = place if not place.exists() else place.with_name(f"{place.stem}.restored{place.suffix}")
    if saved.is_dir():
        shutil.copytree(saved, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(saved, target)
    return [] if target == place else [target]


def _same(one: Path, other: Path) -> bool:
    if one.is_file():
        return other.is_file() and filecmp.cmp(one, other, shallow=False)
    compared = filecmp.dircmp(one, other)
    return not (compared.left_only or compared.right_only or compared.diff_files or compared.funny_files)


async def _forget_what_was_seen(environment: Mapping[str, str]) -> None:
    """Clear ingress's memory, so that what came after the backup is fetched from the channel again.

    A Redis of the installation's own has forgotten it when it was stopped. Raises RefusedError when a given one cannot
    be asked: nothing is restored then.
    """
    if "REDIS_URL" not in environment:
        return
    from redis import asyncio as client
    from redis.exceptions import RedisError

    try:
        async with client.from_url(environment["REDIS_URL"], socket_timeout=5, socket_connect_timeout=5) as connection:
            async for key in connection.scan_iter("receptionist:ingress:*"):
                await connection.delete(key)
    except (RedisError, OSError, ValueError) as error:
        raise RefusedError(f"REDIS_URL: ingress's memory cannot be cleared there ({type(error).__name__})") from error
