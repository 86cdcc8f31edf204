"""What preprocessor says: who wrote, whether they may speak, and what they said, cleaned."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from contracts.envelope import Fact, Question, Value
from contracts.ingress import Address, ChannelKey, Media, MessageKind, Quote

Mark = Literal["first_contact", "injection", "truncated", "edited", "stale"]


class Contact(Value):
    """A person: `phone` is E.164 (None only while nothing but a LID is known), `address` where to answer."""

    phone: str | None
    address: Address
    profile_name: str | None = None


class PreprocessorFact(Fact):
    """Common to all facts of preprocessor."""

    producer: ClassVar[str] = "preprocessor"


class MessageSanitized(PreprocessorFact):
    """A message that may be answered.

    `text` is what was said (caption or transcription included), never empty for
    kind `text`; `transcription_confidence` is 0–1 for voice notes, `seconds` the length of what can be heard or seen.
    `media` is what a channel wants to be told to give a voice note again, where the key does not do; never the voice.
    """

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    key: ChannelKey
    contact: Contact
    kind: MessageKind
    text: str
    transcription_confidence: float | None = Field(default=None, ge=0, le=1)
    seconds: int | None = None
    media: Media | None = None
    marks: frozenset[Mark] = frozenset()
    quote: Quote | None = None
    sent_at: AwareDatetime
    received_at: AwareDatetime


class MessageRejected(PreprocessorFact):
    """A message that is not worked on, and why; `tell` says whether the person gets one polite notice.

    `text` is what the person wrote, so that the unit can still read it.
    """

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk")

    key: ChannelKey
    contact: Contact
    kind: MessageKind = "text"
    text: str | None = Field(default=None, repr=False)
    reason: Literal["rate_limited", "opted_out", "empty", "spam", "unidentified"]
    tell: bool = False
    sent_at: AwareDatetime


class ContactsMerged(PreprocessorFact):
    """Two conversations turned out to be one person's: what was said in `merged` belongs to the subject from now on.

    `contact` is the person with both names. It may come again for the same two, when somebody wrote under the old name
    before the new one was known everywhere.
    """

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk", "postprocessor")

    merged: str
    contact: Contact


class Recording(Value):
    """A voice note in base64 and its type; `audio` is `None` when no channel has it any more."""

    audio: str | None = Field(default=None, repr=False)
    mimetype: str = "audio/ogg"


class FetchRecording(Question):
    """What does this voice note sound like? It is had from the channel each time, and kept nowhere."""

    server: ClassVar[str] = "preprocessor"
    answer: ClassVar[type[Value]] = Recording

    key: ChannelKey
    media: Media | None = None
