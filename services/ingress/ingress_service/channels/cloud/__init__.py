"""Meta's Cloud API: from a webhook body to what happened. Pure and tolerant, as `channels/evolution` is.

Every entry, change, message and status of a body counts. Source: the Cloud API's "Webhooks notification payload".
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from contracts import conversation_id
from contracts.ingress import Address, ChannelKey, Media, MessageReceived, Quote, ReceiptReceived, ReceiptStatus

from ingress_service.channels.cloud.content import kind_of, said
from ingress_service.channels.evolution.people import e164
from ingress_service.channels.evolution.values import mapping, text, words
from ingress_service.channels.results import Ignored, Named, Result, Unreadable

_STATUSES: dict[str, ReceiptStatus] = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "error"}


def parse(body: Any, *, now: datetime) -> list[Result]:
    """Return what a body reports; `now` stands in for times that it does not give."""
    found = [result for value in _values(body) for result in _of_value(value, now)]
    return found or [Unreadable("data")]


def _values(body: Any) -> Iterator[Mapping[str, Any]]:
    for entry in _list(mapping(body).get("entry")):
        for change in _list(mapping(entry).get("changes")):
            yield mapping(mapping(change).get("value"))


def _of_value(value: Mapping[str, Any], now: datetime) -> Iterator[Result]:
    number = text(mapping(value.get("metadata")).get("phone_number_id"))
    if not number:
        yield Ignored("not_needed")  # of templates, of the account: nothing of a conversation
        return
    instance = f"cloud:{number}"
    names = {
        mapping(each).get("wa_id"): words(mapping(mapping(each).get("profile")).get("name"))
        for each in _list(value.get("contacts"))
    }
    for message in _list(value.get("messages")):
        yield _message(mapping(message), instance, names, now)
    for status in _list(value.get("statuses")):
        yield _status(mapping(status), instance)


def _message(data: Mapping[str, Any], instance: str, names: Mapping[Any, str | None], now: datetime) -> Result:
    identity, sender = text(data.get("id")), text(data.get("from"))
    if not identity or not sender or not sender.isdecimal():
        return Unreadable("key")
    kind = kind_of(text(data.get("type")))
    if kind is None:
        return Ignored("system")
    content = said(data, kind)
    quoted = text(mapping(data.get("context")).get("id")) or content.reacted_to
    phone = e164(sender)
    media = content.media
    fact = MessageReceived(
        key=ChannelKey(instance=instance, id=identity),
        address=Address(jid=f"{sender}@s.whatsapp.net", phone=phone),
        profile_name=names.get(sender),
        kind=kind,
        text=content.text,
        caption=content.caption,
        media=Media(**media) if media else None,
        quote=Quote(channel_id=quoted) if quoted else None,
        sent_at=_instant(data.get("timestamp")) or now,
    )
    return Named(fact, f"{instance}:{identity}", conversation_id(phone))


def _status(data: Mapping[str, Any], instance: str) -> Result:
    identity, status = text(data.get("id")), _STATUSES.get(text(data.get("status")) or "")
    recipient = text(data.get("recipient_id"))
    if not identity or status is None:
        return Unreadable("state")
    key = ChannelKey(instance=instance, id=identity, from_me=True)
    fact = ReceiptReceived(key=key, status=status, reference=text(data.get("biz_opaque_callback_data")))
    return Named(fact, f"{instance}:{identity}:{status}", conversation_id(e164(recipient) if recipient else instance))


def _instant(value: Any) -> datetime | None:
    written = str(value)
    return datetime.fromtimestamp(int(written), UTC) if written.isdecimal() and len(written) <= 11 else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
