"""What webhooks lose is found and answered, once."""

import pytest
from assistant.testing_system import System, settled, until

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

QUESTION = "oi, quanto custa matemática?"
PRICE = "R$ 475,00"


def lose(system: System, phone: str) -> None:
    system.fault(target="webhook", kind="lost", times=1000, phone=phone)


def answered_once(texts: list[str]) -> bool:
    return sum(PRICE in text for text in texts) == 1 and len(texts) == len(set(texts))


def test_a_conversation_whose_webhooks_are_all_lost_goes_on_and_falls_silent_for_the_unit(steady: System) -> None:
    parent = steady.parent()
    lose(steady, parent.phone)
    parent.write(QUESTION)
    until(lambda: answered_once(parent.received()), 120, "the price, once")
    assert answered_once(parent.settled(8)), parent.received()
    assert "Amoreira" in parent.ask("qual o endereço?", 60), "our own messages are not taken for the unit's"
    parent.write("Oi, aqui é a Marta, da unidade", from_unit=True)
    until(lambda: parent.contact()["owner"] == "unit", 120, "the unit's word is heard")
    before = len(parent.received())
    parent.write("tem vaga amanhã?")
    until(lambda: len(parent.contact()["messages"]) == len(parent.chat()), 120, "the question is seen")
    assert len(parent.settled(5)) == before


def test_what_is_lost_while_ingress_is_killed_is_answered_once(steady: System) -> None:
    parents = [steady.parent() for _ in range(3)]
    for parent in parents:
        lose(steady, parent.phone)
        parent.write(QUESTION)
    steady.kill("ingress")
    for parent in parents:
        until(lambda parent=parent: answered_once(parent.received()), 180, "the price, once")
    for received in settled(parents, 8):
        assert answered_once(received), received


def test_a_person_seen_under_two_names_is_one_lead(steady: System) -> None:
    parent = steady.parent()
    parent.write("oi, meu nome é Ana Souza, quanto custa matemática?", addressing="lid_only")
    until(parent.received, 90, "a reply to a LID")
    parent.write("é pro meu filho Pedro, de 8 anos", addressing="lid")
    until(lambda: "Pedro" in {each["name"] for each in parent.contact()["students"]}, 90, "the son is known")
    until(lambda: parent.contact()["lead"]["parent_name"] == "Ana Souza", 90, "the mother's name is known")
    until(lambda: len(parent.contact()["messages"]) == len(parent.chat()), 90, "both names' messages are shown as one")
