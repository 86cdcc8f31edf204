"""What a parent gets, over HTTP only: a webhook goes in, `sendText` comes out."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from assistant.testing_system import System, until

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

QUESTION = "oi, quanto custa o kumon de matemática e português?"
BOOKED = "marcada!"


def test_the_price_of_two_subjects_is_told_with_its_total(steady: System) -> None:
    reply = steady.parent().ask(QUESTION)
    assert "R$ 375,00" in reply
    assert "R$ 100,00" in reply
    assert "R$ 850,00" in reply
    assert not re.search(r"R\$ (?!375,00|100,00|750,00|850,00)", reply)


def test_the_hours_and_the_address_are_told(steady: System) -> None:
    parent = steady.parent()
    hours = parent.ask("Bom dia! Qual o horário de funcionamento?")
    assert re.search(r"segunda.*sexta", hours, re.IGNORECASE)
    assert all(hour in hours.replace(":00", "h") for hour in ("9h", "12h", "14h", "17h"))
    assert "Rua Amoreira, 571" in parent.ask("e onde fica?")


def test_a_question_beyond_the_facts_is_answered_honestly_with_the_contact_number(steady: System) -> None:
    reply = steady.parent().ask("vcs tem piscina aquecida na unidade?")
    assert "(51) 99692-1999" in reply


def test_a_visit_is_booked_in_under_ten_messages_and_stands_in_the_front_desk(steady: System) -> None:
    parent = steady.parent("Ana")
    said = [
        QUESTION,
        "Ana Souza",
        "é pro meu filho Pedro, ele tem 8 anos e tá no 3o ano",
        "ana.souza@example.com",
        "quero agendar uma visita, pode ser à tarde",
        "1",
        "sim",
        "ana.souza@example.com",
        "sim, pode confirmar",
    ]
    for text in said:
        reply = parent.ask(text)
        if BOOKED in reply:
            break
    assert len([message for message in parent.chat() if message["author"] == "parent"]) < 10
    assert "Rua Amoreira, 571" in reply
    assert "(51) 99692-1999" in reply
    contact = until(
        lambda: (c := parent.contact())["stage"] == "booked" and c["visits"] and c, 60, "the visit and its stage"
    )
    assert contact["lead"]["parent_name"] == "Ana Souza"
    assert contact["lead"]["student_name"] == "Pedro"
    assert contact["lead"]["student_age"] == 8
    assert contact["lead"]["school_grade"] == "ef3"
    assert sorted(contact["lead"]["subjects"]) == ["matematica", "portugues"]
    (visit,) = contact["visits"]
    assert visit["status"] == "booked"
    assert re.fullmatch(r"2026-1[12]-\d\dT1[4-6]:[03]0:00-03:00", visit["start"])


def test_two_parents_who_want_the_same_slot_get_one_visit_and_one_other_offer(steady: System) -> None:
    parents = [steady.parent("Bia"), steady.parent("Caio")]
    for parent in parents:
        parent.ask("oi, quero agendar uma visita amanhã às 15h")

    def book(index: int) -> None:
        parent = parents[index]
        for text in (
            "Meu nome é Bia Lima",
            "Minha filha Lia, 7 anos, 2o ano",
            "matemática",
            "bia@example.com",
            "amanhã às 15h",
            "sim",
            "1",
            "sim",
        ):
            if parent.contact()["visits"]:
                break
            parent.ask(text)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(book, range(2)))
    starts = [
        visit["start"] for parent in parents for visit in parent.contact()["visits"] if visit["status"] == "booked"
    ]
    assert len(starts) == len(set(starts))


def test_a_burst_of_three_messages_gets_one_reply(steady: System) -> None:
    parent = steady.parent()
    for text in ("oi", "tudo bem?", "quanto custa matemática?"):
        parent.write(text)
    parent.reply_after(0)
    bubbles = parent.settled(3)
    assert len(bubbles) <= 3
    assert sum("R$ 475,00" in bubble for bubble in bubbles) == 1
    assert sum("Cecília" in bubble for bubble in bubbles) <= 1


def test_the_same_webhook_twice_gets_one_reply(steady: System) -> None:
    parent = steady.parent()
    same = parent.write("qual o endereço?", id="3ADUPLICATE")
    parent.reply_after(0)
    before = parent.settled()
    assert parent.write("qual o endereço?", id=same) == same
    assert parent.settled(4) == before


def test_a_message_of_a_group_or_a_status_is_not_answered(steady: System) -> None:
    for jid in ("120363000000000001@g.us", "status@broadcast", "120363000000000002@newsletter"):
        data = {
            "key": {"remoteJid": jid, "fromMe": False, "id": "3AGROUP", "participant": "5551987650099@s.whatsapp.net"},
            "pushName": "Grupo",
            "message": {"conversation": "quanto custa?"},
            "messageType": "conversation",
            "messageTimestamp": 1795340225,
        }
        body = {"event": "messages.upsert", "data": data}
        steady.http.post(f"{steady.sandbox}/sandbox/webhooks", json=body).raise_for_status()
    witness = steady.parent()
    witness.ask("oi")
    everything = steady.http.get(f"{steady.sandbox}/sandbox/messages").json()["items"]
    assert not [message for message in everything if "5551987650099" in message["phone"] and message["author"] == "api"]


def test_when_somebody_types_on_the_units_phone_the_assistant_is_silent(steady: System) -> None:
    parent = steady.parent()
    parent.ask("oi")
    parent.write("Oi! Aqui é da unidade, já te respondo.", from_unit=True)
    until(lambda: parent.contact()["owner"] == "unit", 20, "the unit owns the conversation")
    before = parent.received()
    parent.write("quanto custa?")
    assert parent.settled(4) == before
