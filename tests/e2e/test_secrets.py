"""Where everybody may look, no secret is to be seen: logs, traces, dead letters, command lines, other services."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from assistant import programs
from assistant.home import Home
from assistant.plan import Plan, read_plan
from assistant.testing_own_store import PASSWORDS
from assistant.testing_system import ROOT, System, until

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

SECRET = re.compile(r"(PASSWORD|SECRET|API_KEY|TOKEN|SERVICE_ACCOUNT_JSON)$")
TEXT = "meu nome é Zoraide Quintanilha e quero saber o preço de matemática"


def plan_of(system: System) -> Plan:
    plan = read_plan(Home(system.home, ROOT))
    assert plan is not None
    return plan


def secrets_of(system: System) -> dict[str, str]:
    """Every secret of the running system, by name."""
    plan = plan_of(system)
    made = json.loads((system.home / "data/secrets.json").read_text())
    given = {
        name: value
        for program in plan.programs
        for name, value in program.env.items()
        if SECRET.search(name) and value != "sandbox"
    }
    of_urls = {
        f"password of {url}": match[1] for url in plan.urls.values() if (match := re.search(r":([^:/@]+)@", url))
    }
    return {name: value for name, value in {**made, **given, **of_urls}.items() if len(value) >= 8}


def files(system: System) -> Iterator[Path]:
    """Logs, and traces as far as they are kept in files."""
    yield from system.home.glob("log/*")
    yield from (path for path in system.home.glob("**/*trace*") if path.is_file())


@pytest.fixture
def busy(steady: System) -> System:
    """The system, after it was spoken to in every way that may go wrong."""
    parent = steady.parent("Zoraide")
    parent.ask(TEXT)
    webhook = f"{steady.ingress}/webhooks/evolution"
    secret = {"X-Webhook-Secret": steady.environment["EVOLUTION_WEBHOOK_SECRET"]}
    key = steady.environment["EVOLUTION_API_KEY"]
    assert steady.http.post(webhook, content=b"{}", headers={"X-Webhook-Secret": "a-wrong-guess"}).status_code == 401
    unreadable = json.dumps({"event": "messages.upsert", "apikey": key, "data": 7})
    assert steady.http.post(webhook, content=unreadable, headers=secret).status_code == 200
    token, password = f"{steady.frontdesk}/api/v1/auth/token", steady.environment["FRONTDESK_PASSWORD"]
    login = {"username": "owner", "password": "a-wrong-password-of-somebody"}
    assert steady.http.post(token, json=login).status_code == 401
    right = {"username": "owner", "password": password}  # five wrong ones would lock the owner out for other tests
    steady.http.post(token, json=right).raise_for_status()
    return steady


def test_no_secret_is_in_a_log_a_trace_or_a_dead_letter(busy: System) -> None:
    secrets = secrets_of(busy)
    assert {"EVOLUTION_WEBHOOK_SECRET", "FRONTDESK_PASSWORD", "FRONTDESK_JWT_SECRET", "POSTGRESQL_PASSWORD"} <= set(
        secrets
    )
    until(lambda: json.loads(busy.assistant("dead", "list", "--json").stdout), 20, "the unreadable body is kept")
    dead = busy.assistant("dead", "list", "--json").stdout
    bodies = "".join(busy.assistant("dead", "show", each["id"], "--json").stdout for each in json.loads(dead))
    seen = {str(path): path.read_bytes().decode("utf-8", "replace") for path in files(busy)}
    assert len(seen) >= 8
    seen |= {"dead letters": dead + bodies, "status": json.dumps(busy.status())}
    for guess in ("a-wrong-guess", "a-wrong-password-of-somebody"):
        secrets[guess] = guess
    assert [(where, name) for where, text in seen.items() for name, value in secrets.items() if value in text] == []


def test_nothing_that_a_family_wrote_or_is_called_is_in_a_log_or_a_trace(busy: System) -> None:
    for path in files(busy):
        text = path.read_bytes().decode("utf-8", "replace")
        assert not [word for word in ("Zoraide", "Quintanilha", "saber o preço") if word in text], path


def test_no_command_line_of_this_machine_shows_a_secret(busy: System) -> None:
    secrets = secrets_of(busy)
    lines = []
    for process in psutil.process_iter():
        try:
            lines.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    assert [name for line in lines for name, value in secrets.items() if value in line] == []


def test_nothing_listens_beyond_this_machine(busy: System) -> None:
    listening = []
    for process in programs.marked(busy.home):
        with suppress(psutil.NoSuchProcess):  # one that has ended since, as PostgreSQL's do with each connection
            told = process.net_connections("inet")
            listening += [listener.laddr.ip for listener in told if listener.status == psutil.CONN_LISTEN]
    assert len(listening) >= len(PASSWORDS)
    assert set(listening) <= {"127.0.0.1", "::1"}


def test_a_service_knows_the_password_of_no_other_and_of_no_owner(busy: System) -> None:
    plan = plan_of(busy)
    made = json.loads((busy.home / "data/secrets.json").read_text())
    owners = {name: value for name, value in made.items() if name in {"RABBITMQ_PASSWORD", "POSTGRESQL_PASSWORD"}}
    theirs = {name: {PASSWORDS[name], made[f"{name.upper().replace('-', '_')}_STORES_PASSWORD"]} for name in PASSWORDS}
    for name in PASSWORDS:
        (program,) = (program for program in plan.programs if program.name == name)
        pid = busy.pid(name)
        assert pid is not None
        known = " ".join(psutil.Process(pid).environ().values())
        strangers = {other for other, words in theirs.items() if other != name and any(word in known for word in words)}
        assert strangers == set(), program.name
        assert not [owner for owner, value in owners.items() if value in known], program.name
