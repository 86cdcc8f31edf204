"""`backup` and `restore` through the command line, on the real PostgreSQL with every service's real tables."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from assistant.backup.archive import ArchiveError, unpacked
from assistant.backup.database import SCHEMAS
from chassis.asyncapi import _NOWHERE
from chassis.store import Store
from chassis.together import build
from pydantic import SecretStr

pytestmark = pytest.mark.stores

SAMPLES = """
insert into dialogue.conversations (id, state) values ('cnv_1', '{"lead": {"parent_name": "Ana"}}');
insert into dialogue.timer (name, key, due_at, payload) values ('turn', 'cnv_1', '2026-11-23 13:00+00', '{"a": 1}');
insert into dialogue.outbox (event_id, fact, body, due_at, held_until)
    values (gen_random_uuid(), 'dialogue.turn_closed.v1', 'body', '2026-11-23 13:00+00', '-infinity');
insert into calendar.visits (id, conversation, during, contact, lead) values
    (gen_random_uuid(), 'cnv_1', '[2026-11-24 17:00+00,2026-11-24 17:30+00)', '{}', '{"n": 1}');
set search_path to frontdesk;
insert into frontdesk.leads (conversation, lead, updated_at) values ('cnv_1', '{"parent_name": "Ana"}', now());
insert into postprocessor.conversation (id) values ('cnv_1');
insert into postprocessor.reply (id, conversation, author, purpose, instance, contact, answers, bubbles, drafted_at,
        event_id, correlation_id)
    values ('00000000-0000-0000-0000-000000000001', 'cnv_1', 'assistant', 'answer', 'unit', '{}', '{}', 1, now(),
        gen_random_uuid(), gen_random_uuid());
insert into postprocessor.bubble (reply_id, nth, conversation, instance, text, fingerprint, due_at)
    values ('00000000-0000-0000-0000-000000000001', 0, 'cnv_1', 'unit', 'oi', 'f', now());
"""
# What a restore changes on purpose: what was due waits, and what was about to be sent is in doubt.
CHANGED = {"held_until", "state", "attempts", "began_at", "looks"}


async def fill(url: str) -> None:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in _NOWHERE.items():
            environment.setenv(name, value)
        stores = [store for name in SCHEMAS if (store := build(f"{name}_service").store)]
    for store in stores:
        real = Store(store.line, SecretStr(url), migrations=store._migrations, pool_size=1)
        await real.open()
        await real.close()
    connection = await asyncpg.connect(url)
    await connection.execute(SAMPLES)
    await connection.close()


async def everything(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the services, without what a restore changes on purpose."""
    connection = await asyncpg.connect(url)
    tables = await connection.fetch(
        "select schemaname || '.' || quote_ident(tablename) as name from pg_tables where schemaname = any($1)", SCHEMAS
    )
    found = {}
    for table in tables:
        rows = await connection.fetch(f"select to_jsonb(t)::text as row from {table['name']} t order by 1")
        plain = [json.loads(row["row"]) for row in rows]
        found[table["name"]] = [{key: each[key] for key in each.keys() - CHANGED} for each in plain]
    await connection.close()
    del found["postprocessor.restored"]
    return found


