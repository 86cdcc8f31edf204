"""A backup, a life after it, a disaster: what comes back, and what the phones show."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from assistant.ports import free_ports
from assistant.testing_system import System, running_system, until

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

CHANNEL = {
    "EVOLUTION_API_KEY": "a-key-of-the-tests",
    "EVOLUTION_INSTANCE": "kumon",
    "EVOLUTION_WEBHOOK_SECRET": "a-secret-of-the-tests-with-32-characters",
}


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[System]:
    """One process with a database of its own, and a WhatsApp that outlives it. On real time: its clock goes on, too."""
    sandbox, ingress = free_ports(2)
    webhook = f"http://127.0.0.1:{ingress}/webhooks/evolution"
    told = {**os.environ, **CHANNEL, "SANDBOX_PORT": str(sandbox), "SANDBOX_WEBHOOK_URL": webhook}
    outside = subprocess.Popen([sys.executable, "-m", "sandbox"], env=told, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{sandbox}"

    def is_there() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{url}/readyz").is_success
        return False

    knobs = {"RESEND_AFTER_S": "3", "CHANNEL_TIMEOUT_S": "3", "CATCH_UP_EVERY_S": "3", "ASSISTANT_NOW": ""}
    try:
        until(is_there, 30, "the sandbox answers")
        with running_system(
            tmp_path, together=True, EVOLUTION_URL=url, INGRESS_PORT=str(ingress), **CHANNEL, **knobs
        ) as running:
            yield running
    finally:
        outside.terminate()
        outside.wait(10)


def test_after_a_restore_all_is_known_and_nobody_hears_a_thing_twice(lonely: System, tmp_path: Path) -> None:
    ana, bia = lonely.parent("Ana"), lonely.parent("Bia")
    ana.ask("oi, sou a Ana, quanto custa matemática pro meu filho Pedro de 8 anos?")
    ana.ask("quero marcar uma visita")
    ana.ask("1")
    known = until(
        lambda: (told := ana.contact())["stage"] == "booked" and told["visits"] and told, 60, "the visit is booked"
    )
    file = tmp_path / "a.backup"
    told = json.loads(lonely.assistant("backup", str(file), "--json").stdout)
    assert told["rows"]["calendar.visits"] == 1

    bia.ask("oi, quanto custa português?")
    ana.ask("qual o endereço?")
    heard = {one.name: one.settled() for one in (ana, bia)}
    refused = lonely.assistant("restore", str(file), check=False)
    assert (refused.returncode, "the system runs" in refused.stderr) == (1, True)
    lonely.assistant("restore", str(file), "--force")
    lonely.up()

    kept = ("lead", "students", "visits")
    assert {key: ana.contact()[key] for key in kept} == {key: known[key] for key in kept}
    until(lambda: len(bia.contact()["messages"]) >= 2, 60, "what came after the backup is fetched from the channel")
    assert {one.name: one.settled(8) for one in (ana, bia)} == heard
    cai = lonely.parent("Caio")
    assert "375" in cai.ask("oi, quanto custa inglês?", 60), "life goes on"
