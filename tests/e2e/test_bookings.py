"""Many families want the same ten visits at once while calendar's copies and dialogue are killed: nobody shares one.

With all two hundred families: `FAMILIES=200 ./assistant test tests/e2e/test_bookings.py`.
"""

import json
import operator
import os
import random
import re
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from assistant.home import Home
from assistant.plan import read_plan, read_state
from assistant.ports import free_ports
from assistant.testing_system import ROOT, Parent, System, running_system, until
from assistant.testing_volume import volume
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

FAMILIES = int(os.environ.get("FAMILIES") or volume(20, thorough=60))
KILLS = volume(1, thorough=2)
"""Of each, in each round of messages."""
ANOTHER = "calendar-2"
VICTIMS = ("calendar", ANOTHER, "dialogue")
WANTED = [
    datetime.fromisoformat(f"2026-11-{day}T{hour:02}:00:00-03:00") for day in (24, 26) for hour in (9, 10, 11, 14, 15)
]
PATIENCE_S = 60 + 2 * FAMILIES
ROUNDS = 4
"""Within so many every wanted visit is booked: each is offered to somebody in one round, who takes it in the next."""
QUIET_S = 3
BOOKED = "marcada!"
LISTED = re.compile(r"^(\d)\) .*, (\d\d)/(\d\d), (\d+)h(\d\d)$", re.MULTILINE)
"""A free time to choose: its number, day, month, hour and minute."""
EXCUSE = re.compile("desculp|não consegu|não consigo", re.IGNORECASE)


def service_account(sandbox: str) -> str:
    """A key that Google's token endpoint in the sandbox takes."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    return json.dumps({"client_email": "a@sandbox", "private_key": pem, "token_uri": f"{sandbox}/google/token"})


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own, with a Google Calendar and two copies of calendar."""
    port = free_ports(1)[0]
    sandbox = f"http://127.0.0.1:{port}"
    with running_system(
        tmp_path_factory.mktemp("system"),
        SANDBOX_PORT=str(port),
        GOOGLE_CALENDAR_ID="unidade@sandbox.calendar",
        GOOGLE_SERVICE_ACCOUNT_JSON=service_account(sandbox),
        GOOGLE_API_ENDPOINT=f"{sandbox}/google/calendar/v3/",
    ) as running:
        start_another_copy(running)
        yield running


def start_another_copy(system: System) -> None:
    """Have the supervisor keep a second calendar running, beside the first."""
    home = Home(system.home, ROOT)
    plan = read_plan(home)
    assert plan
    (calendar,) = (program for program in plan.programs if program.name == "calendar")
    environment = {**calendar.env, "SERVICE_PORT": str(free_ports(1)[0])}
    another = replace(calendar, name=ANOTHER, env=environment, log=calendar.log.with_name(f"{ANOTHER}.log"))
    replace(plan, programs=(*plan.programs, another)).write(home)
    os.kill(read_state(home)["supervisor"], signal.SIGHUP)
    until(lambda: system.pid(ANOTHER), 30, "the second copy runs")


@contextmanager
def killing(system: System) -> Iterator[None]:
    """Kill each copy of calendar, and dialogue, in any order."""

    def kill() -> None:
        for victim in random.sample([*VICTIMS] * KILLS, len(VICTIMS) * KILLS):  # a test's dice
            time.sleep(random.uniform(0.2, 2))  # same
            system.kill(victim)

    thread = threading.Thread(target=kill)
    thread.start()
    yield
    thread.join()


def received(families: Sequence[Parent]) -> list[list[str]]:
    """What each family was sent."""
    system, texts = families[0].system, defaultdict[str, list[str]](list)
    for message in system.http.get(f"{system.sandbox}/sandbox/messages").json()["items"]:
        if message["author"] == "api":
            texts[message["phone"].removeprefix("+")].append(message["text"])
    return [texts[family.phone.removeprefix("+")] for family in families]


