"""How long a turn waits for the rest of a burst."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contracts.ingress import Address, ChannelKey
from contracts.preprocessor import Contact, MessageSanitized
from dialogue_service.burst import CAP_S, WAIT_S, Windows, look
from dialogue_service.decision.state import Asked, Conversation

NOW = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
CONTACT = Contact(phone="+5551999990000", address=Address(jid="5551999990000@s.whatsapp.net"))
STATE = Conversation(contact=CONTACT, instance="kumon")


def message(text: str) -> MessageSanitized:
    key = ChannelKey(instance="kumon", id="3A01")
    return MessageSanitized(key=key, contact=CONTACT, kind="text", text=text, sent_at=NOW, received_at=NOW)


@pytest.mark.parametrize(
    "text,state,expected",
    [
        ("quanto custa?", None, "complete"),
        ("Oi! Quanto custa a mensalidade? Meu filho tem 8", None, "complete"),
        ("2", None, "complete"),
        ("👍", None, "complete"),
        ("", None, "complete"),
        ("Ana Souza", STATE.but(asked=Asked(topic="parent_name")), "complete"),
        ("oi", None, "greeting"),
        ("Oii, boa tarde!! tudo bem?", None, "greeting"),
        ("Olá 😊", STATE.but(asked=Asked(topic="parent_name")), "greeting"),
        ("queria saber sobre matemática", None, "unclear"),
        ("oito anos", STATE, "unclear"),
        ("oi, quero visitar", None, "unclear"),
        ("quanto custa?", STATE.but(owner="unit", last_staff_at=NOW), "served"),
        ("quero visitar", STATE.but(owner="unit", last_staff_at=NOW - timedelta(days=3)), "unclear"),
    ],
)
def test_a_message_looks_as_complete_as_it_is(text: str, state: Conversation | None, expected: str) -> None:
    assert look(message(text), state, NOW) == expected


@pytest.mark.parametrize("text,look_of_it", [("quanto custa?", "complete"), ("oi", "greeting"), ("bem", "unclear")])
def test_the_window_opens_anew_with_every_message(text: str, look_of_it: Any) -> None:
    first = NOW - timedelta(seconds=2)
    assert Windows().due(message(text), None, first, NOW) == NOW + timedelta(seconds=WAIT_S[look_of_it])


def test_nobody_waits_longer_than_the_cap() -> None:
    first = NOW - timedelta(seconds=CAP_S - 1)
    assert Windows().due(message("oi"), None, first, NOW) == NOW + timedelta(seconds=1)
    assert Windows().due_while_typing(first, NOW) == NOW + timedelta(seconds=1)
    assert Windows().due_while_typing(NOW - timedelta(seconds=CAP_S), NOW) is None


@pytest.mark.parametrize("fixed_s", [0, 1, 15])
def test_a_fixed_window_is_the_same_for_all_and_knows_no_typing(fixed_s: float) -> None:
    windows = Windows(fixed_s)
    for text in ("oi", "quanto custa?", "bem"):
        assert windows.due(message(text), None, NOW, NOW) == NOW + timedelta(seconds=fixed_s)
    assert windows.due_while_typing(NOW, NOW) is None
    assert windows.none == (fixed_s == 0)
