"""Whether a message may be worked on, and what it says: pure, time is an argument."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts.ingress import Media, MessageReceived, Quote
from contracts.preprocessor import Contact, Mark, MessageRejected, MessageSanitized

from preprocessor_service.injection import instructs_a_machine
from preprocessor_service.text import clean, cut, one_line

MOST_OF_A_NAME = 80
AUDIBLE_FROM = 0.4
"""Confidence below which a transcription is a guess: better ask than answer it."""
# What transcribers write about silence and noise: the ends of the subtitles that they learned from.
_NOBODY_SPOKE = re.compile(
    r"\b(?:legendas? (?:pela|por|feitas?|e traducao)|legendad[oa] p\w+|amara\.org|obrigad[oa] por assistir"
    r"|inscrevam?-se (?:no|em) (?:o )?(?:nosso |meu )?canal|transcric?ao e legendas?|subtitles by"
    r"|thanks for watching)\b"
)
Reason = Literal["unidentified", "rate_limited", "empty"]


@dataclass(frozen=True)
class Heard:
    """What a voice note says; nothing when nobody could listen. `confidence` is 0–1, `None` when unknown."""

    text: str = ""
    confidence: float | None = None


@dataclass(frozen=True)
class Said:
    """A message's clean text, its quote and what there is to know about them."""

    text: str
    quote: Quote | None
    marks: frozenset[Mark]
    confidence: float | None = None


def is_audible(heard: Heard) -> bool:
    """Whether somebody can be taken to have said what was heard."""
    told = unicodedata.normalize("NFD", heard.text.lower())
    plain = "".join(char for char in told if not unicodedata.combining(char))
    is_sure = heard.confidence is None or heard.confidence >= AUDIBLE_FROM
    return is_sure and any(map(str.isalnum, plain)) and not _NOBODY_SPOKE.search(plain)


def needs_ears(message: MessageReceived) -> bool:
    """Whether somebody must listen to a message to know what it says; some channels have listened already."""
    return message.kind == "audio" and not clean(message.text or "")


def said(message: MessageReceived, heard: Heard, now: datetime, stale_after: timedelta) -> Said:
    """Clean what a message says: its text, else what was heard, else its caption."""
    text, is_cut = cut(clean(message.text or "") or clean(heard.text) or clean(message.caption or ""))
    quote = _quote(message.quote)
    quoted = quote.text if quote and quote.text else ""
    marks: dict[Mark, bool] = {
        "truncated": is_cut,
        "injection": instructs_a_machine(text) or instructs_a_machine(quoted),
        "stale": now - message.sent_at > stale_after,
    }
    confidence = heard.confidence if text and needs_ears(message) and clean(heard.text) else None
    return Said(text, quote, frozenset(mark for mark, holds in marks.items() if holds), confidence)


def refusal(message: MessageReceived, text: str, *, is_identified: bool, is_within_limit: bool) -> Reason | None:
    """Say why a message is not worked on, `None` when it is."""
    if not is_identified:
        return "unidentified"
    if not is_within_limit:
        return "rate_limited"
    return "empty" if message.kind == "text" and not text else None


def profile_name(name: str | None) -> str | None:
    """Return the name that a person gave themselves, unless there is nothing in it or it gives orders to machines."""
    shown = one_line(name, MOST_OF_A_NAME)
    return None if shown is None or instructs_a_machine(shown) else shown


def sanitized(
    message: MessageReceived, words: Said, contact: Contact, *, is_first: bool, received_at: datetime
) -> MessageSanitized:
    """Say what is worked on."""
    return MessageSanitized(
        key=message.key,
        contact=contact,
        kind=message.kind,
        text=words.text,
        transcription_confidence=words.confidence,
        seconds=message.media.seconds if message.media else None,
        media=_where(message),
        marks=words.marks | {"first_contact"} if is_first else words.marks,
        quote=words.quote,
        sent_at=message.sent_at,
        received_at=received_at,
    )


def _where(message: MessageReceived) -> Media | None:
    """Return where a voice note can be had again; Evolution needs no more than the key."""
    media = message.media
    if message.kind != "audio" or media is None or not is_business(message.key.instance):
        return None
    return Media(mimetype=media.mimetype, id=media.id, url=media.url)


def is_business(instance: str) -> bool:
    """Whether a number is on a channel without Evolution between, as its name says: `cloud:…`, `twilio:…`."""
    return ":" in instance


def rejected(message: MessageReceived, words: Said, contact: Contact, reason: Reason, *, tell: bool) -> MessageRejected:
    """Say what is not worked on, and why."""
    return MessageRejected(
        key=message.key,
        contact=contact,
        kind=message.kind,
        text=words.text or None,
        reason=reason,
        tell=tell,
        sent_at=message.sent_at,
    )


def _quote(quote: Quote | None) -> Quote | None:
    if quote is None:
        return None
    text, _ = cut(clean(quote.text or ""))
    return Quote(channel_id=quote.channel_id, text=text or None)
