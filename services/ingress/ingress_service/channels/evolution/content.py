"""What a message says: the `message` object of WhatsApp's protocol, by what it holds.

An object may hold several names (`messageContextInfo` stands beside most), so the type is never "the first name".
Source: the shapes that Evolution API 2.3 sends on its Baileys, Cloud and EVOLUTION channels.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contracts.ingress import Media, MessageKind, Quote

from ingress_service.channels.evolution.values import flag, mapping, name, size, text, words
from ingress_service.channels.results import IgnoredReason

_WRAPPED_AT_MOST = 10
_BESIDE_WRAPPERS = ("base64", "mediaUrl", "speechToText", "contextInfo")
_MOST_INLINE = 1_500_000
"""Of base64, in a fact: six minutes of speech. What is longer is fetched by whoever wants it."""
_HEARD_BY_CHANNEL = "[audio] "  # how Evolution's own speech-to-text begins


@dataclass(frozen=True)
class Content:
    """What was said, and how."""

    kind: MessageKind
    text: str | None = None
    caption: str | None = None
    media: Media | None = None
    quote: Quote | None = None
    is_empty: bool = False


_Reader = Callable[[Mapping[str, Any]], str | None]


def _native_flow_title(part: Mapping[str, Any]) -> str | None:
    written = text(mapping(part.get("nativeFlowResponseMessage")).get("paramsJson"))
    try:
        params = mapping(json.loads(written or ""))
    except (ValueError, RecursionError):
        return None
    return words(params.get("display_text"), params.get("title"), params.get("description"), params.get("id"))


def _template_text(part: Mapping[str, Any]) -> str | None:
    hydrated = mapping(part.get("hydratedTemplate")) or mapping(part.get("hydratedFourRowTemplate"))
    return words(hydrated.get("hydratedContentText"), hydrated.get("hydratedTitleText"))


def _body_text(part: Mapping[str, Any]) -> str | None:
    return words(mapping(part.get("body")).get("text"))


_TEXTS: dict[str, _Reader] = {
    "extendedTextMessage": lambda part: words(part.get("text")),
    "buttonsResponseMessage": lambda part: words(part.get("selectedDisplayText"), part.get("selectedButtonId")),
    "listResponseMessage": lambda part: words(
        part.get("title"), part.get("description"), mapping(part.get("singleSelectReply")).get("selectedRowId")
    ),
    "templateButtonReplyMessage": lambda part: words(part.get("selectedDisplayText"), part.get("selectedId")),
    "interactiveResponseMessage": lambda part: _body_text(part) or _native_flow_title(part),
    "interactiveMessage": _body_text,
    "buttonsMessage": lambda part: words(part.get("contentText"), part.get("text")),
    "listMessage": lambda part: words(part.get("description"), part.get("title")),
    "templateMessage": _template_text,
}
_MEDIA: dict[str, MessageKind] = {
    "imageMessage": "image",
    "videoMessage": "video",
    "ptvMessage": "video",
    "audioMessage": "audio",
    "documentMessage": "document",
    "stickerMessage": "sticker",
}
_OTHERS: dict[str, MessageKind] = {
    "locationMessage": "location",
    "liveLocationMessage": "location",
    "contactMessage": "contact",
    "contactsArrayMessage": "contact",
    "reactionMessage": "reaction",
    "encReactionMessage": "reaction",
    "pollCreationMessage": "poll",
    "pollCreationMessageV2": "poll",
    "pollCreationMessageV3": "poll",
    "pollCreationMessageV5": "poll",
    "pollUpdateMessage": "poll",
    "call": "call",
    "callLogMessage": "call",
    "callLogMesssage": "call",  # WhatsApp's own spelling
    "bcallMessage": "call",
    "scheduledCallCreationMessage": "call",
}
_NOISE: dict[str, IgnoredReason] = {
    "albumMessage": "album",  # announces pictures that follow as messages of their own
    "protocolMessage": "protocol",
    "senderKeyDistributionMessage": "protocol",
    "fastRatchetKeySenderKeyDistributionMessage": "protocol",
    "keepInChatMessage": "protocol",
    "pinInChatMessage": "protocol",
    "messageContextInfo": "protocol",
    "stickerSyncRmrMessage": "protocol",
    "secretEncryptedMessage": "protocol",
}


def unwrap(message: Any) -> Mapping[str, Any]:
    """Open every wrapper (`ephemeralMessage`, `viewOnceMessageV2`, `editedMessage`, …) down to what was sent.

    WhatsApp's wrappers, also those to come, are objects whose only content is another `message`.
    """
    opened = mapping(message)
    for _ in range(_WRAPPED_AT_MOST):
        inner = next((each["message"] for each in opened.values() if _is_wrapper(each)), None)
        if inner is None:
            break
        beside = {key: opened[key] for key in _BESIDE_WRAPPERS if opened.get(key)}
        opened = {**beside, **inner}
    return opened


def _is_wrapper(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("message"), dict)


def read_content(message: Any, message_type: Any = None, context: Any = None) -> Content | IgnoredReason:
    """Read what a message says. `message_type` is the channel's own word for it, `context` its `contextInfo`."""
    opened = unwrap(message)
    content, part = _read(opened, text(message_type) or "")
    if isinstance(content, str) or content.quote is not None:
        return content
    return replace(content, quote=_quote(context, part.get("contextInfo"), opened.get("contextInfo")))


