"""The unit books, moves and blocks in its agenda, and the family is told: over HTTP, with everything running."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from assistant import clock
from assistant.home import Home
from assistant.testing_system import KEPT, ROOT, System, until

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

FREE = r"/agenda/horario\?inicio=([0-9T:-]+)&amp;fim="


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return found[1]


@pytest.fixture
def desk(steady: System) -> Iterator[httpx.Client]:
    """Somebody who is signed in at the front desk."""
    with httpx.Client(base_url=steady.frontdesk, follow_redirects=True, timeout=10, limits=KEPT) as client:
        form = {"form_token": hidden(client.get("/entrar"), "form_token"), "username": "owner"}
        client.post("/entrar", data={**form, "password": "a-password-of-the-tests"}).raise_for_status()
        yield client


def week(desk: httpx.Client, address: str) -> str:
    """Return the page of a week, as soon as the calendar tells what is in it."""

    def told() -> str | None:
        page = desk.get(address).raise_for_status().text
        return None if "A agenda não respondeu agora." in page else page

    return until(told, 60, "the calendar answers")


def free_times(desk: httpx.Client) -> tuple[str, list[str]]:
    """Return the address of the next week that has free times, and those times."""
    address = "/agenda"
    for _ in range(3):
        following = re.search(r'href="([^"]+)" aria-label="Semana seguinte"', week(desk, address))
        assert following
        address = following[1]
        times = re.findall(FREE, week(desk, address))
        if times:
            return address, times
    raise AssertionError("no free time in three weeks")


def test_a_visit_that_the_unit_books_is_confirmed_to_the_family_and_a_blocked_time_is_gone(
    steady: System, desk: httpx.Client
) -> None:
    parent = steady.parent("Bia")
    parent.ask("oi, quanto custa?")
    address, times = free_times(desk)
    page = desk.get("/agenda/horario", params={"inicio": times[-1], "para": parent.phone})
    form = {name: hidden(page, name) for name in ("form_token", "nonce")}
    before = len(parent.received())
    booked = desk.post(
        "/agenda/visitas", data={**form, "inicio": times[-1], "parent_name": "Bia Lima", "phone": parent.phone}
    )
    assert booked.status_code == 200
    assert "Rua Amoreira, 571" in parent.reply_after(before)
    (visit,) = until(lambda: parent.contact()["visits"], 20, "the visit stands")
    assert (visit["status"], visit["start"][:16]) == ("booked", times[-1])
    assert "Bia Lima" in desk.get(address).text

    page = desk.get("/agenda/horario", params={"inicio": times[0]})
    form = {name: hidden(page, name) for name in ("form_token", "nonce", "day", "start", "end")}
    desk.post("/agenda/bloqueios", data={**form, "name": "Reunião"}).raise_for_status()
    after = until(lambda: "Reunião" in (page := week(desk, address)) and page, 20, "the block stands")
    assert times[0] not in re.findall(FREE, after)
    block = re.search(r"/agenda/bloqueios/([0-9a-f-]+)/liberar", after)
    assert block
    form = {name: form[name] for name in ("form_token", "nonce", "day")}
    desk.post(f"/agenda/bloqueios/{block[1]}/liberar", data=form).raise_for_status()
    until(lambda: times[0] in re.findall(FREE, week(desk, address)), 20, "the time is free again")


@pytest.fixture
def home(steady: System) -> Iterator[Home]:
    """The system's home; its clock is put back afterwards."""
    home = Home(steady.home, ROOT)
    offset = home.clock_file.read_text(encoding="utf-8")
    yield home
    home.clock_file.write_text(offset, encoding="utf-8")


def test_a_family_that_never_wrote_is_reminded_and_confirms_by_a_one(
    steady: System, desk: httpx.Client, home: Home
) -> None:
    parent = steady.parent("Caio")
    _, times = free_times(desk)
    page = desk.get("/agenda/horario", params={"inicio": times[-1]})
    form = {name: hidden(page, name) for name in ("form_token", "nonce")}
    family = {"inicio": times[-1], "parent_name": "Caio Reis", "phone": parent.phone}
    desk.post("/agenda/visitas", data={**form, **family}).raise_for_status()
    until(lambda: parent.contact()["visits"], 30, "the visit stands")
    assert parent.received() == []

    start = datetime.fromisoformat(times[-1]).replace(tzinfo=ZoneInfo("America/Sao_Paulo"))
    clock.move(home, (start - timedelta(hours=2, seconds=1)).isoformat())
    reminder = parent.reply_after(0)
    assert "assistente virtual do Kumon Vila A" in reminder
    assert "1 confirmo, 2 quero remarcar" in reminder
    answer = parent.ask("1")
    assert re.search("Obrigada por confirmar|Que bom, obrigada", answer)
    assert len(parent.contact()["visits"]) == 1
