"""Each problem is one clear line, with what to do, and never the value."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from assistant import doctor
from assistant.home import project_folder

pytestmark = pytest.mark.stores


def problems(**variables: str) -> list[str]:
    return [str(one) for one in doctor.problems_before_start(variables, project_folder())]


def test_nothing_given_is_no_problem_on_a_machine_with_the_stores() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    "name,value,text",
    [
        ("DATABASE_URL", "mysql://h/x", "is not an address that begins with postgresql:// or postgres://"),
        ("DATABASE_URL", "postgresql://h:port/x", "is not an address; write it as"),
        ("RABBITMQ_URL", "localhost:5672", "is not an address that begins with amqp://"),
        ("OPENAI_BASE_URL", "https://host/api", "must end in /v1"),
        ("ANTHROPIC_BASE_URL", "https://host/v1", "must not end in /v1"),
        ("INGRESS_PORT", "80000", "must be a whole number from 1 to 65535"),
        ("INGRESS_PORT", "eighty", "must be a whole number from 1 to 65535"),
        ("BURST_WINDOW_S", "soon", "must be a number from 0 to 120"),
        ("STALE_AFTER_MIN", "-7", "must be a number above 0"),
        ("ASSISTANT_NOW", "monday", "is not an ISO 8601 time"),
        ("ALERT_WHATSAPP", "12", "is not a phone number with its country code"),
        ("ALERT_EMAIL", "dona", "is not an e-mail address"),
        ("EVOLUTION_WEBHOOK_SECRET", "s3cret", "is too short; use at least 16 characters"),
        ("FRONTDESK_JWT_SECRET", "s3cret", "is too short; use at least 32 characters"),
        ("LLM_ORDER", "gemini", "names the providers in turn; write it like openai,anthropic"),
        ("LLM_ORDER", "openai=much", "names the providers in turn"),
        ("LISTEN_ORDER", "anthropic", "names who hears voice notes, in turn"),
        ("WHISPER_LONGEST_S", "3000", "must be a number from 1 to 300"),
        ("LOG_LEVEL", "LOUD", "must be one of DEBUG, INFO, WARNING, ERROR"),
        ("UNIT_FILE", "/nonexistent.toml", "names a file that does not exist"),
        ("UNIT_FILE", "a" * 300, "names a file that does not exist"),
        ("KNOWLEDGE_DIR", "a" * 300, "names a folder that does not exist"),
    ],
)
def test_a_bad_value_is_one_line_that_does_not_repeat_it(name: str, value: str, text: str) -> None:
    (line,) = [line for line in problems(**{name: value}) if line.startswith(f"{name}:")]
    assert text in line
    assert value not in line


def test_what_belongs_together_is_asked_for_together() -> None:
    assert "TWILIO_FROM: is missing; Twilio needs all three" in problems(
        TWILIO_ACCOUNT_SID="AC1", TWILIO_AUTH_TOKEN="t"
    )
    assert "SMTP_URL: is missing, though ALERT_EMAIL is given; mail needs a mail server; give its address" in problems(
        ALERT_EMAIL="dona@example.com"
    )


def test_one_port_given_twice_is_named() -> None:
    (line,) = problems(INGRESS_PORT="23456", FRONTDESK_PORT="23456")
    assert line == "FRONTDESK_PORT: port 23456 is given to INGRESS_PORT too; choose another"


def replaced(url: str, **parts: str | int) -> str:
    """The URL with another user, password, port or path."""
    old = urlsplit(url)
    user = parts.get("user", old.username or "")
    password = parts.get("password", old.password or "")
    netloc = f"{user}:{password}@{old.hostname}:{parts.get('port', old.port)}"
    return urlunsplit(old._replace(netloc=netloc, path=str(parts.get("path", old.path))))


def test_a_wrong_password_of_the_database_is_told_as_that(database_url: str) -> None:
    (line,) = problems(DATABASE_URL=replaced(database_url, password="wrong-one"))
    assert line.endswith("refuses this user or password; check both")
    assert "wrong-one" not in line


def test_a_database_that_does_not_exist_is_told_as_that(database_url: str) -> None:
    (line,) = problems(DATABASE_URL=replaced(database_url, path="/no_such_database"))
    assert line.endswith("has no such database; create it")


def test_a_wrong_password_of_the_broker_is_told_as_that(amqp_url: str) -> None:
    (line,) = problems(RABBITMQ_URL=replaced(amqp_url, password="wrong-one"))
    assert line.endswith("refuses this user or password; check both")
    assert "wrong-one" not in line


def test_a_wrong_virtual_host_is_told_as_that(amqp_url: str) -> None:
    (line,) = problems(RABBITMQ_URL=replaced(amqp_url, path="/no_such_host"))
    assert "refuses this virtual host" in line


def test_a_wrong_password_of_redis_is_told_as_that(redis_url: str) -> None:
    if urlsplit(redis_url).password is None:
        pytest.skip("this server has no password")
    (line,) = problems(REDIS_URL=replaced(redis_url, password="wrong-one"))
    assert "this password" in line
    assert "wrong-one" not in line


@pytest.mark.parametrize(
    "name,scheme",
    [("RABBITMQ_URL", "amqp"), ("DATABASE_URL", "postgresql"), ("REDIS_URL", "redis"), ("QDRANT_URL", "http")],
)
def test_a_server_that_is_not_there_is_told_as_that(name: str, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    (line,) = problems(**{name: f"{scheme}://user:hidden@127.0.0.1:{port}/0"})
    assert line == f"{name}: nothing answers at 127.0.0.1:{port}; check host and port, and that the server runs"


def test_a_server_that_says_nothing_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.connections.PATIENCE_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        (line,) = problems(DATABASE_URL=f"postgresql://u:p@127.0.0.1:{port}/d")
    assert f"127.0.0.1:{port} does not answer within" in line


def test_a_mistake_in_the_unit_file_is_told_with_file_and_key(tmp_path: Path) -> None:
    text = (project_folder() / "unit.toml").read_text(encoding="utf-8")
    file = tmp_path / "minha-unidade.toml"
    file.write_text(text.replace("monthly_per_subject = 375.00", 'monthly_per_subject = "muito"'), encoding="utf-8")
    (line,) = problems(UNIT_FILE=str(file))
    assert line.startswith("UNIT_FILE: minha-unidade.toml: ")
    assert "monthly_per_subject" in line


def test_the_command_prints_each_problem_and_fails(make_installation: Callable[..., Any]) -> None:
    installation = make_installation(BURST_WINDOW_S="soon", ALERT_EMAIL="x")
    done = installation.run("doctor")
    assert done.returncode == 1
    assert "✗ BURST_WINDOW_S: must be a number from 0 to 120\n" in done.stdout
    listed = json.loads(installation.run("doctor", "--json").stdout)
    assert {"variable": "ALERT_EMAIL", "text": "is not an e-mail address"} in listed
    fine = installation.run("doctor", BURST_WINDOW_S="", ALERT_EMAIL="")
    assert (fine.returncode, fine.stdout) == (0, "no problem found\n")


def test_ports_of_the_running_system_are_no_problem(installation: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    installation.up(INGRESS_PORT=port)
    assert installation.run("doctor", INGRESS_PORT=port).returncode == 0
    installation.run("down")
    with socket.create_server(("127.0.0.1", int(port))):
        assert installation.run("doctor", INGRESS_PORT=port).returncode == 1
