"""Makes the read model again from the facts, while the service goes on taking and showing them.

The facts that are there are folded into temporary tables of the same shape; then, for a moment in which new facts wait,
the rest is folded and rows that differ are put in place of the old ones. Readers see the old rows until that commit.
"""

import asyncpg
from chassis.errors import Unavailable
from chassis.logging import get_logger
from chassis.store import Connection, Store

from frontdesk_service.changes import EVERYTHING, Changes
from frontdesk_service.projections import FOLDED, days, fold, journal

log = get_logger(__name__)

SHAPE = 4
"""What the rows of the read model are like; rows of an older shape are made again at the start."""
ONE_AT_A_TIME = 20_261_123
"""The advisory lock of whoever rebuilds."""
COPY_S = 600.0
# Of a table: its columns that are written, and those of them that are its key.
COLUMNS = """
select row(array_agg(quote_ident(attname) order by attnum) filter (where attgenerated = ''),
    array_agg(quote_ident(attname) order by attnum) filter (where attnum = any(indkey)))
from pg_attribute join pg_index on indrelid = attrelid and indisprimary
where attrelid = $1::regclass and attnum > 0 and not attisdropped"""


class Rebuilding:
    """Rebuilds when the rows are of an older shape, or when somebody asks for it."""

    def __init__(self, store: Store, changes: Changes) -> None:
        self._store = store
        self._changes = changes

    async def at_start(self) -> None:
        """Rebuild if that is needed; a database that goes away meanwhile is left for the next start."""
        try:
            if await self._store.pool.fetchval("select version from read_model") < SHAPE:
                await self.run()
        except (Unavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("read_model_stays_old", error=type(error).__name__)

    async def run(self) -> int:
        """Rebuild; return how many facts were folded. Raises `Unavailable`."""
        try:
            async with self._store.pool.acquire(within_s=5) as connection:
                await connection.execute("select pg_advisory_lock($1)", ONE_AT_A_TIME, timeout=COPY_S)
                try:
                    folded = await self._prepare(connection)
                    folded += await self._replace(connection)
                finally:
                    await connection.execute("discard temp; select pg_advisory_unlock_all()")
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, TimeoutError) as error:
            raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error
        log.info("read_model_rebuilt", facts=folded)
        self._changes.announce(EVERYTHING)
        return folded

    async def _prepare(self, connection: Connection) -> int:
        """Fold what is there into temporary tables, which hide those of the same name from this connection."""
        for table in FOLDED:
            await connection.execute(f"create temp table {table} (like {self._store.schema}.{table} including all)")
        await connection.execute("create temp table folded as select id from facts", timeout=COPY_S)
        folded = await self._fold(connection, "select f.* from facts f join folded using (id)")
        for table in (*FOLDED, "folded"):  # nobody else does that for temporary tables
            await connection.execute(f"analyze pg_temp.{table}", timeout=COPY_S)
        return folded

    async def _replace(self, connection: Connection) -> int:
        async with connection.transaction():
            await connection.execute("lock table facts in share row exclusive mode")
            await days.forget(connection)  # first: of days that are not kept no change is noted
            late = "select f.* from facts f where not exists (select from folded where folded.id = f.id)"
            folded = await self._fold(connection, late)
            for table in FOLDED:
                await self._replace_table(connection, table)
            await connection.execute("update read_model set version = $1", SHAPE)
        return folded

    async def _replace_table(self, connection: Connection, table: str) -> None:
        """Write only what differs: while this lasts new facts wait, and most rows are what they were."""
        old, new = f"{self._store.schema}.{table}", f"pg_temp.{table}"
        columns, key = await connection.fetchval(COLUMNS, old)
        same = f"({_of('old', key)}) = ({_of('new', key)})"
        equal = f"({_of('old', columns)}) is not distinct from ({_of('new', columns)})"
        for statement in (
            f"delete from {old} old where not exists (select from {new} new where {same} and {equal})",  # noqa: S608  # our own names
            f"""insert into {old} ({", ".join(columns)}) select {", ".join(columns)} from {new} new
            where not exists (select from {old} old where {same})""",  # noqa: S608  # same
        ):
            await connection.execute(statement, timeout=COPY_S)

    async def _fold(self, connection: Connection, facts: str) -> int:
        folded = 0
        async with connection.transaction():
            async for some in journal.read(connection, facts):
                await fold(connection, some)
                folded += len(some)
        return folded


def _of(row: str, columns: list[str]) -> str:
    return ", ".join(f"{row}.{column}" for column in columns)
