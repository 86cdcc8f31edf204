"""What ingress says: what the channel reported, named, with the channel's own keys."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from contracts.envelope import Fact, Value

MessageKind = Literal[
    "text",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contact",
    "reaction",
    "poll",
    "call",
    "unsupported",
]
"""How a message came; button and list replies are `text` with the chosen title."""

ReceiptStatus = Literal["error", "pending", "sent", "delivered", "read", "played", "deleted"]
"""Evolution's ERROR, PENDING, SERVER_ACK, DELIVERY_ACK, READ, PLAYED, DELETED (Cloud: FAILED, SENT, …)."""


class Address(Value):
    """Where a person is on the channel.

    `jid` is what a reply is sent to, as received (`…@s.whatsapp.net`, `…@lid`, bare digits on the EVOLUTION
    channel); `phone` is E.164 with the Brazilian ninth digit, when the channel gave it; `lid` ends in `@lid`.
    """

    jid: str
    phone: str | None = None
    lid: str | None = None


class ChannelKey(Value):
    """The channel's own identity of a message: (instance, id, from_me) is unique; the jid is not part of it."""

    instance: str
    id: str
    from_me: bool = False


class Quote(Value):
    """The message that a message answers to."""

    channel_id: str
    text: str | None = None


class Media(Value):
    """Where the bytes of a media message can be had.

    `seconds` is an audio's or video's length, `bytes` its size as the channel says it, `url` an address that the
    channel gave, `id` its own name of the file; without either the channel is asked by the message's key. `cached`
    names a short-lived copy. `content` is a short voice note itself, in base64, when the channel sent it along.
    """

    mimetype: str | None = None
    file_name: str | None = None
    seconds: int | None = None
    bytes: int | None = None
    voice_note: bool = False
    url: str | None = None
    id: str | None = None
    cached: str | None = None
    content: str | None = Field(default=None, repr=False)


class IngressFact(Fact):
    """Common to all facts of ingress."""

    producer: ClassVar[str] = "ingress"


class MessageReceived(IngressFact):
    """One message of a parent arrived. `sent_at` is the channel's clock (1 s grain)."""

    consumers: ClassVar[tuple[str, ...]] = ("preprocessor",)

    key: ChannelKey
    address: Address
    profile_name: str | None = None
    kind: MessageKind
    text: str | None = None
    caption: str | None = None
    media: Media | None = None
    quote: Quote | None = None
    sent_at: AwareDatetime


class MessageEdited(IngressFact):
    """A parent changed a message."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    key: ChannelKey
    address: Address
    text: str
    edited_at: AwareDatetime


class MessageDeleted(IngressFact):
    """A parent took a message back."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    key: ChannelKey
    address: Address


class ParentTyping(IngressFact):
    """A parent is typing, or stopped."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue",)

    address: Address
    typing: bool


class MessageEchoed(IngressFact):
    """A message from the unit's own number.

    `origin` is `api` for what was sent through the channel's API (ours, or another program's) and `phone` for what
    somebody typed on the unit's phone or another of its devices. `unsure` is what may be ours all the same: its id is
    one that the API makes, too, and nobody could say in time whose it is; who acts on it asks postprocessor
    (`Recognise`).
    """

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk", "postprocessor")

    key: ChannelKey
    address: Address
    origin: Literal["api", "phone"]
    unsure: bool = False
    kind: MessageKind = "text"
    text: str | None = None
    sent_at: AwareDatetime


class NamesSeen(IngressFact):
    """The channel showed two names of one person (`address` holds phone and LID) beside something else."""

    consumers: ClassVar[tuple[str, ...]] = ("preprocessor",)

    address: Address


class ReceiptReceived(IngressFact):
    """The channel reported how far a message got; may repeat, skip and come out of order.

    `reference` is what we gave along when it was sent, where a channel gives that back (Meta's Cloud API does).
    """

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk", "postprocessor")

    key: ChannelKey
    status: ReceiptStatus
    reference: str | None = None


class ChannelStateChanged(IngressFact):
    """The connection to WhatsApp changed; `qr` is the code to scan when the channel asks for it."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk",)

    instance: str
    state: Literal["open", "connecting", "closed", "qr"]
    reason: int | None = None
    qr: str | None = Field(default=None, repr=False)
