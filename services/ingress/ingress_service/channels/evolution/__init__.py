"""Evolution API v2 (2.3.0–2.4.0; Baileys, Cloud and EVOLUTION channels): from a webhook body to what happened.

Pure and tolerant: any JSON value is taken, none raises; what is not understood says so.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ingress_service.channels.evolution import changes, messages, states
from ingress_service.channels.evolution.envelope import Envelope, event_name
from ingress_service.channels.evolution.values import items, mapping
from ingress_service.channels.results import Ignored, Result, Unreadable

_One = Callable[[Mapping[str, Any], Envelope], Result | list[Result]]

_HANDLERS: dict[str, _One] = {
    "messages.upsert": messages.on_upsert,
    "send.message": messages.on_sent,
    "messages.edited": changes.on_edited,
    "messages.delete": changes.on_deleted,
    "messages.update": changes.on_receipt,
    "presence.update": states.on_presence,
    "connection.update": states.on_connection,
    "status.instance": states.on_connection,
    "qrcode.updated": states.on_qr,
    "logout.instance": states.on_logout,
    "remove.instance": states.on_logout,
    "call": messages.on_call,
}
_MAY_BE_EMPTY = {"logout.instance", "remove.instance"}
# Everything else that Evolution documents. Source: the `Events` enumeration of its 2.3.6 and 2.4.0-rc2.
_NOT_NEEDED = frozenset(
    event_name(event)
    for event in (
        "application.startup",
        "instance.create",
        "instance.delete",
        "messages.set",
        "messaging-history.set",
        "send.message.update",
        "contacts.set",
        "contacts.upsert",
        "contacts.update",
        "chats.set",
        "chats.update",
        "chats.upsert",
        "chats.delete",
        "groups.upsert",
        "groups.update",
        "group.update",
        "group-participants.update",
        "labels.edit",
        "labels.association",
        "typebot.start",
        "typebot.change-status",
        "creds.update",
    )
)
KNOWN_EVENTS = frozenset(_HANDLERS) | _NOT_NEEDED


def parse(body: Any, *, now: datetime, route_event: str | None = None) -> list[Result]:
    """Return what a webhook body reports, in its order.

    `body` is any JSON value; `route_event` the event in the address (`messages-upsert`), used when the body names
    none; `now` stands in for times that the channel does not give.
    """
    results = [result for each in items(body) for result in _parse_one(each, now, route_event)]
    return results or [Unreadable("not_an_object")]


def event_of(body: Any, route_event: str | None = None) -> str:
    """Return the event's name for counting: one that Evolution documents, or `other`."""
    first = items(body)[0] if items(body) else None
    event = event_name(mapping(first).get("event"), route_event)
    return event if event in KNOWN_EVENTS else "other"


def _parse_one(body: Any, now: datetime, route_event: str | None) -> list[Result]:
    if not isinstance(body, dict):
        return [Unreadable("not_an_object")]
    event = event_name(body.get("event"), route_event)
    if event in _NOT_NEEDED:
        return [Ignored("not_needed")]
    handler = _HANDLERS.get(event)
    if handler is None:
        return [Unreadable("event")]
    envelope = Envelope.read(body, event, now)
    if envelope is None:
        return [Unreadable("instance")]
    data = body.get("data")
    if event in _MAY_BE_EMPTY:
        data = mapping(data)
    return [result for each in _each(data) for result in _handle(handler, each, envelope)] or [Unreadable("data")]


def _each(data: Any) -> list[Any]:
    """List what a body carries: one thing, a list, or an object that holds the list."""
    for holder in ("messages", "keys"):
        held = mapping(data).get(holder)
        if isinstance(held, list):
            return held
    return items(data)


def _handle(handler: _One, data: Any, envelope: Envelope) -> list[Result]:
    return items(handler(data, envelope)) if isinstance(data, dict) else [Unreadable("data")]
