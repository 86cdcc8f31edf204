"""The list of conversations: in pages, searched by whatever somebody remembers, and what of it changed."""

import re
from typing import Any

import pytest
from contracts.dialogue import Lead, Student
from contracts.preprocessor import ContactsMerged
from frontdesk_service.projections import overview
from frontdesk_service.projections.overview import PAGE, Cursor
from frontdesk_service.rebuilding import Rebuilding
from frontdesk_service.tokens import Account

pytestmark = pytest.mark.stores


async def look(frontdesk: Any, address: str = "/", **params: Any) -> str:
    """Return a page of the list as somebody signed in gets it."""
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("maria", "owner")))
        return str((await client.get(address, params=params or None)).raise_for_status().text)


def rows(page: str) -> list[str]:
    """Return who is in the list, by the digits of their phones, in order."""
    return re.findall(r'<li id="e-([^"]+)"', page)


async def families(frontdesk: Any, family: Any, count: int) -> list[Any]:
    """Let so many families write, one after another."""
    those = [family(phone=f"+555198000{number:04}", name=f"Família {number}") for number in range(count)]
    for each in those:
        await frontdesk.deliver(each.says("oi"))
    return those


async def test_a_long_list_comes_in_pages_with_everybody_on_exactly_one(frontdesk: Any, family: Any) -> None:
    those = await families(frontdesk, family, 2 * PAGE + 7)
    await frontdesk.deliver(those[3].handed_over())  # who waits is on the first page, however long ago they wrote
    seen, address = [], "/"
    pages = 0
    while address:
        page = await look(frontdesk, address)
        seen += rows(page)
        more = re.search(r'href="(/\?depois=[^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
        pages += 1
    assert pages == 3
    newest_first = [each.phone.removeprefix("+") for each in reversed(those)]
    waits = those[3].phone.removeprefix("+")
    assert seen[0] == waits
    assert [each for each in seen if each != waits] == [each for each in newest_first if each != waits]


@pytest.mark.parametrize(
    "words",
    [
        *("débora", "DEBORA", "debora souza", "souza deb", "théo", "theo", "silva-e-sa", "debora@example.com"),
        *("(51) 98765-0001", "98765 0001", "0001", "5551987650001", "+55 51 98765-0001", "8765-0001"),
    ],
)
async def test_somebody_is_found_by_name_child_phone_or_mail(frontdesk: Any, family: Any, words: str) -> None:
    debora, other = family(name="Débora"), family(phone="+5551980000002", name="Tiago")
    lead = Lead(
        parent_name="Débora Souza",
        phone=debora.phone,
        email="debora@example.com",
        students=(Student(name="Lia"), Student(name="Théo Silva-e-Sá")),
    )
    await frontdesk.deliver(debora.says("oi"), debora.learns(lead), other.says("olá"))
    assert rows(await look(frontdesk, busca=words)) == ["5551987650001"]


@pytest.mark.parametrize("words", ["bora", "debora tiago", "99999", "' or 1=1 --", "&|!():*", "a" * 100])
async def test_whoever_is_not_meant_is_not_found(frontdesk: Any, family: Any, words: str) -> None:
    debora, other = family(name="Débora"), family(phone="+5551980000002", name="Tiago")
    await frontdesk.deliver(debora.says("oi"), other.says("olá"))
    page = await look(frontdesk, busca=words)
    assert rows(page) == []
    assert "Ninguém com" in page


async def test_what_many_have_is_found_as_what_few_have_newest_first_and_page_by_page(
    frontdesk: Any, family: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    those = await families(frontdesk, family, PAGE + 3)
    lid = "200000000000001@lid"
    before, ana = family(phone=None, lid=lid), family(lid=lid, name="Família")
    await frontdesk.deliver(before.says("oi"), ana.says("oi"), family(phone="+5551980000009", name="Zoé").says("oi"))
    await frontdesk.deliver(ana.fact(ContactsMerged(merged=before.subject, contact=ana.contact)))
    those.append(ana)

    async def pages() -> list[list[str]]:
        first = await look(frontdesk, busca="fam")
        more = re.search(r'href="(/\?[^"]*depois=[^"]+)"', first)
        assert more
        return [rows(first), rows(await look(frontdesk, more[1].replace("&amp;", "&")))]

    few = await pages()
    assert few[0] + few[1] == [each.phone.removeprefix("+") for each in reversed(those)]
    monkeypatch.setattr(overview, "FEW", 3)
    assert await pages() == few


async def test_a_new_name_is_found_at_once_and_the_old_one_no_more(frontdesk: Any, family: Any) -> None:
    ana = family(name="Aninha")
    await frontdesk.deliver(ana.says("oi"), ana.learns(Lead(parent_name="Ana Lima", phone=ana.phone)))
    assert rows(await look(frontdesk, busca="lima"))
    await frontdesk.deliver(ana.learns(Lead(parent_name="Ana Prado", phone=ana.phone)))
    assert rows(await look(frontdesk, busca="lima")) == []
    assert rows(await look(frontdesk, busca="prado"))
    await Rebuilding(frontdesk.store, frontdesk.changes).run()
    assert rows(await look(frontdesk, busca="prado"))


async def test_what_was_erased_is_found_by_nothing(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.learns(Lead(parent_name="Ana Lima", phone=ana.phone)))
    async with frontdesk.client() as client:
        await client.delete(f"/api/v1/contacts/{ana.phone}")
    assert await frontdesk.store.pool.fetchval("select count(*) from found_by") == 0


async def test_somebody_first_known_by_a_lid_is_one_row_wherever_they_wrote_last(frontdesk: Any, family: Any) -> None:
    lid = "200000000000001@lid"
    before, ana = family(phone=None, lid=lid), family(lid=lid)
    await frontdesk.deliver(before.says("oi"))
    assert rows(await look(frontdesk)) == [before.subject]
    merged = ana.fact(ContactsMerged(merged=before.subject, contact=ana.contact))
    await frontdesk.deliver(merged, ana.says("sou eu"))
    assert rows(await look(frontdesk)) == ["5551987650001"]
    await frontdesk.deliver(before.says("e ainda aqui"))
    page = await look(frontdesk)
    assert rows(page) == ["5551987650001"]
    assert "e ainda aqui" in page
    assert rows(await look(frontdesk, "/mudancas", de=[before.subject])) == ["5551987650001"]


async def test_an_open_page_gets_only_the_rows_that_changed_and_the_conversation_that_is_open(
    frontdesk: Any, family: Any
) -> None:
    ana, bia = family(), family(phone="+5551980000002", name="Bia")
    await frontdesk.deliver(ana.says("oi, é a Ana"), bia.says("oi, é a Bia"))
    elsewhere = await look(frontdesk, "/mudancas", de=[bia.subject], aberta="5551987650001")
    assert rows(elsewhere) == ["5551980000002"]
    assert 'id="bubbles"' not in elsewhere
    here = await look(frontdesk, "/mudancas", de=[ana.subject], aberta="5551987650001")
    assert rows(here) == ["5551987650001"]
    assert 'id="bubbles"' in here
    assert "é a Bia" not in here


@pytest.mark.parametrize("given", ["", "x", "2026-11-23~", "~", "2026-99-99T00:00~cnv", "2026-11-23T10:00:00~cnv"])
async def test_a_place_in_the_list_that_makes_no_sense_is_no_error(frontdesk: Any, ana: Any, given: str) -> None:
    await frontdesk.deliver(ana.says("oi"))
    assert "Recepção" in await look(frontdesk, depois=given)


def test_a_place_in_the_list_is_read_as_it_was_written(clock: Any) -> None:
    cursor = Cursor(clock(), "cnv_1~2")
    assert Cursor.read(str(cursor)) == cursor