def _read(opened: Mapping[str, Any], message_type: str) -> tuple[Content | IgnoredReason, Mapping[str, Any]]:
    said = words(opened.get("conversation"))
    if said is not None:
        return Content("text", text=said), {}
    for key, read in _TEXTS.items():
        part = mapping(opened.get(key))
        if part and (said := read(part)) is not None:
            return Content("text", text=said), part
    for key, kind in (_MEDIA | _OTHERS).items():
        if isinstance(opened.get(key), dict):
            part = mapping(opened[key])
            return _media(kind, part, opened) if key in _MEDIA else _other(kind, part), part
    if text(opened.get("conversation")) is not None or mapping(opened.get("extendedTextMessage")):
        return Content("text", text=""), {}
    return _by_type(opened, message_type), {}


def _by_type(opened: Mapping[str, Any], message_type: str) -> Content | IgnoredReason:
    if opened.get("mediaUrl") and message_type in _MEDIA:  # the EVOLUTION channel sends nothing but the address
        return _media(_MEDIA[message_type], {}, opened)
    if message_type in {"buttonMessage", "listMessage", "interactiveMessage"}:
        said = words(opened.get("description"), opened.get("title"))
        if said is not None:
            return Content("text", text=said)
    if opened and all(key in _NOISE or key in _BESIDE_WRAPPERS for key in opened):
        return next((reason for key, reason in _NOISE.items() if key in opened), "protocol")
    return Content("unsupported", is_empty=not opened)


def _media(kind: MessageKind, part: Mapping[str, Any], opened: Mapping[str, Any]) -> Content:
    url, inline = words(opened.get("mediaUrl")), opened.get("base64")
    is_carried = kind == "audio" and isinstance(inline, str) and inline.isascii() and 0 < len(inline) <= _MOST_INLINE
    media = Media(
        mimetype=words(part.get("mimetype"), part.get("mime_type")),
        file_name=words(part.get("fileName"), part.get("filename"), part.get("title")),
        seconds=size(part.get("seconds")),
        bytes=size(part.get("fileLength")),
        voice_note=kind == "audio" and (flag(part.get("ptt")) or flag(part.get("voice"))),
        url=url if url and url.startswith(("http://", "https://")) else None,
        content=inline if is_carried else None,
    )
    heard = words(opened.get("speechToText")) if kind == "audio" else None
    said = heard.removeprefix(_HEARD_BY_CHANNEL) if heard else None
    return Content(kind, text=said, caption=words(part.get("caption")), media=media)


def _other(kind: MessageKind, part: Mapping[str, Any]) -> Content:
    if kind == "reaction":
        target = name(mapping(part.get("key")).get("id")) or name(mapping(part.get("targetMessageKey")).get("id"))
        return Content(kind, text=words(part.get("text")), quote=Quote(channel_id=target) if target else None)
    return Content(
        kind, caption=words(part.get("name") if kind == "poll" else part.get("caption"), part.get("comment"))
    )


def _quote(*contexts: Any) -> Quote | None:
    for context in map(mapping, contexts):
        channel_id = name(context.get("stanzaId"))
        if channel_id is not None:
            quoted, _ = _read(unwrap(context.get("quotedMessage")), "")
            said = (quoted.text or quoted.caption) if isinstance(quoted, Content) else None
            return Quote(channel_id=channel_id, text=said)
    return None
