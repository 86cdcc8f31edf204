"""Reports of new messages: written by a parent, written by the unit, sent through the API; and calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from contracts.ingress import MessageEchoed, MessageReceived

from ingress_service.channels.evolution.changes import on_edited
from ingress_service.channels.evolution.content import Content, read_content, unwrap
from ingress_service.channels.evolution.envelope import About, Envelope
from ingress_service.channels.evolution.values import flag, instant, mapping, text, words
from ingress_service.channels.results import Ignored, Result

_MISSED_CALLS = {"CALL_MISSED_VOICE", "CALL_MISSED_VIDEO", "40", "41"}
_UNDECRYPTED = {"CIPHERTEXT", "2"}
_A_CALL_BEGINS = {None, "offer", "timeout"}


def on_upsert(data: Mapping[str, Any], envelope: Envelope) -> Result:
    """`messages.upsert`: somebody wrote, or the unit did from one of its phones."""
    about = envelope.about(data.get("key"))
    if not isinstance(about, About):
        return about
    if about.key.from_me and envelope.is_own(about.address):
        return Ignored("own_message")  # notes to oneself
    protocol = unwrap(data.get("message")).get("protocolMessage")
    if isinstance(protocol, dict):
        key = {"remoteJid": about.address.jid, "fromMe": about.key.from_me, **mapping(protocol.get("key"))}
        return on_edited({**protocol, "key": key}, envelope)
    content = _stub(data) or read_content(data.get("message"), data.get("messageType"), data.get("contextInfo"))
    if not isinstance(content, Content):
        return Ignored(content)
    sent_at = instant(data.get("messageTimestamp")) or envelope.now
    return _echoed("phone", about, content, sent_at) if about.key.from_me else _received(data, about, content, sent_at)


def on_sent(data: Mapping[str, Any], envelope: Envelope) -> Result:
    """`send.message`: somebody, we or another program, sent a message through the channel's API."""
    about = envelope.about({**mapping(data.get("key")), "fromMe": True})
    if not isinstance(about, About):
        return about
    content = read_content(data.get("message"), data.get("messageType"), data.get("contextInfo"))
    if not isinstance(content, Content):
        return Ignored(content)
    return _echoed("api", about, content, instant(data.get("messageTimestamp")) or envelope.now)


def on_call(data: Mapping[str, Any], envelope: Envelope) -> Result:
    """`call`: a phone call; its later progress (ringing, accepted, …) is about the same call and says nothing new."""
    if data.get("event") is not None or text(data.get("status")) not in _A_CALL_BEGINS:
        return Ignored("call_progress")
    if flag(data.get("isGroup")):
        return Ignored("group")
    about = envelope.about({"id": data.get("id"), "remoteJid": data.get("from"), "senderPn": data.get("callerPn")})
    if not isinstance(about, About):
        return about
    if envelope.is_own(about.address):
        return Ignored("own_message")
    called_at = instant(data.get("date")) or envelope.now
    return about.named(MessageReceived(key=about.key, address=about.address, kind="call", sent_at=called_at))


def _received(data: Mapping[str, Any], about: About, content: Content, sent_at: datetime) -> Result:
    fact = MessageReceived(
        key=about.key,
        address=about.address,
        profile_name=_profile_name(data.get("pushName")),
        kind=content.kind,
        text=content.text,
        caption=content.caption,
        media=content.media,
        quote=content.quote,
        sent_at=sent_at,
    )
    # A message that could not be decrypted comes again under its own key, and must not pass for a repetition then.
    return about.named(fact, "empty") if content.is_empty else about.named(fact)


def _echoed(origin: Literal["api", "phone"], about: About, content: Content, sent_at: datetime) -> Result:
    if content.is_empty:
        return Ignored("protocol")
    fact = MessageEchoed(
        key=about.key,
        address=about.address,
        origin=origin,
        kind=content.kind,
        text=content.text or content.caption,
        sent_at=sent_at,
    )
    return about.named(fact)


def _stub(data: Mapping[str, Any]) -> Content | None:
    """Read what WhatsApp says about a message instead of the message itself."""
    kind = str(data.get("messageStubType"))
    if mapping(data.get("message")):
        return None
    if kind in _MISSED_CALLS:
        return Content("call")
    return Content("unsupported", is_empty=True) if kind in _UNDECRYPTED else None


def _profile_name(value: Any) -> str | None:
    """Return the name that a person gave themselves; the channel puts the number in its place when there is none."""
    said = (words(value) or "").strip()
    is_number = "@" in said or not said.strip("+0123456789-.() ")
    return None if is_number else said[:200]
