"""Whatever arrives, the parser says something that every store and every reader can take."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from assistant.testing_volume import volume
from contracts import Event
from hypothesis import given, settings
from hypothesis import strategies as st
from ingress_service.body import decode
from ingress_service.channels.evolution import KNOWN_EVENTS, parse
from ingress_service.channels.results import Ignored, Named, Unreadable

NOW = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
BODIES = [
    row["body"] for path in (Path(__file__).parent / "fixtures").glob("*.json") for row in json.loads(path.read_text())
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=10), inside, max_size=3),
    max_leaves=5,
)
EVENTS = st.sampled_from(sorted(KNOWN_EVENTS)) | st.text(max_size=12)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inside for place in places(each, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """Draw a real body with a few of its parts replaced by anything, or dropped."""
    body: Any = copy.deepcopy(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(body)))
        if not path:
            continue
        holder = body
        for step in path[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            holder[path[-1]] = draw(ANYTHING)
        elif isinstance(holder, dict):
            del holder[path[-1]]
    return body


def assert_sound(body: Any) -> None:
    results = parse(body, now=NOW)
    assert results
    for result in results:
        assert isinstance(result, Named | Ignored | Unreadable)
        if isinstance(result, Named):
            event = result.event(NOW)
            wire = event.to_wire()
            assert b"\\u0000" not in wire
            assert Event.from_wire(wire, type(event.data)) == event
            assert event.subject.startswith(("cnv_", "channel:"))


@settings(max_examples=volume(150, thorough=400))
@given(mutated())
def test_a_mutated_body_is_named_ignored_or_unreadable(body: Any) -> None:
    assert_sound(body)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body.get("event")) if isinstance(body, dict) else "")
def test_half_an_emoji_in_any_string_of_a_body_is_taken(body: Any) -> None:
    for path in places(body):
        changed = holder = copy.deepcopy(body)
        for step in path[:-1]:
            holder = holder[step]
        if path and isinstance(holder[path[-1]], str):
            holder[path[-1]] = f"\ud83d{holder[path[-1]]}"
            assert_sound(changed)


@given(ANYTHING)
def test_any_json_at_all_is_taken(body: Any) -> None:
    assert_sound(body)


@given(EVENTS, ANYTHING)
def test_any_data_under_any_event_is_taken(event: str, data: Any) -> None:
    assert_sound({"event": event, "instance": "unit1", "data": data})


def test_the_deepest_body_that_can_be_decoded_is_taken() -> None:
    message = '{"ephemeralMessage":{"message":' * 300 + '{"conversation":"fundo"}' + "}}" * 300
    key = '{"remoteJid":"5551987654321@s.whatsapp.net","id":"3A01"}'
    body = f'{{"event":"messages.upsert","instance":"unit1","data":{{"key":{key},"message":{message}}}}}'
    assert_sound(decode(body.encode()))


def test_quotes_of_quotes_of_quotes_are_taken() -> None:
    context: dict[str, Any] = {"stanzaId": "3A00"}
    for _ in range(200):
        context = {"stanzaId": "3A00", "quotedMessage": {"extendedTextMessage": {"text": "x", "contextInfo": context}}}
    key = {"remoteJid": "5551987654321@s.whatsapp.net", "id": "3A01"}
    data = {"key": key, "message": {"conversation": "oi"}, "contextInfo": context}
    assert_sound({"event": "messages.upsert", "instance": "unit1", "data": data})