def all_write(families: Sequence[Parent], texts: Sequence[str]) -> list[str]:
    """Everybody writes at once while there is killing; the answers, when each has one and nobody gets any more."""
    before = [len(texts) for texts in received(families)]
    with killing(families[0].system), ThreadPoolExecutor(16) as pool:
        list(pool.map(Parent.write, families, texts))
        until(lambda: all(map(operator.gt, counted(families), before)), PATIENCE_S, "an answer for each family")
    until(families[0].system.ready, 120, "every service is ready")
    seen, since = received(families), time.monotonic()
    while time.monotonic() - since < QUIET_S:
        time.sleep(0.2)
        now = received(families)
        if now != seen:
            seen, since = now, time.monotonic()
    return ["\n".join(texts[had:]) for texts, had in zip(seen, before, strict=True)]


def counted(families: Sequence[Parent]) -> list[int]:
    time.sleep(0.2)
    return [len(texts) for texts in received(families)]


def in_google(system: System) -> list[datetime]:
    items = system.http.get(f"{system.sandbox}/sandbox/google/events").json()["items"]
    return sorted(datetime.fromisoformat(item["start"]["dateTime"]) for item in items)


def visits_of(parent: Parent) -> list[datetime]:
    return [datetime.fromisoformat(each["start"]) for each in parent.contact()["visits"] if each["status"] == "booked"]


def what_follows(answer: str, wanted: datetime) -> str:
    """Confirm what was free; else choose one of the ten from the list, where one is on it; else insist."""
    listed = LISTED.findall(answer)
    if not listed:
        return "sim"
    for choice, day, month, hour, minute in listed:
        if wanted.replace(day=int(day), month=int(month), hour=int(hour), minute=int(minute)) in WANTED:
            return str(choice)
    return f"queria dia {wanted:%d/%m} às {wanted.hour}h mesmo"


def errors(system: System) -> int:
    """How many messages no service could handle."""
    return sum(queue["dead"] or 0 for queue in system.status()["queues"])


def agreed(families: Sequence[Parent], told: int) -> list[datetime]:
    """Every visit that stands, each once, when the front desk shows as many as were told of, and Google the same."""

    def shown() -> list[list[datetime]] | None:
        visits = [visits_of(family) for family in families]
        return visits if sum(map(len, visits)) >= told else None

    visits = until(shown, 60, f"{told} visits at the front desk")
    assert all(len(each) <= 1 for each in visits)
    booked = sorted(start for each in visits for start in each)
    assert len(booked) == len(set(booked))
    until(lambda: in_google(families[0].system) == booked, 180, "Google shows every visit once")
    return booked


def test_of_all_families_who_want_ten_visits_ten_get_one_and_all_others_another_offer(system: System) -> None:
    families = [system.parent() for _ in range(FAMILIES)]
    wanted = [WANTED[number % len(WANTED)] for number in range(FAMILIES)]

    asked = [f"oi, quero marcar uma visita dia {at:%d/%m} às {at.hour}h" for at in wanted]
    answers = all_write(families, asked)
    assert not [answer for answer in answers if EXCUSE.search(answer)]
    booked = [False] * FAMILIES
    for _ in range(ROUNDS):
        trying = [number for number in range(FAMILIES) if not booked[number]]
        insisting = [what_follows(answers[number], wanted[number]) for number in trying]
        for number, answer in zip(trying, all_write([families[each] for each in trying], insisting), strict=True):
            answers[number] = answer
            booked[number] = BOOKED in answer
        if sum(booked) >= len(WANTED):
            break
    assert agreed(families, len(WANTED)) == WANTED
    assert all(has or LISTED.search(answer) for has, answer in zip(booked, answers, strict=True))

    others = [family for family, has in zip(families, booked, strict=True) if not has]
    chosen = all_write(others, ["1" for _ in others])
    visits = len(WANTED) + sum(BOOKED in answer for answer in chosen)
    assert len(agreed(families, visits)) == visits
    assert all(BOOKED in answer or LISTED.search(answer) for answer in chosen)
    assert errors(system) == 0
