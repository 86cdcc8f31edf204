"""What postprocessor says: what became of a reply."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.envelope import Fact, Question, Value
from contracts.ingress import Address, ChannelKey
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


class WaitingPerson(Value):
    """Somebody whose reply is held back: since when the oldest waits, and how many bubbles."""

    conversation: str
    contact: Contact
    since: AwareDatetime
    bubbles: int


class ChannelOutageReported(PostprocessorFact):
    """A channel has not taken messages since `began_at`; said again every minute, and once more when it does again.

    `waiting` are the people whose replies are held back for it, longest first; the subject is the channel's.
    """

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    channel: Channel
    began_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    waiting: tuple[WaitingPerson, ...] = ()


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


class Recognised(Value):
    """Whether a message from the unit's number is one of ours."""

    ours: bool


class Recognise(Question):
    """Is this message from the unit's number, which the channel does not say was sent by its API, one of ours?

    What is recognised once stays so: everybody who asks about a message learns the same.
    """

    server: ClassVar[str] = "postprocessor"
    answer: ClassVar[type[Value]] = Recognised

    key: ChannelKey
    address: Address
    text: str | None = None
    sent_at: AwareDatetime
