"""What surrounds every report of Evolution API: which event, of which instance, about which message of whom."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.ingress import Address, ChannelKey, IngressFact

from ingress_service.channels.evolution import people
from ingress_service.channels.evolution.values import flag, mapping, name, words
from ingress_service.channels.results import Ignored, Named, Unreadable

_BETWEEN_WORDS = re.compile(r"[._\-\s]+")


@dataclass(frozen=True)
class About:
    """The message that a report is about, and the person at the other end."""

    key: ChannelKey
    address: Address

    def named(self, fact: IngressFact, *more: object) -> Named:
        """Name a fact about this message; `more` tells apart what may happen to one message several times."""
        identity = (self.key.instance, self.key.id, self.key.from_me, *more)
        return Named(fact, ":".join(map(str, identity)), people.conversation(self.address))


@dataclass(frozen=True)
class Envelope:
    """Where a report comes from.

    `own` is the unit's phone (E.164), absent on some channels; `written_at` is the channel's local wall clock, which
    claims to be UTC and is good for telling repetitions apart only; `now` is ours.
    """

    event: str
    instance: str
    own: str | None
    written_at: str
    now: datetime

    @classmethod
    def read(cls, body: Mapping[str, Any], event: str, now: datetime) -> "Envelope | None":
        """Read the surroundings; `None` when no instance is named."""
        instance = name(body.get("instance"))
        if instance is None:
            return None
        sender = people.Jid.read(body.get("sender"))
        written_at = words(body.get("date_time")) or now.isoformat()
        return cls(event, instance, sender.phone if sender else None, written_at[:64], now)

    @property
    def channel(self) -> str:
        """Subject of what concerns no conversation: the connection itself."""
        return channel_subject(self.instance)

    def key(self, raw: Any) -> ChannelKey | None:
        """Read a message's key; `None` without an id."""
        channel_id = name(mapping(raw).get("id"))
        if channel_id is None:
            return None
        return ChannelKey(instance=self.instance, id=channel_id, from_me=flag(mapping(raw).get("fromMe")))

    def about(self, raw: Any) -> About | Ignored | Unreadable:
        """Read a message's key and the person that it names."""
        key = self.key(raw)
        if key is None:
            return Unreadable("key")
        address = people.of_key(mapping(raw), from_me=key.from_me)
        return About(key, address) if isinstance(address, Address) else address

    def is_own(self, address: Address) -> bool:
        """Whether this is the unit's own number."""
        return address.phone is not None and address.phone == self.own


def channel_subject(instance: str) -> str:
    """Name what concerns an instance's connection and no conversation."""
    return f"channel:{instance}"


def event_name(*candidates: Any) -> str:
    """Return the first event name given, in one spelling: `MESSAGES_UPSERT`, `messages-upsert` → `messages.upsert`."""
    return _BETWEEN_WORDS.sub(".", (words(*candidates) or "").strip().lower())
