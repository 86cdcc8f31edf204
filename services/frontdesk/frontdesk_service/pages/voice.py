"""Voice notes, to be played on the page."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from frontdesk_service.listening import Listening
from frontdesk_service.pages.conversations import found
from frontdesk_service.pages.session import Sessions
from frontdesk_service.reading import Reads
from frontdesk_service.tokens import Account

GONE = "Este áudio não está mais no WhatsApp da unidade."
_SOUND = re.compile(r"audio/[a-z0-9.+-]+(; ?codecs=[a-z0-9.]+)?")


def router(sessions: Sessions, reads: Reads, listening: Listening) -> APIRouter:
    """`GET /conversas/{digits}/audios/{id}`."""
    routes = APIRouter()

    @routes.get("/conversas/{path}/audios/{message_id}")
    async def play(
        path: str,
        message_id: UUID,
        request: Request,
        _: Annotated[Account, Depends(sessions.may("conversations"))],
    ) -> Response:
        async with reads() as connection:
            person = await found(connection, path)
        voice = await listening.hear(person, message_id)
        if voice is None:
            raise HTTPException(404, GONE)
        is_sound = _SOUND.fullmatch(voice.mimetype)
        return ranged(voice.sound, voice.mimetype if is_sound else "audio/ogg", request.headers.get("range"))

    return routes


def ranged(content: bytes, kind: str, wanted: str | None) -> Response:
    """Answer with the whole, or the one range of bytes that was asked for (RFC 9110, 14)."""
    headers, size = {"Accept-Ranges": "bytes"}, len(content)
    asked = re.fullmatch(r"bytes=([0-9]*)-([0-9]*)", wanted or "")
    if asked is None or not any(asked.groups()):
        return Response(content, media_type=kind, headers=headers)
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2]) if asked[2] else size - 1, size - 1)
    else:
        first, last = max(size - int(asked[2]), 0), size - 1
    if first > last:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Response(content[first : last + 1], 206, headers, kind)
