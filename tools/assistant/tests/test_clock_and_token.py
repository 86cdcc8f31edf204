"""`clock`, `token`, `user add`, on a running system."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import jwt
import pytest
from argon2 import PasswordHasher
from assistant.launch import SAO_PAULO, offset_to
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.stores
MONDAY = "2026-11-23T10:12:00-03:00"


def seconds_from(said: str, wanted: str) -> float:
    return (datetime.fromisoformat(said.strip()) - datetime.fromisoformat(wanted)).total_seconds()


def test_a_system_that_was_started_at_a_time_ticks_on_from_it_and_can_be_moved(installation: Any) -> None:
    installation.up(ASSISTANT_NOW=MONDAY)
    said = installation.run("clock").stdout
    assert said.strip().endswith("-03:00")
    assert 0 <= seconds_from(said, MONDAY) < 30
    got = installation.environment_of("calendar")
    assert "ASSISTANT_NOW" not in got
    offset_s = float(Path(got["ASSISTANT_CLOCK_FILE"]).read_text(encoding="utf-8"))
    moved = installation.run("clock", "2026-11-24T08:00:00")
    assert moved.returncode == 0
    assert 0 <= seconds_from(moved.stdout, "2026-11-24T08:00:00-03:00") < 2
    later_s = float(Path(got["ASSISTANT_CLOCK_FILE"]).read_text(encoding="utf-8"))
    assert later_s - offset_s == pytest.approx(21 * 3600 + 48 * 60, abs=60)


@pytest.mark.parametrize(
    "wrong,why",
    [
        *((text, "is not an ISO 8601 time") for text in ("tomorrow", "2026-13-01T00:00:00", "")),
        *((text, "must lie in the years 2000 to 2099") for text in ("0001-01-01", "9999-12-31T23:59:59-03:00")),
    ],
)
def test_what_is_no_time_moves_nothing(running: Any, wrong: str, why: str) -> None:
    before = running.home.clock_file.read_text(encoding="utf-8")
    done = running.run("clock", wrong)
    assert (done.returncode, done.stdout) == (1, "")
    assert why in done.stderr
    assert running.home.clock_file.read_text(encoding="utf-8") == before


def test_a_system_on_real_time_cannot_be_moved(installation: Any) -> None:
    installation.up()
    done = installation.run("clock", MONDAY)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ASSISTANT_NOW" in done.stderr
    assert abs(seconds_from(installation.run("clock").stdout, datetime.now(UTC).isoformat())) < 5


def test_where_nothing_runs_the_clock_is_real_and_cannot_be_moved(installation: Any) -> None:
    assert abs(seconds_from(installation.run("clock").stdout, datetime.now(UTC).isoformat())) < 5
    done = installation.run("clock", MONDAY)
    assert done.returncode == 1
    assert "nothing runs here" in done.stderr


@given(st.datetimes(timezones=st.just(SAO_PAULO)))
def test_a_time_without_a_zone_is_sao_paulos(wanted: datetime) -> None:
    real = datetime(2026, 1, 1, tzinfo=UTC)
    bare = wanted.replace(tzinfo=None).isoformat()
    assert offset_to(bare, real) == offset_to(wanted.isoformat(), real) == (wanted - real).total_seconds()


def test_the_token_is_all_that_is_printed_and_opens_what_runs(installation: Any, tmp_path: Path) -> None:
    """Also when the secret came from a file that this call does not name."""
    file = tmp_path / "unit.env"
    secret = "a-secret-of-the-file-with-32-characters"
    file.write_text(f"FRONTDESK_JWT_SECRET={secret}\nFRONTDESK_USERNAME=dona\n", encoding="utf-8")
    installation.up("--env-file", str(file))
    for arguments, subject, role in (
        ((), "dona", "owner"),
        (("--role", "receptionist"), "receptionist", "receptionist"),
    ):
        done = installation.run("token", *arguments)
        assert done.returncode == 0
        claims = jwt.decode(done.stdout.strip(), secret, algorithms=["HS256"])
        assert (claims["sub"], claims["role"]) == (subject, role)
        assert done.stdout.count("\n") == 1
    assert installation.run("token", "--role", "king").returncode == 2


async def test_a_user_is_added_with_a_password_that_is_said_once(installation: Any, fresh_database_url: str) -> None:
    done = installation.run("user", "add", "bia", DATABASE_URL=fresh_database_url)
    assert done.returncode == 0, done.stderr
    password = done.stdout.split()[-1]
    connection = await asyncpg.connect(fresh_database_url)
    try:
        row = await connection.fetchrow("SELECT role, password_hash FROM frontdesk.users WHERE username = 'bia'")
        assert row is not None
        assert row["role"] == "receptionist"
        assert PasswordHasher().verify(row["password_hash"], password)
        given = installation.run(
            *("user", "add", "bia", "--role", "owner"), NEW_PASSWORD="uma-senha-boa", DATABASE_URL=fresh_database_url
        )
        assert "uma-senha-boa" not in given.stdout + given.stderr
        hashed = await connection.fetchval("SELECT password_hash FROM frontdesk.users WHERE username = 'bia'")
        assert PasswordHasher().verify(hashed, "uma-senha-boa")
        assert "bia may sign in as receptionist" in given.stdout, "who is there keeps their role"
    finally:
        await connection.close()


@pytest.mark.parametrize("name", ["", "b", "bia'b; drop", "Bia", "b" * 65])
def test_a_name_that_the_page_would_not_take_is_not_added(installation: Any, name: str) -> None:
    done = installation.run("user", "add", name, DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("a name has 2 to 64 of")


def test_a_user_for_a_database_that_is_away_is_one_clear_line_without_its_password(installation: Any) -> None:
    done = installation.run("user", "add", "bia", DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/none")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "secret" not in done.stderr
