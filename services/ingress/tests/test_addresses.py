import pytest
from contracts import conversation_id
from contracts.ingress import Address
from ingress_service.channels.evolution.people import Jid, conversation, e164, of_key, person
from ingress_service.channels.results import Ignored, Unreadable


@pytest.mark.parametrize(
    "digits, phone",
    [
        ("5551987654321", "+5551987654321"),
        ("555187654321", "+5551987654321"),
        ("555197654321", "+5551997654321"),
        ("555167654321", "+5551967654321"),
        ("5511987654321", "+5511987654321"),
        ("551187654321", "+5511987654321"),
        ("555133334444", "+555133334444"),  # a landline has no ninth digit
        ("5551", "+5551"),
        ("351912345678", "+351912345678"),
        ("12025550123", "+12025550123"),
        ("555887654321", "+555887654321"),  # no such area
    ],
)
def test_a_brazilian_mobile_gets_its_ninth_digit_and_nobody_else(digits: str, phone: str) -> None:
    assert e164(digits) == phone


@pytest.mark.parametrize(
    "written, kind, phone, lid",
    [
        ("5551987654321@s.whatsapp.net", "phone", "+5551987654321", None),
        ("5551987654321@S.WhatsApp.net", "phone", "+5551987654321", None),
        ("5551987654321@c.us", "phone", "+5551987654321", None),
        ("5551987654321@hosted", "phone", "+5551987654321", None),
        ("5551987654321:7@s.whatsapp.net", "phone", "+5551987654321", None),
        ("5551987654321_1:7@s.whatsapp.net", "phone", "+5551987654321", None),
        ("5551987654321", "phone", "+5551987654321", None),
        ("190000000000017@lid", "lid", None, "190000000000017@lid"),
        ("190000000000017:4@lid", "lid", None, "190000000000017@lid"),
        ("190000000000017@hosted.lid", "lid", None, "190000000000017@lid"),
        ("5551987654321@lid", "lid", None, "5551987654321@lid"),
        ("190000000000017", "unknown", None, None),
        ("200000000000001", "unknown", None, None),
        ("oi", "unknown", None, None),
        ("oi@s.whatsapp.net", "unknown", None, None),
        ("٥٥٥١٩٨٧٦٥٤٣٢١", "unknown", None, None),
        ("12@s.whatsapp.net", "unknown", None, None),
        ("5551987654321@example.org", "unknown", None, None),
        ("@s.whatsapp.net", "unknown", None, None),
        ("a@b@c", "unknown", None, None),
    ],
)
def test_a_jid_is_a_phone_a_lid_or_neither(written: str, kind: str, phone: str | None, lid: str | None) -> None:
    jid = Jid.read(written)
    assert jid is not None
    assert (jid.kind, jid.phone, jid.lid) == (kind, phone, lid)


@pytest.mark.parametrize("value", [None, "", "  ", 1.5, [], {}, True, "1" * 101])
def test_what_is_no_address_is_none(value: object) -> None:
    assert Jid.read(value) is None


@pytest.mark.parametrize(
    "written, reason",
    [
        ("120363000000000001@g.us", "group"),
        ("5551987654321-1600000000@g.us", "group"),
        ("status@broadcast", "status"),
        ("1790000000@broadcast", "broadcast"),
        ("120363111111111111@newsletter", "newsletter"),
        ("867051314767696@bot", "bot"),
        ("0@s.whatsapp.net", "system"),
        ("0@c.us", "system"),
    ],
)
def test_who_is_not_served_is_ignored_with_the_reason(written: str, reason: str) -> None:
    assert person([written]) == Ignored(reason)  # type: ignore[arg-type]  # the table's word is one of the reasons


def test_both_spellings_of_one_number_are_one_conversation() -> None:
    with_ninth = person(["5551987654321@s.whatsapp.net"])
    without = person(["555187654321@s.whatsapp.net"])
    assert isinstance(with_ninth, Address)
    assert isinstance(without, Address)
    assert conversation(with_ninth) == conversation(without) == conversation_id("+5551987654321")
    assert without.jid == "555187654321@s.whatsapp.net"


def test_a_lid_alone_is_its_own_conversation() -> None:
    address = person(["190000000000017@lid"])
    assert isinstance(address, Address)
    assert conversation(address) == conversation_id("190000000000017@lid")


def test_the_answer_goes_to_the_address_as_received_and_the_conversation_is_the_phones() -> None:
    address = person(["190000000000017@lid", "5551987654321@s.whatsapp.net"])
    assert address == Address(jid="190000000000017@lid", phone="+5551987654321", lid="190000000000017@lid")


def test_an_unknown_first_address_gives_way_to_a_known_one() -> None:
    address = person(["190000000000017", "5551987654321@s.whatsapp.net"])
    assert address == Address(jid="5551987654321@s.whatsapp.net", phone="+5551987654321")


def test_the_sender_names_the_person_only_when_the_person_wrote() -> None:
    key = {"remoteJid": "190000000000017@lid", "senderPn": "5551987654321@s.whatsapp.net"}
    theirs, ours = of_key(key, from_me=False), of_key(key, from_me=True)
    assert isinstance(theirs, Address)
    assert isinstance(ours, Address)
    assert (theirs.phone, ours.phone) == ("+5551987654321", None)


def test_nobody_is_named() -> None:
    assert person([None, ""]) == Unreadable("address")
    assert person(["oi"]) == Unreadable("address")
