"""The JSON that Evolution's WhatsApp Web channel (Baileys) puts into webhooks and answers."""

import base64
import hashlib
from typing import Any, Literal

from sandbox import media
from sandbox.state import Instance, Message, Parent

Addressing = Literal["pn", "lid", "lid_only", "lid_as_pn"]
MESSAGE_TYPES = {
    "text": "conversation",
    "audio": "audioMessage",
    "image": "imageMessage",
    "video": "videoMessage",
    "document": "documentMessage",
    "sticker": "stickerMessage",
    "location": "locationMessage",
    "contact": "contactMessage",
    "reaction": "reactionMessage",
}


def long(value: int) -> dict[str, Any]:
    """Write a 64-bit integer as Evolution serialises it."""
    low = value & 0xFFFFFFFF
    return {"low": low - (1 << 32) if low >= 1 << 31 else low, "high": value >> 32, "unsigned": True}


def octets(value: bytes) -> dict[str, int]:
    """Bytes as Evolution serialises them."""
    return {str(place): byte for place, byte in enumerate(value)}


def key_from(parent: Parent, message_id: str, addressing: Addressing, *, from_me: bool) -> dict[str, Any]:
    """Make a message key.

    ``pn``: phone in remoteJid, LID beside it. ``lid``: the reverse (2.3.5, 2.3.6). ``lid_only``: no phone at all.
    ``lid_as_pn``: 2.3.7's overwritten remoteJid, both the phone, still called ``lid``.
    """
    remote, other = {
        "pn": (parent.jid, parent.lid_jid),
        "lid": (parent.lid_jid, parent.jid),
        "lid_only": (parent.lid_jid, None),
        "lid_as_pn": (parent.jid, parent.jid),
    }[addressing]
    key: dict[str, Any] = {
        "remoteJid": remote,
        "fromMe": from_me,
        "id": message_id,
        "addressingMode": "pn" if addressing == "pn" else "lid",
    }
    return key | ({"remoteJidAlt": other} if other else {})


def content_of(kind: str, text: str, message_id: str, at: float, *, quoted: Message | None = None) -> dict[str, Any]:
    """``data.message`` for a kind; ``text`` is the text, the caption, the place's name or the emoji."""
    if kind == "text":
        return {"conversation": text}
    if kind == "location":
        return {
            "locationMessage": {
                "degreesLatitude": -30.0346,
                "degreesLongitude": -51.2177,
                "name": text or "Minha localização",
                "address": "Porto Alegre, RS",
            }
        }
    if kind == "contact":
        name = text or "Contato"
        vcard = f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;waid=5551991234599:+55 51 99123-4599\nEND:VCARD"
        return {"contactMessage": {"displayName": name, "vcard": vcard}}
    if kind == "reaction":
        key = {name: quoted.key[name] for name in ("remoteJid", "fromMe", "id")} if quoted else {}
        return {"reactionMessage": {"key": key, "text": text, "senderTimestampMs": long(int(at * 1000))}}
    return {MESSAGE_TYPES[kind]: _media(kind, text, message_id, at)}


def _media(kind: str, caption: str, message_id: str, at: float) -> dict[str, Any]:
    file = media.file_of(kind, message_id)
    digest = hashlib.sha256(file).digest()
    shape: dict[str, Any] = {
        "url": f"https://mmg.whatsapp.net/v/t62/{message_id}",
        "mimetype": media.MIME[kind],
        "fileSha256": octets(digest),
        "fileLength": long(len(file)),
        "mediaKey": octets(hashlib.sha256(digest).digest()),
        "fileEncSha256": octets(hashlib.sha256(file + digest).digest()),
        "directPath": f"/v/t62/{message_id}",
        "mediaKeyTimestamp": long(int(at)),
    }
    match kind:
        case "audio":
            shape |= {"seconds": 7, "ptt": True, "waveform": octets(bytes(range(32)))}
        case "image":
            shape |= {"height": 1, "width": 1, "jpegThumbnail": octets(digest)}
        case "video":
            shape |= {"seconds": 3}
        case "document":
            shape |= {"fileName": "documento.pdf", "title": "documento.pdf", "pageCount": 1}
        case "sticker":
            shape |= {"isAnimated": False}
    return shape | ({"caption": caption} if caption and kind in ("image", "video", "document") else {})


def quote_context(quoted: Message, quoted_by: Literal["parent", "unit"], owner_jid: str) -> dict[str, Any]:
    """``contextInfo`` of an answer to ``quoted``; the participant is who wrote the quoted message."""
    wrote = owner_jid if quoted.direction == "out" else str(quoted.key["remoteJid"])
    context: dict[str, Any] = {
        "stanzaId": quoted.id,
        "participant": wrote,
        "quotedMessage": quoted.content,
    }
    return context if quoted_by == "parent" else {"mentionedJid": [], "groupMentions": []} | context


def record(message: Message, instance: Instance) -> dict[str, Any]:
    """Show a message as ``messages.upsert``, ``send.message`` and the ``sendText`` answer do."""
    return {
        "key": message.key,
        "pushName": message.push_name,
        "status": message.status,
        "message": message.content,
        "contextInfo": message.context_info,
        "messageType": message.message_type,
        "messageTimestamp": int(message.at),
        "instanceId": instance.id,
        "source": message.source,
    }


def receipt(message: Message, instance: Instance) -> dict[str, Any]:
    """Make the ``data`` of ``messages.update``."""
    return {
        "keyId": message.id,
        "remoteJid": message.key["remoteJid"],
        "fromMe": message.direction == "out",
        "status": message.status,
        "instanceId": instance.id,
        "messageId": message.row_id,
    }


def stored(message: Message, instance: Instance) -> dict[str, Any]:
    """Make a record of ``findMessages``; there the status lives in MessageUpdate."""
    shown = record(message, instance)
    del shown["status"]
    updates = [*message.updates, "DELETED"] if message.deleted else message.updates
    return {"id": message.row_id} | shown | {"MessageUpdate": [{"status": status} for status in updates]}


def downloaded(message: Message) -> dict[str, Any]:
    """Make the answer of ``getBase64FromMediaMessage``; KeyError when the message has no file."""
    file = media.file_of(message.kind, message.id)
    about = message.content[message.message_type]
    extension = {"audio": "oga", "image": "png", "video": "mp4", "document": "pdf", "sticker": "webp"}[message.kind]
    return {
        "mediaType": message.message_type,
        "fileName": about.get("fileName", f"{message.id}.{extension}"),
        "caption": about.get("caption"),
        "size": {"fileLength": about["fileLength"], "height": about.get("height"), "width": about.get("width")},
        "mimetype": about["mimetype"],
        "base64": base64.b64encode(file).decode(),
        "buffer": None,
    }
