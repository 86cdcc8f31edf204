"""The unit's numbers without an Evolution between: Meta's Cloud API and Twilio, the whole line, both ways."""

import pytest
from assistant.testing_system import System, until

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

NUMBERS = {"cloud:123": "wamid.", "twilio:+14155238886": "SM"}


@pytest.mark.parametrize("number,ids", NUMBERS.items(), ids=NUMBERS)
def test_a_family_is_answered_on_the_number_that_it_writes_to(steady: System, number: str, ids: str) -> None:
    parent = steady.parent()
    parent.write("quanto custa matemática?", instance=number)
    until(lambda: any("R$ 375,00" in text for text in parent.received()), 30, "the price")
    parent.write("", kind="audio", transcription="qual o endereço de vocês?", instance=number)
    until(lambda: any("Rua Amoreira" in text for text in parent.received()), 30, "an answer to the voice note")
    received = parent.settled(2)
    assert len(received) == len(set(received))
    assert all(one["id"].startswith(ids) for one in parent.chat())

    steady.http.post(f"{steady.sandbox}/sandbox/chats/{parent.phone}/read").raise_for_status()

    def all_read() -> bool:
        told = [one["status"] for one in parent.contact()["messages"] if one["direction"] == "out"]
        return len(told) == len(received) and set(told) == {"read"}

    until(all_read, 20, "every bubble is read")
