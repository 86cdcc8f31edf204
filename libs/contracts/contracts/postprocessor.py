"""What postprocessor says: what became of a reply."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.envelope import Fact, Value
from contracts.ingress import ChannelKey
from contracts.preprocessor import Contact

Channel = Literal["evolution", "cloud_api", "twilio"]


class SentBubble(Value):
    """One bubble that the channel took: `key` is the channel's identity of it."""

    index: int
    key: ChannelKey
    sent_at: AwareDatetime


class PostprocessorFact(Fact):
    """Common to all facts of postprocessor."""

    producer: ClassVar[str] = "postprocessor"


class ReplyDelivered(PostprocessorFact):
    """Every bubble of a reply was taken by the channel."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    reply_id: UUID
    turn_id: UUID | None = None
    contact: Contact
    channel: Channel
    bubbles: tuple[SentBubble, ...]
    attempts: int


class ReplyRead(PostprocessorFact):
    """The person read the last bubble of a reply."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    reply_id: UUID
    contact: Contact
    read_at: AwareDatetime


class DeliveryFailed(PostprocessorFact):
    """A reply, or the rest of it, will not reach the person; `sent` bubbles did."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    reply_id: UUID
    turn_id: UUID | None = None
    contact: Contact
    reason: Literal[
        "not_on_whatsapp", "expired", "taken_over", "rejected", "instance_missing", "exhausted", "outside_window"
    ]
    sent: tuple[SentBubble, ...] = ()
    attempts: int
