"""A family's voice note, for whoever answers them: had from the channel each time it is played, and kept nowhere."""

import base64
import binascii
from dataclasses import dataclass, field
from uuid import UUID

from chassis.errors import Permanent
from chassis.line import Line
from contracts.ingress import ChannelKey, Media
from contracts.preprocessor import FetchRecording, Recording

from frontdesk_service.projections import messages
from frontdesk_service.projections.persons import Person
from frontdesk_service.reading import Reads

WITHIN_S = 10.0


@dataclass(frozen=True)
class Voice:
    """What is heard, and its type."""

    sound: bytes = field(repr=False)
    mimetype: str


class Listening:
    """Asks preprocessor, which knows the channels."""

    def __init__(self, line: Line, reads: Reads) -> None:
        self._line = line
        self._reads = reads

    async def hear(self, person: Person, message: UUID) -> Voice | None:
        """Return a voice note of this person; `None` when there is none, or the channel has it no more.

        Raises `Unavailable` or `DeadlineExceeded` while the channel is away.
        """
        async with self._reads() as connection:
            found = await messages.recording_of(connection, person.conversations, message)
        if found is None:
            return None
        instance, channel_id, from_me, media = found
        question = FetchRecording(
            key=ChannelKey(instance=instance, id=channel_id, from_me=from_me),
            media=Media.model_validate(media) if media else None,
        )
        try:
            answer: Recording = await self._line.ask(question, within_s=WITHIN_S)
            return Voice(base64.b64decode(answer.audio, validate=True), answer.mimetype) if answer.audio else None
        except (Permanent, binascii.Error):
            return None
