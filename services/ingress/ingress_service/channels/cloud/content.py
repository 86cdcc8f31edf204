"""What a message of the Cloud API says, by its type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.ingress import MessageKind

from ingress_service.channels.evolution.values import mapping, text, words

_KINDS: dict[str, MessageKind] = {
    "text": "text",
    "interactive": "text",
    "button": "text",
    "image": "image",
    "audio": "audio",
    "voice": "audio",
    "video": "video",
    "document": "document",
    "sticker": "sticker",
    "location": "location",
    "contacts": "contact",
    "reaction": "reaction",
}
_MEDIA = frozenset({"image", "audio", "video", "document", "sticker"})


@dataclass(frozen=True)
class Said:
    """The words of a message; `media` are the fields of `Media` that the channel gives."""

    text: str | None = None
    caption: str | None = None
    media: Mapping[str, Any] | None = None
    reacted_to: str | None = None


def kind_of(type_: str | None) -> MessageKind | None:
    """Return the kind of a type; `None` for what no person wrote."""
    return None if type_ == "system" else _KINDS.get(type_ or "", "unsupported")


def said(data: Mapping[str, Any], kind: MessageKind) -> Said:
    """Read the words of a message."""
    about = mapping(data.get(text(data.get("type")) or ""))
    if kind == "reaction":
        return Said(text=words(about.get("emoji")), reacted_to=text(about.get("message_id")))
    if kind in _MEDIA:
        media = {
            "id": text(about.get("id")),
            "mimetype": text(about.get("mime_type")),
            "file_name": words(about.get("filename")),
            "voice_note": about.get("voice") is True,
        }
        return Said(caption=words(about.get("caption")), media=media)
    if kind == "location":
        return Said(text=words(about.get("name"), about.get("address")))
    chosen = mapping(about.get("button_reply")) or mapping(about.get("list_reply"))
    return Said(text=words(about.get("body"), chosen.get("title"), about.get("text")))
