"""Voice notes become text: their words come from llm-gateway, within a bound."""

import asyncio

from chassis.errors import Permanent, Transient
from chassis.line import Line
from chassis.logging import get_logger
from chassis.telemetry import signals, span
from contracts.ingress import Media, MessageReceived
from contracts.llm_gateway import Transcribe, Transcription

from preprocessor_service.domain import Heard, is_audible
from preprocessor_service.recordings import MOST_BYTES, Recordings

log = get_logger(__name__)
_HEAR = signals(__name__).operation("preprocessor.hear", "A voice note is fetched, and its words are asked for.")

HEAR_WITHIN_S = 15.0
"""The whole of it; a parent who waits longer would rather be asked to write."""
LONGEST_S = 300
"""A longer voice note is not listened to: it costs more than it says, and nobody would wait for it."""


class Ears:
    """Listens to voice notes."""

    def __init__(self, line: Line, recordings: Recordings) -> None:
        self._line = line
        self._recordings = recordings

    async def hear(self, message: MessageReceived, conversation: str) -> Heard:
        """Return what a voice note says; whatever goes wrong, the conversation goes on without."""
        if _is_too_much(message.media):
            log.info("voice_note_unheard", message=message.key.id, refusal="too_long")
            return Heard()
        try:
            with span(_HEAR):
                async with asyncio.timeout(HEAR_WITHIN_S):
                    answer = await self._ask(message, conversation)
        except (Transient, Permanent, TimeoutError) as error:
            log.warning("voice_note_unheard", message=message.key.id, error=type(error).__name__)
            return Heard()
        heard = Heard(answer.text or "", answer.confidence)
        if answer.refusal is not None or not is_audible(heard):
            log.info("voice_note_unheard", message=message.key.id, refusal=answer.refusal or "unclear")
            return Heard()
        return heard

    async def _ask(self, message: MessageReceived, conversation: str) -> Transcription:
        recording, media = await self._recordings.of(message.key, message.media), message.media
        question = Transcribe(
            audio=recording.audio,
            mimetype=recording.mimetype or (media.mimetype if media else None) or "audio/ogg; codecs=opus",
            seconds=media.seconds if media else None,
            conversation=conversation,
        )
        answer: Transcription = await self._line.ask(question, within_s=HEAR_WITHIN_S)
        return answer


def _is_too_much(media: Media | None) -> bool:
    return media is not None and ((media.bytes or 0) > MOST_BYTES or (media.seconds or 0) > LONGEST_S)
