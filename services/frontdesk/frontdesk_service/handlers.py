"""What frontdesk listens to: every fact that the read model is made from, and what it answers and looks after."""

from typing import Any, cast
from uuid import UUID

from chassis.line import Line
from chassis.store import Store
from contracts import Event
from contracts.frontdesk import Taught, TaughtAnswers
from contracts.privacy import DataErased, ErasureRequested

from frontdesk_service.alarm import LOOK
from frontdesk_service.folding import Folding
from frontdesk_service.hours import PeriodName
from frontdesk_service.leftovers import CLEAR
from frontdesk_service.parts import Parts
from frontdesk_service.projections import PROJECTIONS
from frontdesk_service.reports import REPORT
from frontdesk_service.webhooks import DELIVER

PREFETCH = 64


def register(line: Line, store: Store, parts: Parts, folding: Folding) -> None:
    """Put frontdesk on the line."""

    async def fold(event: Event[Any]) -> None:
        await folding.fold(await parts.recognising.settled(event))

    for fact in PROJECTIONS:
        line.stage(fact, prefetch=PREFETCH)(parts.webhooks.after(fact, fold))

    @line.stage(ErasureRequested, emits=(DataErased,))
    async def on_erasure_requested(event: Event[ErasureRequested]) -> None:
        await parts.erasing.erase(event)

    @store.timer(LOOK)
    async def on_look(_key: str, _payload: dict[str, Any]) -> None:
        await parts.alarm.look()

    store.timer(CLEAR)(parts.leftovers.clear)

    @store.timer(REPORT)
    async def on_report(key: str, _payload: dict[str, Any]) -> None:
        await parts.reporting.send(cast("PeriodName", key))

    @store.timer(DELIVER)
    async def on_deliver(key: str, _payload: dict[str, Any]) -> None:
        await parts.webhooks.deliver(UUID(key))

    @line.answers(Taught)
    async def on_taught(_: Taught) -> TaughtAnswers:
        return TaughtAnswers(answers=tuple(await parts.teaching.answers()))
