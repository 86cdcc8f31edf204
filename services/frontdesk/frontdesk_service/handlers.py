"""What frontdesk listens to: every fact that the read model is made from."""

from chassis.line import Line
from chassis.store import Store
from contracts import Event
from contracts.frontdesk import Taught, TaughtAnswers
from contracts.ingress import MessageDeleted, MessageEdited, ReceiptReceived
from contracts.privacy import DataErased, ErasureRequested

from frontdesk_service import projections
from frontdesk_service.alarm import LOOK
from frontdesk_service.changes import EVERYTHING, Changes
from frontdesk_service.parts import Parts
from frontdesk_service.projections import PROJECTIONS, messages

PREFETCH = 16


def register(line: Line, store: Store, parts: Parts) -> None:
    """Take every fact that the read model is made from, and say what was taught."""
    _take(line, store, parts.changes)

    @line.stage(ErasureRequested, emits=(DataErased,))
    async def on_erasure_requested(event: Event[ErasureRequested]) -> None:
        await parts.erasing.erase(event)

    @store.timer(LOOK)
    async def on_look(_key: str, _payload: dict[str, Any]) -> None:
        await parts.alarm.look()

    @line.answers(Taught)
    async def on_taught(_: Taught) -> TaughtAnswers:
        return TaughtAnswers(answers=tuple(await parts.teaching.answers()))


def _take(line: Line, store: Store, changes: Changes) -> None:

    async def on_fact(event: Event[Any]) -> None:
        conversation: str | None = event.subject
        async with store.unit() as tx:
            fresh = await projections.apply(tx.connection, event)
            if fresh and isinstance(event.data, ABOUT_A_MESSAGE):
                conversation = await messages.conversation_of(tx.connection, event.data.key)
        if fresh and PROJECTIONS[type(event.data)]:
            changes.announce(conversation or EVERYTHING)

    for fact in PROJECTIONS:
        line.stage(fact, prefetch=PREFETCH)(folding.fold)
