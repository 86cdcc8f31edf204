"""Every shape of a webhook body that is known, and what it means: the tables in `fixtures/`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ingress_service.channels.evolution import event_of, parse
from ingress_service.channels.results import Ignored, Named, Result, Unreadable

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
# Bodies that a real Evolution API emitted, for whoever keeps some beside the project.
RECORDED = sorted((HERE.parents[2].parent / "shared" / "evolution").glob("*.json"))


def rows(name: str) -> list[Any]:
    table = json.loads((HERE / "fixtures" / f"{name}.json").read_text())
    return [pytest.param(row["body"], row["expect"], id=f"{name}: {row['name']}") for row in table]


def shown(result: Result) -> dict[str, Any]:
    match result:
        case Named(fact=fact):
            return {"fact": type(fact).__name__, "data": fact.model_dump(mode="json")}
        case Ignored(reason=reason):
            return {"ignored": reason}
        case Unreadable(reason=reason):
            return {"unreadable": reason}


def part_of(expected: Any, actual: Any) -> Any:
    """Keep of `actual` what `expected` names, so that a difference reads well."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: part_of(value, actual.get(key)) for key, value in expected.items()}
    return actual


@pytest.mark.parametrize("body, expect", [*rows("baileys"), *rows("cloud"), *rows("evolution_channel")])
def test_a_body_means_what_the_table_says(body: Any, expect: list[Any]) -> None:
    results = [shown(result) for result in parse(body, now=NOW)]
    assert [part_of(*pair) for pair in zip(expect, results, strict=True)] == expect


@pytest.mark.parametrize("body, expect", [*rows("baileys"), *rows("cloud"), *rows("evolution_channel")])
def test_the_same_body_again_has_the_same_ids_later(body: Any, expect: list[Any]) -> None:
    del expect
    later = datetime(2026, 11, 24, tzinfo=UTC)
    first = [result.event(NOW).id for result in parse(body, now=NOW) if isinstance(result, Named)]
    again = [result.event(later).id for result in parse(body, now=later) if isinstance(result, Named)]
    assert first == again


def ids(event: str, *all_data: Any) -> list[Any]:
    bodies = [
        {"event": event, "instance": "unit1", "date_time": "2026-11-22T06:37:05Z", "data": data} for data in all_data
    ]
    return [result.event(NOW).id for result in parse(bodies, now=NOW) if isinstance(result, Named)]


PN = "5551987654321@s.whatsapp.net"
KEY = {"remoteJid": PN, "fromMe": False, "id": "3A01"}


@pytest.mark.parametrize(
    "event, one, other",
    [
        pytest.param("messages.upsert", {"key": KEY}, {"key": {**KEY, "id": "3A02"}}, id="two messages"),
        pytest.param(
            "messages.upsert",
            {"key": KEY, "message": {"conversation": "a"}},
            {"key": {**KEY, "fromMe": True}, "message": {"conversation": "a"}},
            id="theirs and ours",
        ),
        pytest.param(
            "messages.update",
            {"keyId": "3A01", "remoteJid": PN, "fromMe": True, "status": "SERVER_ACK"},
            {"keyId": "3A01", "remoteJid": PN, "fromMe": True, "status": "READ"},
            id="two statuses",
        ),
        pytest.param(
            "messages.edited",
            {
                "key": KEY,
                "type": "MESSAGE_EDIT",
                "editedMessage": {"conversation": "a"},
                "timestampMs": "1795340225001",
            },
            {
                "key": KEY,
                "type": "MESSAGE_EDIT",
                "editedMessage": {"conversation": "a"},
                "timestampMs": "1795340225002",
            },
            id="the same words at two times",
        ),
        pytest.param(
            "messages.edited",
            {"key": KEY, "type": "MESSAGE_EDIT", "editedMessage": {"conversation": "a"}},
            {"key": KEY, "type": "MESSAGE_EDIT", "editedMessage": {"conversation": "b"}},
            id="two edits without times",
        ),
        pytest.param("connection.update", {"state": "open"}, {"state": "close"}, id="two states"),
        pytest.param(
            "presence.update",
            {"id": PN, "presences": {PN: {"lastKnownPresence": "composing"}}},
            {"id": PN, "presences": {PN: {"lastKnownPresence": "paused"}}},
            id="typing and not",
        ),
    ],
)
def test_two_things_that_happened_have_two_ids(event: str, one: Any, other: Any) -> None:
    assert len(set(ids(event, one, other))) == 2


@pytest.mark.parametrize(
    "one, other",
    [
        pytest.param(
            ("messages.upsert", {"key": KEY, "message": {"conversation": "oi"}}),
            (
                "messages.upsert",
                {"key": {**KEY, "remoteJid": "190000000000017@lid"}, "message": {"conversation": "oi"}},
            ),
            id="a message under the phone and under the LID",
        ),
        pytest.param(("messages.edited", {"key": KEY, "type": "REVOKE"}), ("messages.delete", KEY), id="taken back"),
        pytest.param(
            ("call", {"from": PN, "id": "C1", "status": "offer"}),
            ("call", {"from": PN, "id": "C1", "status": "timeout"}),
            id="a call and its end",
        ),
    ],
)
def test_one_thing_reported_in_two_ways_has_one_id(one: tuple[str, Any], other: tuple[str, Any]) -> None:
    assert ids(*one) == ids(*other) != []


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_body_is_understood(path: Path) -> None:
    body = json.loads(path.read_text())
    results = parse(body, now=NOW)
    assert not [result for result in results if isinstance(result, Unreadable)]
    assert event_of(body) != "other"
    if path.stem.endswith("messages.upsert") and not any(word in path.stem for word in ("group", "status")):
        (result,) = results
        assert isinstance(result, Named)
        assert result.fact.model_dump()["kind"] != "unsupported"


def test_the_event_in_the_address_stands_in_for_one_that_the_body_does_not_name() -> None:
    body = {"instance": "unit1", "data": {"instance": "unit1", "state": "open"}}
    (result,) = parse(body, now=NOW, route_event="connection-update")
    assert isinstance(result, Named)
    assert event_of(body, "connection-update") == "connection.update"


def test_a_list_of_bodies_is_read_one_by_one() -> None:
    body = {"event": "CONNECTION_UPDATE", "instance": "unit1", "data": {"state": "open"}}
    assert len(parse([body, body], now=NOW)) == 2


@pytest.mark.parametrize("body", [None, 7, "oi", True, [], [1], {}, {"event": 3}, {"event": ["messages.upsert"]}])
def test_what_is_no_body_is_unreadable(body: Any) -> None:
    assert [type(result) for result in parse(body, now=NOW)] == [Unreadable]
    assert event_of(body) == "other"


def test_a_retried_message_is_not_taken_for_the_one_that_could_not_be_decrypted() -> None:
    def body(message: object, stub: object) -> dict[str, object]:
        key = {"remoteJid": "5551987654321@s.whatsapp.net", "fromMe": False, "id": "3A0001"}
        data = {"key": key, "message": message, "messageStubType": stub}
        return {"event": "messages.upsert", "instance": "unit1", "data": data}

    results = [*parse(body(None, 2), now=NOW), *parse(body({"conversation": "oi"}, None), now=NOW)]
    ids = {result.event(NOW).id for result in results if isinstance(result, Named)}
    assert len(ids) == 2
