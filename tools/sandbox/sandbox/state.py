"""Everything the outside world remembers. One object, in memory, gone with the process."""

import secrets
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from sandbox.clock import iso

Direction = Literal["in", "out"]
Author = Literal["parent", "api", "unit"]
Status = Literal["ERROR", "PENDING", "SERVER_ACK", "DELIVERY_ACK", "READ", "PLAYED", "DELETED"]
RANK: dict[str, int] = {"PENDING": 0, "SERVER_ACK": 1, "DELIVERY_ACK": 2, "READ": 3, "PLAYED": 4}
CLOUD = "WHATSAPP-BUSINESS"
"""The integration of a number on Meta's Cloud API."""

SEEDS = (
    ("5551991234501", "Mariana Souza"),
    ("5551991234502", "Rafael Oliveira"),
    ("5551991234503", "Juliana Martins"),
    ("5551991234504", "Carlos Eduardo Lima"),
    ("5551991234505", "Patrícia Nunes"),
    ("5551991234506", "Fernanda Rocha"),
)


@dataclass
class Parent:
    """Somebody with a phone. ``phone`` is digits with country code; ``lid`` the digits of their hidden identity."""

    phone: str
    name: str
    lid: str
    jid_digits: str
    on_whatsapp: bool = True

    @property
    def jid(self) -> str:
        """The phone-number JID; its digits may lack the ninth digit that people dial."""
        return f"{self.jid_digits}@s.whatsapp.net"

    @property
    def lid_jid(self) -> str:
        """The LID JID."""
        return f"{self.lid}@lid"

    def as_json(self) -> dict[str, Any]:
        """For the control API and the page."""
        return {"phone": self.phone, "name": self.name, "lid": self.lid_jid, "on_whatsapp": self.on_whatsapp}


@dataclass
class Message:
    """One message as the channel keeps it. ``direction`` is seen from the unit; ``at`` is Unix seconds."""

    id: str
    instance: str
    phone: str
    direction: Direction
    author: Author
    kind: str
    text: str
    at: float
    key: dict[str, Any]
    content: dict[str, Any]
    status: Status
    push_name: str = ""
    message_type: str = "conversation"
    context_info: dict[str, Any] | None = None
    delay_ms: int = 0
    quote: str | None = None
    edited: bool = False
    deleted: bool = False
    reaction: str | None = None
    transcription: str | None = None
    updates: list[str] = field(default_factory=list)
    read_wanted: bool = False
    reference: str | None = None
    """What the sender gave along to get back with receipts (Meta's ``biz_opaque_callback_data``)."""
    source: str = "ios"
    row_id: str = field(default_factory=lambda: f"cm{secrets.token_hex(11)}")

    def as_json(self) -> dict[str, Any]:
        """For the control API and the page."""
        return {
            "id": self.id,
            "phone": self.phone,
            "direction": self.direction,
            "author": self.author,
            "kind": self.kind,
            "text": self.text,
            "at": iso(self.at),
            "status": self.status,
            "delay": self.delay_ms,
            "quote": self.quote,
            "edited": self.edited,
            "deleted": self.deleted,
            "reaction": self.reaction,
        }


@dataclass
class WebhookConfig:
    """What ``/webhook/set`` keeps. ``events`` empty means all."""

    url: str | None = None
    enabled: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    by_events: bool = False
    base64: bool = False


@dataclass
class RabbitConfig:
    """What ``/rabbitmq/set`` keeps. ``events`` empty means all."""

    enabled: bool = False
    events: list[str] = field(default_factory=list)


@dataclass
class Instance:
    """One WhatsApp number connected to Evolution."""

    name: str
    owner_digits: str
    integration: str = "WHATSAPP-BAILEYS"
    id: str = field(default_factory=lambda: str(uuid4()))
    token: str = field(default_factory=lambda: str(uuid4()).upper())
    state: Literal["open", "connecting", "close"] = "open"
    webhook: WebhookConfig = field(default_factory=WebhookConfig)
    rabbitmq: RabbitConfig = field(default_factory=RabbitConfig)

    @property
    def channel(self) -> Literal["evolution", "meta", "twilio"]:
        """Who stands between it and the caller; ``cloud:…`` and ``twilio:…`` are no Evolution's."""
        if self.name.startswith("cloud:"):
            return "meta"
        return "twilio" if self.name.startswith("twilio:") else "evolution"

    @property
    def owner_jid(self) -> str:
        """The unit's own JID, which Evolution calls ``sender``."""
        return f"{self.owner_digits}@s.whatsapp.net"


class State:
    """People, messages in the order they were written, connected numbers, and the templates that Meta approved."""

    def __init__(self) -> None:
        self.instances: dict[str, Instance] = {}
        self.messages: list[Message] = []
        self.templates: dict[tuple[str, str], str] = {}
        self._people: dict[str, Parent] = {}
        self._by_lid: dict[str, Parent] = {}
        self._by_id: dict[str, Message] = {}
        self._chats: dict[str, list[Message]] = {}

    @property
    def parents(self) -> list[Parent]:
        """Everybody, in the order they turned up."""
        return list(self._people.values())

    def parent(self, phone: str, name: str | None = None) -> Parent:
        """Find the person (ninth digit or not), made on first sight; a ``name`` given replaces theirs."""
        found = self.find(phone)
        if found is None:
            # WhatsApp's LIDs are fifteen digits that say nothing about the phone.
            found = Parent(phone, name or "", f"2{secrets.randbelow(10**14):014d}", phone)
            self._people[without_ninth_digit(phone)] = self._by_lid[found.lid] = found
        elif name:
            found.name = name
        return found

    def find(self, address: str) -> Parent | None:
        """By digits, ``…@s.whatsapp.net`` or ``…@lid``; Brazilian numbers match with and without the ninth digit."""
        digits, _, host = address.partition("@")
        return self._by_lid.get(digits) if host == "lid" else self._people.get(without_ninth_digit(digits))

    def keep(self, message: Message) -> None:
        """Remember a message as the newest of its chat."""
        self.messages.append(message)
        self._by_id[message.id] = message
        self._chats.setdefault(message.phone, []).append(message)

    def message(self, message_id: str) -> Message | None:
        """Find the newest message with this id."""
        return self._by_id.get(message_id)

    def chat(self, phone: str) -> list[Message]:
        """One person's messages, both ways, oldest first."""
        return self._chats.get(phone, [])


def without_ninth_digit(digits: str) -> str:
    """Brazilian mobile numbers as one form: 55, area code and the last eight digits. Others unchanged."""
    if len(digits) == 13 and digits.startswith("55") and digits[4] == "9":
        return digits[:4] + digits[5:]
    return digits


def phone_id() -> str:
    """Make a message id as an iPhone makes it."""
    return "3A" + secrets.token_hex(9).upper()


def api_id() -> str:
    """Make a message id as Evolution's WhatsApp Web client makes it."""
    return "3EB0" + secrets.token_hex(9).upper()


def business_id(instance: Instance) -> str:
    """Make a message id as Meta's Cloud API, or Twilio, makes it."""
    return f"SM{secrets.token_hex(16)}" if instance.channel == "twilio" else f"wamid.HBgN{secrets.token_urlsafe(24)}"
