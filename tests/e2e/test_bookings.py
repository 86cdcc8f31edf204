"""Many families want the same few visits while calendar and dialogue are killed: nobody shares one, Google agrees."""

import json
import random
import threading
import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from assistant.ports import free_ports
from assistant.testing_system import Parent, System, running_system, settled, until
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

FAMILIES = 60
KILLS = 6
WANTED = [f"dia {day}/11 às {hour}h" for day in (24, 26) for hour in (9, 10, 11, 14, 15)]


def service_account(sandbox: str) -> str:
    """A key that Google's token endpoint in the sandbox takes."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    return json.dumps({"client_email": "a@sandbox", "private_key": pem, "token_uri": f"{sandbox}/google/token"})


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own, with a Google Calendar."""
    port = free_ports(1)[0]
    sandbox = f"http://127.0.0.1:{port}"
    with running_system(
        tmp_path_factory.mktemp("system"),
        SANDBOX_PORT=str(port),
        GOOGLE_CALENDAR_ID="unidade@sandbox.calendar",
        GOOGLE_SERVICE_ACCOUNT_JSON=service_account(sandbox),
        GOOGLE_API_ENDPOINT=f"{sandbox}/google/calendar/v3/",
    ) as running:
        yield running


def killing(system: System) -> threading.Thread:
    """Kill calendar and dialogue now and then, until all lives are used up."""

    def kill() -> None:
        for _ in range(KILLS):
            time.sleep(random.uniform(0.5, 3))  # a test's dice
            system.kill(random.choice(["calendar", "dialogue"]))  # same

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def in_google(system: System) -> list[datetime]:
    items = system.http.get(f"{system.sandbox}/sandbox/google/events").json()["items"]
    return sorted(datetime.fromisoformat(item["start"]["dateTime"]) for item in items)


def visits_of(parent: Parent) -> list[datetime]:
    return [datetime.fromisoformat(each["start"]) for each in parent.contact()["visits"] if each["status"] == "booked"]


def test_sixty_families_who_want_ten_slots_get_one_visit_each_or_another_offer(system: System) -> None:
    families = [system.parent() for _ in range(FAMILIES)]
    dying = killing(system)
    for number, family in enumerate(families):
        family.write(f"oi, quero marcar uma visita {WANTED[number % len(WANTED)]}")
    for family in families:
        until(family.received, 90, "an offer")
    offers = settled(families, 3)
    for family, offer in zip(families, offers, strict=True):
        family.write("1" if "1)" in offer[-1] else "sim")
    for family, offer in zip(families, offers, strict=True):
        until(lambda family=family, offer=offer: len(family.received()) > len(offer), 90, "an answer")
    dying.join()
    until(system.ready, 30, "every service is ready")
    answers = settled(families, 5)
    visits = [visits_of(family) for family in families]
    booked = sorted(start for each in visits for start in each)
    assert len(booked) == len(set(booked))
    assert len(booked) >= len(WANTED)
    for said, has in zip(answers, visits, strict=True):
        assert len(has) <= 1
        assert sum("marcada!" in text for text in said) == len(has)
    until(lambda: in_google(system) == booked, 90, "Google shows every visit once")