@dataclass
class Elsewhere:
    """An installation whose database is given, and files of its own."""

    folder: Path
    url: str

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **more,
            **{key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ},
            "ASSISTANT_HOME": str(self.folder / "home"),
            "DATABASE_URL": self.url,
            "UNIT_FILE": str(self.folder / "unit.toml"),
            "KNOWLEDGE_DIR": str(self.folder / "knowledge"),
            "EVOLUTION_WEBHOOK_SECRET": "a-secret-of-16-or-more",
        }
        command = [sys.executable, "-m", "assistant", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
async def installation(tmp_path: Path, fresh_database_url: str) -> Elsewhere:
    (tmp_path / "unit.toml").write_text("a = 1\n")
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge/one.md").write_text("# one\n")
    await fill(fresh_database_url)
    return Elsewhere(tmp_path, fresh_database_url)


async def test_a_restore_brings_back_every_row_and_puts_what_was_to_be_sent_in_doubt(
    installation: Elsewhere, fresh_database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    made = installation.run("backup", str(file), "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["rows"]["calendar.visits"] == 1
    before = await everything(fresh_database_url)

    connection = await asyncpg.connect(fresh_database_url)
    await connection.execute("delete from calendar.visits; update dialogue.conversations set state = '{}'")
    await connection.execute("create table dialogue.later (a int)")
    refused = installation.run("restore", str(file))
    assert (refused.returncode, refused.stderr) == (1, "the database holds data already: --force replaces them\n")
    done = installation.run("restore", str(file), "--force")
    assert done.returncode == 0, done.stderr

    assert await everything(fresh_database_url) == before
    doubted = await connection.fetchrow("select state, attempts from postprocessor.bubble")
    assert tuple(doubted or ()) == ("unknown", 1)
    waits = "select bool_and(held_until > clock_timestamp() + interval '4 minutes') from dialogue."
    assert [await connection.fetchval(waits + table) for table in ("timer", "outbox")] == [True, True]
    assert await connection.fetchval("select count(*) from postprocessor.restored") == 1
    assert not await connection.fetch("select from pg_namespace where nspname like '%before_restore'")
    # What works on the tables works on the restored ones: constraints, triggers, sequences.
    with pytest.raises(asyncpg.ExclusionViolationError):
        await connection.execute(
            "insert into calendar.visits select gen_random_uuid(), 'x', during, 'booked', 1, "
            "contact, lead from calendar.visits"
        )
    await connection.close()


def cut(file: Path, broken: Path, folder: Path) -> None:
    """Write a backup whose dump lacks its end."""
    with unpacked(file) as (_, parts):
        shutil.copytree(parts, folder / "parts")
    dump = folder / "parts/database.dump"
    dump.write_bytes(dump.read_bytes()[:-2000])
    with tarfile.open(broken, "w") as tar:
        for part in (folder / "parts").iterdir():
            tar.add(part, part.name)


async def test_a_restore_that_fails_leaves_everything_as_it_was(
    installation: Elsewhere, fresh_database_url: str, tmp_path: Path
) -> None:
    file, broken = tmp_path / "a.backup", tmp_path / "broken.backup"
    assert installation.run("backup", str(file)).returncode == 0
    before = await everything(fresh_database_url)
    cut(file, broken, tmp_path)
    failed = installation.run("restore", str(broken), "--force")
    assert failed.returncode == 1
    assert failed.stderr.startswith("pg_restore failed: ")
    assert await everything(fresh_database_url) == before


async def test_what_a_killed_restore_had_put_aside_is_what_there_was(
    installation: Elsewhere, fresh_database_url: str, tmp_path: Path
) -> None:
    file, broken = tmp_path / "a.backup", tmp_path / "broken"
    assert installation.run("backup", str(file)).returncode == 0
    before = await everything(fresh_database_url)
    connection = await asyncpg.connect(fresh_database_url)
    for name in SCHEMAS:
        await connection.execute(f"alter schema {name} rename to {name}_before_restore")
    refused = installation.run("restore", str(file))
    assert (refused.returncode, refused.stderr) == (1, "the database holds data already: --force replaces them\n")
    for name in SCHEMAS:
        await connection.execute(f"create schema {name}")
    cut(file, broken, tmp_path)
    assert installation.run("restore", str(broken), "--force").returncode == 1
    assert await everything(fresh_database_url) == before
    assert installation.run("restore", str(file), "--force").returncode == 0
    assert await everything(fresh_database_url) == before
    await connection.close()


async def test_it_refuses_while_services_are_connected_and_what_is_no_backup(
    installation: Elsewhere, fresh_database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    assert installation.run("backup", str(file)).returncode == 0
    service = await asyncpg.connect(fresh_database_url, server_settings={"application_name": "receptionist.dialogue"})
    connected = installation.run("restore", str(file), "--force")
    await service.close()
    assert connected.returncode == 1
    assert "services are still connected" in connected.stderr
    (tmp_path / "text").write_text("no tar")
    nonsense = installation.run("restore", str(tmp_path / "text"))
    assert (nonsense.returncode, "is no backup" in nonsense.stderr) == (1, True)


async def test_a_file_that_cannot_be_written_or_read_is_named_with_the_reason(
    installation: Elsewhere, tmp_path: Path
) -> None:
    nowhere = installation.run("backup", str(tmp_path / "no/a.backup"))
    assert nowhere.returncode == 1
    assert f"{tmp_path}/no/" in nowhere.stderr
    assert nowhere.stderr.endswith(": No such file or directory\n")
    folder = installation.run("backup", str(tmp_path / "knowledge"))
    assert (folder.returncode, folder.stderr) == (1, f"{tmp_path}/knowledge: Is a directory\n")
    for no_address in ("nonsense", "postgresql://[::1"):
        nonsense = Elsewhere(tmp_path, no_address).run("backup", str(tmp_path / "a.backup"))
        assert (nonsense.returncode, nonsense.stderr) == (1, "DATABASE_URL: is not a PostgreSQL address\n")
    absent = installation.run("restore", str(tmp_path / "absent"))
    assert absent.returncode == 1
    assert absent.stderr == f"{tmp_path}/absent cannot be unpacked: No such file or directory\n"


async def test_what_is_no_file_keeps_its_place(installation: Elsewhere, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refused = installation.run("backup", str(pipe))
    assert (refused.returncode, refused.stderr) == (1, f"{pipe} is a device or a pipe: name a file\n")
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    "manifest,parts",
    [
        ({"made_at": "yesterday"}, ("database.dump", "unit.toml")),
        ({"made_at": "2026-11-23T10:12:00"}, ("database.dump", "unit.toml")),
        ({"schemas": ['x"; drop schema dialogue; --']}, ("database.dump", "unit.toml")),
        ({}, ("unit.toml",)),
        ({}, ("database.dump",)),
    ],
)
def test_a_backup_that_cannot_be_restored_is_refused_before_anything_is_stopped(
    tmp_path: Path, manifest: dict[str, Any], parts: tuple[str, ...]
) -> None:
    whole = {"made_at": "2026-11-23T10:12:00-03:00", "schemas": ["dialogue"], "rows": {}, "version": 1, **manifest}
    file = tmp_path / "a.backup"
    with tarfile.open(file, "w") as tar:
        for name, text in [("manifest.json", json.dumps(whole)), *((part, "") for part in parts)]:
            (tmp_path / name).write_text(text)
            tar.add(tmp_path / name, name)
    with pytest.raises(ArchiveError, match="is no backup"), unpacked(file):
        pass


async def test_a_redis_that_cannot_be_asked_is_said_before_anything_is_restored(
    installation: Elsewhere, fresh_database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    assert installation.run("backup", str(file)).returncode == 0
    connection = await asyncpg.connect(fresh_database_url)
    await connection.execute("delete from calendar.visits")
    refused = installation.run("restore", str(file), "--force", REDIS_URL="redis://127.0.0.1:9/0")
    assert refused.returncode == 1
    assert refused.stderr.startswith("REDIS_URL: ingress's memory cannot be cleared there (")
    assert await connection.fetchval("select count(*) from calendar.visits") == 0
    await connection.close()


async def test_the_file_is_its_owners_alone_and_holds_no_secret(
    installation: Elsewhere, fresh_database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    made = installation.run("backup", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "no password or key" in made.stdout
    password = (urlsplit(fresh_database_url).password or "").encode()
    assert password not in file.read_bytes()
    assert b"a-secret-of-16-or-more" not in file.read_bytes()


async def test_the_units_own_files_come_back_beside_newer_ones(installation: Elsewhere, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    assert installation.run("backup", str(file)).returncode == 0
    (tmp_path / "unit.toml").write_text("a = 2\n")
    (tmp_path / "knowledge/one.md").unlink()
    (tmp_path / "knowledge").rmdir()
    done = installation.run("restore", str(file), "--force")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "unit.toml").read_text() == "a = 2\n"
    assert (tmp_path / "unit.restored.toml").read_text() == "a = 1\n"
    assert (tmp_path / "knowledge/one.md").read_text() == "# one\n"
