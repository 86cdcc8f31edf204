"""Tiny but genuine files behind media messages, so that a download gives what the message promised."""

import base64
import struct

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_WEBP = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_MP4 = bytes.fromhex("000000186674797069736f6d0000020069736f6d6d703431") + b"\x00\x00\x00\x08free"
_MARK = b"sandbox-audio="

MIME = {
    "audio": "audio/ogg; codecs=opus",
    "image": "image/png",
    "video": "video/mp4",
    "document": "application/pdf",
    "sticker": "image/webp",
}


def file_of(kind: str, message_id: str) -> bytes:
    """Give the bytes of a media message; KeyError for a kind without a file."""
    if kind == "audio":
        return _voice_note(message_id)
    return {"image": _PNG, "video": _MP4, "document": _PDF, "sticker": _WEBP}[kind]


def audio_message_id(file: bytes) -> str | None:
    """Whose voice note this file is, read from its comment header; None when it is not one of ours."""
    _, found, rest = file.partition(_MARK)
    return rest.split(b"\0", 1)[0].decode("ascii", "replace") if found else None


def _voice_note(message_id: str) -> bytes:
    """Make an Ogg Opus file (RFC 7845) without sound, whose comment header names its message."""
    comment = _MARK + message_id.encode() + b"\0"
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 0, 16000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 7) + b"sandbox" + struct.pack("<II", 1, len(comment)) + comment
    return _page(0, 2, head) + _page(1, 0, tags) + _page(2, 4, b"\xf8\xff\xfe")


def _page(sequence: int, flags: int, packet: bytes) -> bytes:
    def page(checksum: int) -> bytes:
        return struct.pack("<4sBBqIIIBB", b"OggS", 0, flags, 0, 1, sequence, checksum, 1, len(packet)) + packet

    return page(_ogg_crc(page(0)))


def _ogg_crc(data: bytes) -> int:
    """Ogg's CRC-32: polynomial 0x04C11DB7, not reflected, start 0 (RFC 3533, section 6)."""
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc
