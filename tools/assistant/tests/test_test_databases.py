"""Databases that one test after another gets."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from assistant.testing_databases import LARGE_BYTES, Databases

pytestmark = pytest.mark.stores

MIGRATION = """
create table greetings (
    id serial primary key, text text not null, length int generated always as (length(text)) stored
);
insert into greetings (text) values ('oi');
create table answers (greeting int not null references greetings, text text not null);
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "a_service" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_greetings.sql").write_text(MIGRATION)
    return folder


@pytest.fixture
def lent(database_server_url: str) -> Iterator[Databases]:
    with Databases(database_server_url) as databases:
        yield databases


async def found(connection: "asyncpg.Connection[asyncpg.Record]") -> list[tuple[int, str, int]]:
    return [tuple(row) for row in await connection.fetch("select * from a_service.greetings")]


@pytest.mark.parametrize("rows", [1, LARGE_BYTES // 100])
async def test_whoever_comes_next_finds_what_the_migrations_left(lent: Databases, migrations: Path, rows: int) -> None:
    with lent.lend("a_service", migrations) as url:
        forgotten = await asyncpg.connect(url)
        await forgotten.execute("update a_service.greetings set text = 'tchau'")
        many = "insert into a_service.greetings (text) select repeat('a', 100) from generate_series(1, $1)"
        await forgotten.execute(many, rows)
        await forgotten.execute("insert into a_service.answers values (1, 'bom dia'), (2, 'boa noite')")
    with lent.lend("a_service", migrations) as again:
        assert again == url
        with pytest.raises(asyncpg.PostgresError):
            await forgotten.execute("select")
        connection = await asyncpg.connect(again)
        assert await found(connection) == [(1, "oi", 2)]
        assert await connection.fetch("select from a_service.answers") == []
        assert await connection.fetchval("insert into a_service.greetings (text) values ('olá') returning id") == 2
        await connection.close()


async def test_a_database_whose_tables_a_test_has_changed_is_not_lent_again(lent: Databases, migrations: Path) -> None:
    with lent.lend("a_service", migrations) as url:
        connection = await asyncpg.connect(url)
        await connection.execute("alter table a_service.answers rename column text to said")
        await connection.close()
    with lent.lend("a_service", migrations) as other:
        assert other != url
