"""Reports that concern no message: the connection to WhatsApp, and who is typing."""

from collections.abc import Mapping
from typing import Any, Literal

from contracts.ingress import Address, ChannelStateChanged, ParentTyping

from ingress_service.channels.evolution import people
from ingress_service.channels.evolution.envelope import Envelope
from ingress_service.channels.evolution.values import integer, mapping, text, words
from ingress_service.channels.results import Ignored, Named, Result, Unreadable

State = Literal["open", "connecting", "closed", "qr"]

STATES: dict[str, State] = {
    "open": "open",
    "connecting": "connecting",
    **dict.fromkeys(("close", "closed", "refused", "removed"), "closed"),
}
_TYPING = {
    **dict.fromkeys(("composing", "recording"), True),
    **dict.fromkeys(("paused", "available", "unavailable"), False),
}


def on_connection(data: Mapping[str, Any], envelope: Envelope) -> Result:
    """`connection.update` and `status.instance`: connected, connecting, closed."""
    said = words(data.get("state"), data.get("status"))
    state = STATES.get((said or "").lower())
    if state is None:
        return Unreadable("state")
    reason = data.get("statusReason", data.get("disconnectionReasonCode"))
    return _changed(envelope, state, reason=integer(reason))


def on_qr(data: Mapping[str, Any], envelope: Envelope) -> Result:
    """`qrcode.updated`: a code to scan, or the end of the patience for one."""
    code = text(mapping(data.get("qrcode")).get("code"))
    if code:
        return _changed(envelope, "qr", qr=code)
    if data.get("statusCode") is not None:
        return _changed(envelope, "closed", reason=integer(data["statusCode"]))
    return Unreadable("data")


def on_logout(_data: Mapping[str, Any], envelope: Envelope) -> Result:
    """`logout.instance`, `remove.instance`: the unit's WhatsApp was disconnected for good; the data are empty."""
    return _changed(envelope, "closed")


def on_presence(data: Mapping[str, Any], envelope: Envelope) -> list[Result]:
    """`presence.update`: who is typing (or recording) in a chat, or stopped."""
    chat = people.person((data.get("id"),))
    if isinstance(chat, Ignored):
        return [chat]
    presences = mapping(data.get("presences"))
    if not presences:
        return [Unreadable("data")]
    return [_typing(jid, mapping(presence), envelope) for jid, presence in presences.items()]


def _typing(jid: str, presence: Mapping[str, Any], envelope: Envelope) -> Result:
    typing = _TYPING.get(text(presence.get("lastKnownPresence")) or "")
    who = people.person((jid,))
    if not isinstance(who, Address):
        return who
    if typing is None or envelope.is_own(who):
        return Unreadable("state") if typing is None else Ignored("own_message")
    key = f"{envelope.instance}:{who.jid}:{typing}:{envelope.written_at}"
    return Named(ParentTyping(address=who, typing=typing), key, people.conversation(who))


def _changed(envelope: Envelope, state: State, *, reason: int | None = None, qr: str | None = None) -> Named:
    fact = ChannelStateChanged(instance=envelope.instance, state=state, reason=reason, qr=qr)
    return Named(fact, f"{envelope.instance}:{state}:{envelope.written_at}", envelope.channel)
