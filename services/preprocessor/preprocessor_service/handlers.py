"""What preprocessor listens to."""

from typing import Any

from chassis.errors import Permanent
from chassis.line import Line
from chassis.store import Store
from contracts import Event
from contracts.ingress import MessageReceived, NamesSeen
from contracts.preprocessor import ContactsMerged, FetchRecording, MessageRejected, MessageSanitized, Recording
from contracts.privacy import DataErased, ErasureRequested

from preprocessor_service.reception import Reception
from preprocessor_service.recordings import Recordings

AT_ONCE = 4
"""Recordings that are fetched again at a time: each may have ten megabytes."""


def register(line: Line, store: Store, reception: Reception, recordings: Recordings) -> None:
    """Put preprocessor on the line."""

    @line.stage(MessageReceived, emits=(MessageSanitized, MessageRejected, ContactsMerged))
    async def on_message_received(event: Event[MessageReceived]) -> None:
        await reception.receive(event)

    @line.stage(NamesSeen, emits=(ContactsMerged,))
    async def on_names_seen(event: Event[NamesSeen]) -> None:
        await reception.learn(event)

    @line.stage(ErasureRequested, emits=(DataErased,))
    async def on_erasure_requested(event: Event[ErasureRequested]) -> None:
        await reception.erase(event)

    @line.answers(FetchRecording, prefetch=AT_ONCE)
    async def on_fetch_recording(asked: FetchRecording) -> Recording:
        try:
            found = await recordings.of(asked.key, asked.media)
        except Permanent:
            return Recording()
        return Recording(audio=found.audio, mimetype=found.mimetype or "audio/ogg")

    @store.timer("forget_contact")
    async def on_forget_contact(*_: Any) -> None:
        """Let a timer go that an earlier release armed for every person: `forget_for_ever` needs none."""
