"""Reports about messages that are there already: edited, taken back, acknowledged."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contracts.ingress import MessageDeleted, MessageEdited, ReceiptReceived, ReceiptStatus

from ingress_service.channels.evolution.content import Content, read_content
from ingress_service.channels.evolution.envelope import About, Envelope
from ingress_service.channels.evolution.values import instant, integer, mapping, words
from ingress_service.channels.results import Ignored, Result, Unreadable

_STATUSES: dict[str, ReceiptStatus] = {
    **dict.fromkeys(("0", "ERROR", "FAILED"), "error"),
    **dict.fromkeys(("1", "PENDING"), "pending"),
    **dict.fromkeys(("2", "SERVER_ACK", "SENT"), "sent"),
    **dict.fromkeys(("3", "DELIVERY_ACK", "DELIVERED"), "delivered"),
    **dict.fromkeys(("4", "READ"), "read"),
    **dict.fromkeys(("5", "PLAYED"), "played"),
    "DELETED": "deleted",
}
_EDITS = {"MESSAGE_EDIT", "14"}
_REVOCATIONS = {"REVOKE", "0"}


def on_edited(data: Mapping[str, Any], envelope: Envelope) -> Result:
    """`messages.edited`: any protocol message about another message; only edits and revocations matter.

    The key inside is the writer's own view: a parent's message may be `fromMe` there, and the chat be the unit's
    number. Then the address says nothing about the parent, and only the message's id names what was changed.
    """
    kind = str(data.get("type", ""))
    is_edit = kind in _EDITS or (not kind and bool(mapping(data.get("editedMessage"))))
    if not is_edit and kind not in _REVOCATIONS:
        return Ignored("protocol")
    about = envelope.about(data.get("key"))
    if not isinstance(about, About):
        return about
    if about.key.from_me and (about.address.phone is None or envelope.is_own(about.address)):
        about = replace(about, key=about.key.model_copy(update={"from_me": False}))
    return _edited(about, data, envelope) if is_edit else _taken_back(about)


def on_deleted(data: Mapping[str, Any], envelope: Envelope) -> Result:
    """`messages.delete`: the key itself, or (deleted through the API) a database row that holds it."""
    about = envelope.about(mapping(data.get("key")) or data)
    return _taken_back(about) if isinstance(about, About) else about


def on_receipt(data: Mapping[str, Any], envelope: Envelope) -> Result:
    """`messages.update`: how far a message got; since 2.3.7 also an edit, which says nothing about that.

    On the Cloud channel `fromMe` is always false, also for what we sent.
    """
    inside, update = mapping(data.get("key")), mapping(data.get("update"))
    about = envelope.about({**inside, **data, "id": words(data.get("keyId"), inside.get("id"), data.get("id"))})
    if not isinstance(about, About):
        return about
    edited = mapping(data.get("message")) or mapping(update.get("message"))
    if edited:
        return _edited(about, {**update, **data, "editedMessage": edited}, envelope)
    status = _STATUSES.get(str(data.get("status", update.get("status"))).upper())
    if status is None:
        return Unreadable("state")
    return about.named(ReceiptReceived(key=about.key, status=status), status)


def _edited(about: About, data: Mapping[str, Any], envelope: Envelope) -> Result:
    if about.key.from_me:
        return Ignored("own_message")
    edited = mapping(data.get("editedMessage"))
    content = read_content(mapping(edited.get("message")) or edited)
    said = (content.text or content.caption) if isinstance(content, Content) else None
    if said is None:
        return Unreadable("data")
    moment = data.get("timestampMs") or data.get("messageTimestamp")
    fact = MessageEdited(key=about.key, address=about.address, text=said, edited_at=instant(moment) or envelope.now)
    # Two edits of one message are two facts; without a time of its own, its words tell an edit from another.
    return about.named(fact, integer(moment) or hashlib.sha256(said.encode()).hexdigest())


def _taken_back(about: About) -> Result:
    if about.key.from_me:
        return about.named(ReceiptReceived(key=about.key, status="deleted"), "deleted")
    return about.named(MessageDeleted(key=about.key, address=about.address))
