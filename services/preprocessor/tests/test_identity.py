"""Who an address is."""

import pytest
from contracts import conversation_id
from contracts.ingress import Address
from hypothesis import given
from hypothesis import strategies as st
from preprocessor_service.identity import e164, person


@pytest.mark.parametrize(
    "given_phone, written",
    [
        ("+5551987650001", "+5551987650001"),
        ("5551987650001", "+5551987650001"),
        ("+555187650001", "+5551987650001"),  # WhatsApp leaves the ninth digit out for many areas
        ("+551187650001", "+5511987650001"),
        ("+555133334444", "+555133334444"),  # a landline has none
        ("+14155550100", "+14155550100"),
        ("+55 (51) 98765-0001", "+5551987650001"),
    ],
)
def test_a_phone_is_written_in_one_way(given_phone: str, written: str) -> None:
    assert e164(given_phone) == written


@given(st.from_regex(r"\+?[1-9][0-9]{7,14}", fullmatch=True))
def test_writing_a_phone_twice_changes_nothing(phone: str) -> None:
    assert e164(e164(phone)) == e164(phone)


@pytest.mark.parametrize(
    "address, phone, lid",
    [
        (Address(jid="5551987650001@s.whatsapp.net", phone="+5551987650001"), "+5551987650001", None),
        (Address(jid="555187650001@s.whatsapp.net"), "+5551987650001", None),
        (Address(jid="555187650001:7@s.whatsapp.net"), "+5551987650001", None),
        (Address(jid="200000000000001@lid"), None, "200000000000001@lid"),
        (Address(jid="200000000000001@lid", phone="555187650001"), "+5551987650001", "200000000000001@lid"),
    ],
)
def test_an_address_is_read_with_all_its_names(address: Address, phone: str | None, lid: str | None) -> None:
    who = person(address)
    assert (who.address.phone, who.address.lid, who.address.jid) == (phone, lid, address.jid)
    assert who.is_identified
    assert who.conversation("cnv_other") == conversation_id(phone or lid or "")


def test_an_alias_fills_in_a_phone_and_never_replaces_one() -> None:
    by_lid = person(Address(jid="2@lid"))
    assert by_lid.with_phone("+5551987650001").address.phone == "+5551987650001"
    assert by_lid.with_phone(None).address.phone is None
    known = person(Address(jid="2@lid", phone="+5551987650001"))
    assert known.with_phone("+5551900000000").address.phone == "+5551987650001"


def test_an_address_that_names_nobody_stays_in_the_conversation_that_it_came_in() -> None:
    nobody = person(Address(jid="what@ever"))
    assert not nobody.is_identified
    assert nobody.conversation("cnv_other") == "cnv_other"
