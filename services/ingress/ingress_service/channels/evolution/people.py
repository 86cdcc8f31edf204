"""Who a JID is: a person with a phone, a person known by a LID only, or nobody who is served here.

Source: the addressing forms of Evolution API 2.3.0–2.4.0 (`remoteJidAlt`, `previousRemoteJid`, `senderPn`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import phonenumbers
from contracts import conversation_id
from contracts.ingress import Address

from ingress_service.channels.evolution.values import name
from ingress_service.channels.results import Ignored, IgnoredReason, Unreadable

_PHONE_SERVERS = {"s.whatsapp.net", "c.us", "hosted"}
_LID_SERVERS = {"lid", "hosted.lid"}
_NOT_SERVED: dict[str, IgnoredReason] = {
    "g.us": "group",
    "broadcast": "broadcast",
    "newsletter": "newsletter",
    "bot": "bot",
    "call": "system",
}
_USER = re.compile(r"(?P<user>[^_:@]+)(?:_\d+)?(?::\d+)?")
_BRAZILIAN_WITHOUT_NINTH = re.compile(r"55(?P<area>[1-9]\d)(?P<line>[6-9]\d{7})")

JidKind = Literal["phone", "lid", "not_served", "unknown"]

# Where a message's key names the person, beside `remoteJid`. The sender's own forms name us when we wrote.
_OF_THE_CHAT = ("remoteJid", "remoteJidAlt", "previousRemoteJid")
_OF_THE_SENDER = ("senderPn", "senderLid")
_OF_THE_AUTHOR = ("participant", "participantAlt", "participantPn", "participantLid")


@dataclass(frozen=True)
class Jid:
    """One address: `text` to send to (without the device), its user part and what kind of address it is."""

    text: str
    user: str
    kind: JidKind
    reason: IgnoredReason = "system"

    @classmethod
    def read(cls, value: Any) -> "Jid | None":
        """Read `user[_agent][:device]@server`, or the bare digits of the EVOLUTION channel."""
        written = name(value, most=100)
        if written is None:
            return None
        before, at, server = written.partition("@")
        server = server.lower()
        match = _USER.fullmatch(before)
        user = match["user"] if match else before
        reason = _not_served(user, server)
        if reason is not None:
            return cls(written, user, "not_served", reason)
        kind = _kind(user, server) if at else _kind_of_digits(user)
        return cls(f"{user}{at}{server}", user, kind)

    @property
    def phone(self) -> str | None:
        """The phone in E.164, with the Brazilian ninth digit."""
        return e164(self.user) if self.kind == "phone" else None

    @property
    def lid(self) -> str | None:
        """The LID, in the one form that it is stored in."""
        return f"{self.user}@lid" if self.kind == "lid" else None


def e164(digits: str) -> str:
    """Write international digits as E.164; a Brazilian mobile without its ninth digit gets it.

    WhatsApp drops that digit for many area codes, so one person comes under two numbers.
    """
    short = _BRAZILIAN_WITHOUT_NINTH.fullmatch(digits)
    if short:
        with_ninth = f"+55{short['area']}9{short['line']}"
        if phonenumbers.is_valid_number(phonenumbers.parse(with_ninth)):
            return with_ninth
    return f"+{digits}"


def _not_served(user: str, server: str) -> IgnoredReason | None:
    if server in _PHONE_SERVERS and user == "0":  # WhatsApp's own announcements
        return "system"
    return "status" if (user, server) == ("status", "broadcast") else _NOT_SERVED.get(server)


def _kind(user: str, server: str) -> JidKind:
    if not re.fullmatch(r"\d{3,20}", user, re.ASCII):
        return "unknown"
    return "phone" if server in _PHONE_SERVERS else "lid" if server in _LID_SERVERS else "unknown"


def _kind_of_digits(user: str) -> JidKind:
    try:
        number = phonenumbers.parse(f"+{user}")
    except phonenumbers.NumberParseException:
        return "unknown"
    return "phone" if user.isascii() and user.isdigit() and phonenumbers.is_possible_number(number) else "unknown"


def person(jids: Iterable[Any]) -> Address | Ignored | Unreadable:
    """Return who a list of addresses names; the first is where an answer goes, as it was received."""
    known = [jid for value in jids if (jid := Jid.read(value)) is not None]
    if not known:
        return Unreadable("address")
    first = known[0]
    if first.kind == "not_served":
        return Ignored(first.reason)
    phone = next((jid.phone for jid in known if jid.phone), None)
    lid = next((jid.lid for jid in known if jid.lid), None)
    if phone is None and lid is None:
        return Unreadable("address")
    reply_to = first.text if first.kind != "unknown" else next(jid.text for jid in known if jid.kind != "unknown")
    return Address(jid=reply_to, phone=phone, lid=lid)


def of_key(key: Any, *, from_me: bool) -> Address | Ignored | Unreadable:
    """Return the person at the other end of a message's key (or of any object that holds these names)."""
    names = _OF_THE_CHAT if from_me else (*_OF_THE_CHAT, *_OF_THE_SENDER)
    found = person(key.get(each) for each in names)
    if not isinstance(found, Ignored) or from_me:
        return found
    author = person(key.get(each) for each in _OF_THE_AUTHOR)
    return replace(found, names=author if isinstance(author, Address) and author.phone and author.lid else None)


def conversation(address: Address) -> str:
    """Return the conversation of a person: of their phone when the channel gave it, else of their LID."""
    return conversation_id(address.phone or address.lid or address.jid)
