"""WhatsApp through Twilio: from a webhook's form to what happened. Pure.

Source: Twilio, "Twilio's request to your incoming message webhook" and "Status callback".
"""

from collections.abc import Mapping
from datetime import datetime

from contracts import conversation_id
from contracts.ingress import (
    Address,
    ChannelKey,
    Media,
    MessageKind,
    MessageReceived,
    Quote,
    ReceiptReceived,
    ReceiptStatus,
)

from ingress_service.channels.evolution.people import e164
from ingress_service.channels.results import Ignored, Named, Result, Unreadable

_STATUSES: dict[str, ReceiptStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "error",
    "undelivered": "error",
}
_PREFIX = "whatsapp:+"


def parse(form: Mapping[str, str], *, now: datetime) -> list[Result]:
    """Return what a form reports: one message, or how far one of ours got."""
    identity = form.get("MessageSid") or form.get("SmsMessageSid")
    if not identity:
        return [Unreadable("key")]
    status = form.get("MessageStatus") or form.get("SmsStatus")
    return [_received(form, identity, now) if status in {None, "received"} else _receipt(form, identity, status or "")]


def _received(form: Mapping[str, str], identity: str, now: datetime) -> Result:
    sender, ours = form.get("From", ""), form.get("To", "")
    if not sender.startswith(_PREFIX) or not sender[len(_PREFIX) :].isdecimal() or not ours.startswith(_PREFIX):
        return Unreadable("address")  # an SMS has no prefix
    digits, instance = sender[len(_PREFIX) :], _instance(ours)
    phone, mimetype = e164(digits), form.get("MediaContentType0")
    kind, quoted = _kind(form, mimetype), form.get("OriginalRepliedMessageSid")
    words = form.get("Body") or None
    fact = MessageReceived(
        key=ChannelKey(instance=instance, id=identity),
        address=Address(jid=f"{digits}@s.whatsapp.net", phone=phone),
        profile_name=form.get("ProfileName") or None,
        kind=kind,
        text=words if kind in {"text", "location"} else None,
        caption=words if kind not in {"text", "location"} else None,
        media=Media(mimetype=mimetype, url=form.get("MediaUrl0")) if mimetype else None,
        quote=Quote(channel_id=quoted) if quoted else None,
        sent_at=now,
    )
    return Named(fact, f"{instance}:{identity}", conversation_id(phone))


def _receipt(form: Mapping[str, str], identity: str, said: str) -> Result:
    status = _STATUSES.get(said)
    if status is None:
        return Ignored("not_needed")  # queued, accepted, sending
    instance, to = _instance(form.get("From", "")), form.get("To", "").removeprefix(_PREFIX)
    key = ChannelKey(instance=instance, id=identity, from_me=True)
    subject = conversation_id(e164(to) if to.isdecimal() else instance)
    return Named(ReceiptReceived(key=key, status=status), f"{instance}:{identity}:{status}", subject)


def _instance(address: str) -> str:
    return f"twilio:{address.removeprefix('whatsapp:')}"


def _kind(form: Mapping[str, str], mimetype: str | None) -> MessageKind:
    if mimetype is None:
        return "location" if form.get("Latitude") else "text"
    family = mimetype.partition("/")[0]
    kinds: dict[str, MessageKind] = {"image": "image", "audio": "audio", "video": "video"}
    return kinds.get(family, "document")
