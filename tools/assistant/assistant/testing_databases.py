"""Databases that one test after another uses: a service's tables are made once, and emptied after each test.

Making a database and its tables takes PostgreSQL 200 ms of CPU, emptying the tables takes it one.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

import asyncpg
from chassis.migrate import OURS, migrate

from assistant.testing_stores import new_database

T = TypeVar("T")
LARGE_BYTES = 1_000_000
"""Deleting is quickest, but leaves a table's file as large as it was."""
END_OTHERS = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
SHAPE = """
select array_agg(format('%s.%I %s', attrelid::regclass, attname, atttypid) order by attrelid, attnum)
from pg_attribute join pg_class on pg_class.oid = attrelid
where relkind = 'r' and attnum > 0 and not relnamespace::regnamespace::text ~ '^(pg_|information_schema$)'
"""
TABLES = """
select format('%I.%I', table_schema, table_name) as name,
    string_agg(quote_ident(column_name), ', ') filter (where is_generated = 'NEVER') as columns
from information_schema.tables join information_schema.columns using (table_schema, table_name)
where table_schema = $1 and table_type = 'BASE TABLE' group by 1
"""
SEQUENCES = """
select format('%I.%I', schemaname, sequencename) as name, start_value, last_value from pg_sequences
where schemaname = $1
"""
LARGE = """
select string_agg(oid::regclass::text, ', ') from pg_class
where relnamespace = to_regnamespace($1) and relkind = 'r' and pg_relation_size(oid) > $2
"""


class Migrated:
    """A database in which the tables of one service are as its migrations leave them, again and again."""

    def __init__(self, url: str, schema: str, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.url = url
        self.connection = connection
        self._schema = schema
        self._shape: list[str] = []
        self._restoring = ""

    @classmethod
    async def make(cls, url: str, schema: str, migrations: Path) -> "Migrated":
        """Migrate an empty database, and remember what the migrations left in it."""
        made = cls(url, schema, await asyncpg.connect(url, timeout=5))
        await migrate(made.connection, schema, (OURS, migrations))
        await made.connection.execute("set session_replication_role to replica")  # no triggers, no foreign keys
        await made._remember()
        return made

    async def _remember(self) -> None:
        fetch = self.connection.fetch
        self._shape = await self.connection.fetchval(SHAPE)
        statements = []
        for number, (name, columns) in enumerate(await fetch(TABLES, self._schema)):
            statements.append(f"delete from {name}")  # noqa: S608 - a name that PostgreSQL has quoted
            if await fetch(f"select from {name} limit 1"):
                await self.connection.execute(f"create temporary table kept_{number} as select {columns} from {name}")  # noqa: S608 - same
                statements.append(
                    f"insert into {name} ({columns}) overriding system value select {columns} from kept_{number}"  # noqa: S608 - same
                )
        for name, start, last in await fetch(SEQUENCES, self._schema):
            statements.append(f"select setval('{name}', {last or start}, {last is not None})")
        self._restoring = ";".join(statements)

    async def restore(self) -> bool:
        """End who is connected and put every row back; `False` where a test has changed the tables themselves."""
        await self.connection.execute(END_OTHERS)
        if await self.connection.fetchval(SHAPE) != self._shape:
            return False
        if large := await self.connection.fetchval(LARGE, self._schema, LARGE_BYTES):
            await self.connection.execute(f"truncate {large} cascade")
        await self.connection.execute(self._restoring)
        return True


class Databases:
    """One database a service on one server; use it as a context, which drops them."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._made: dict[str, Migrated] = {}
        self._dropping = contextlib.ExitStack()
        self._loop = asyncio.Runner()
        self._thread = ThreadPoolExecutor(1)  # an event loop may already run in the caller's

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._dropping.close()
        self._thread.submit(self._loop.close).result()
        self._thread.shutdown()

    @contextlib.contextmanager
    def lend(self, schema: str, migrations: Path) -> Iterator[str]:
        """Yield the URL of a database with this schema, as `migrations` leave it; nobody else has it meanwhile."""
        made = self._made.pop(schema, None) or self._make(schema, migrations)
        yield made.url
        if self._run(made.restore()):
            self._made[schema] = made

    def _make(self, schema: str, migrations: Path) -> Migrated:
        url = self._dropping.enter_context(new_database(self._server_url))
        made = self._run(Migrated.make(url, schema, migrations))
        self._dropping.callback(lambda: self._run(made.connection.close()))
        return made

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._loop.run, work).result()
