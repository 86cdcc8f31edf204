"""How a service starts, and what it says when it cannot."""

import json
import os
import subprocess
import sys
import textwrap
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
from chassis.clock import now
from chassis.errors import Unavailable
from chassis.line import Line
from chassis.settings import Postgres, ServiceSettings, complaints
from pydantic import SecretStr, ValidationError

SERVICE = """
    from pathlib import Path
    from chassis.clock import now
    from chassis.line import Line
    from chassis.service import Service, main
    from chassis.settings import Postgres, ServiceSettings
    from chassis.store import Store

    class Settings(ServiceSettings, Postgres): ...

    def build(settings):
        line = Line("tried", clock=now)
        return Service(settings, line, store=Store(line, settings.database_url, migrations=Path("nowhere")))

    main(build, Settings)
"""


class Settings(ServiceSettings, Postgres):
    """A service with a store."""


async def test_a_line_that_is_not_connected_yet_says_so_to_whom_it_serves_already() -> None:
    with pytest.raises(Unavailable, match="tried is not connected yet"):
        await Line("tried", clock=now).quarantine(b"{", "invalid payload")


def start(**environment: str) -> subprocess.Popen[str]:
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "LANG"}}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SERVICE)],
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def as_nobody(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"nobody:wrong-secret@{parts.netloc.rpartition('@')[2]}"))


def test_a_missing_and_a_wrong_variable_are_named_each_in_one_line() -> None:
    service = start(RABBITMQ_URL="", DATABASE_URL="postgresql://localhost/x", SERVICE_PORT="70000")
    _, said = service.communicate(timeout=30)
    assert service.returncode == 1
    assert said.splitlines() == [
        "--main--: RABBITMQ_URL: Field required",
        "--main--: SERVICE_PORT: Input should be less than or equal to 65535",
    ]


@pytest.mark.stores
def test_a_wrong_password_of_the_database_is_one_clear_line(amqp_url: str, database_url: str) -> None:
    wrong = as_nobody(database_url)
    service = start(RABBITMQ_URL=amqp_url, DATABASE_URL=wrong)
    out, said = service.communicate(timeout=30)
    assert service.returncode == 1
    assert said.startswith("--main--: DATABASE_URL: PostgreSQL refuses")
    assert "wrong-secret" not in said + out
    assert "Traceback" not in said


@pytest.mark.stores
def test_a_wrong_password_of_the_broker_is_one_clear_line(amqp_url: str, fresh_database_url: str) -> None:
    wrong = as_nobody(amqp_url)
    service = start(RABBITMQ_URL=wrong, DATABASE_URL=fresh_database_url)
    out, said = service.communicate(timeout=30)
    assert service.returncode == 1
    assert said == "--main--: RABBITMQ_URL: RabbitMQ refuses this user, password or virtual host\n"
    assert "wrong-secret" not in out


@pytest.mark.stores
def test_a_service_without_its_broker_is_alive_and_not_ready_and_says_what_it_waits_for(
    fresh_database_url: str, unused_tcp_port: int
) -> None:
    service = start(
        RABBITMQ_URL="amqp://guest:guest@127.0.0.1:1/",
        DATABASE_URL=fresh_database_url,
        SERVICE_PORT=str(unused_tcp_port),
    )
    try:
        line = ""
        while "broker_unreachable" not in line:
            assert service.stdout is not None
            line = service.stdout.readline()
            assert line, "the service ended"
        assert json.loads(line)["variable"] == "RABBITMQ_URL"
        with httpx.Client(base_url=f"http://127.0.0.1:{unused_tcp_port}", timeout=5) as http:
            assert http.get("/livez").status_code == 200
            ready = http.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["ready"] is False
        assert ready.json()["checks"]["rabbitmq"] is False
        assert ready.json()["checks"]["postgresql"] is True
    finally:
        service.terminate()
        service.communicate(timeout=20)


def test_secrets_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", "amqp://user:top-secret@host/")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:top-secret@host/")
    settings = Settings()
    assert "top-secret" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.rabbitmq_url.get_secret_value().endswith("@host/")


def test_a_complaint_does_not_quote_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "very-secret")
    with pytest.raises(ValidationError) as caught:
        Settings(rabbitmq_url=SecretStr("x"), database_url=SecretStr("y"))
    (complaint,) = complaints(caught.value)
    assert complaint.startswith("LOG_LEVEL: ")
    assert "very-secret" not in complaint + str(caught.value)


@pytest.mark.stores
@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
def test_a_service_that_listens_everywhere_is_reached_by_both_protocols(
    address: str, fresh_database_url: str, unused_tcp_port: int
) -> None:
    service = start(
        RABBITMQ_URL="amqp://guest:guest@127.0.0.1:1/",
        DATABASE_URL=fresh_database_url,
        SERVICE_HOST="::",
        SERVICE_PORT=str(unused_tcp_port),
    )
    try:
        assert service.stdout is not None
        while "broker_unreachable" not in (line := service.stdout.readline()):
            assert line, "the service ended"
        assert httpx.get(f"http://{address}:{unused_tcp_port}/livez", timeout=5).status_code == 200
    finally:
        service.terminate()
        service.communicate(timeout=20)
