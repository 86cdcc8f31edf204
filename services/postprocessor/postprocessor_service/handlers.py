"""What postprocessor listens to."""

from typing import Any

from chassis.line import Line
from chassis.store import Store
from contracts import Event
from contracts.dialogue import HandoffRequested
from contracts.frontdesk import StaffNotified, StaffReleased, StaffReplied, StaffTookOver
from contracts.ingress import MessageEchoed, ReceiptReceived
from contracts.postprocessor import (
    ChannelOutageReported,
    DeliveryFailed,
    Recognise,
    Recognised,
    ReplyDelivered,
    ReplyRead,
)
from contracts.preprocessor import ContactsMerged
from contracts.privacy import DataErased, ErasureRequested
from contracts.rules import ReplyDrafted

from postprocessor_service.delivery import Courier
from postprocessor_service.erasing import ERASE, Erasing
from postprocessor_service.intake import Intake
from postprocessor_service.results import Results
from postprocessor_service.store import DELIVER


def register(line: Line, store: Store, intake: Intake, results: Results, courier: Courier) -> None:
    """Put postprocessor on the line."""
    line.emits(ReplyDelivered, ReplyRead, DeliveryFailed, ChannelOutageReported)
    _take_replies(line, intake)
    _learn_whose_it_is(line, intake)
    _hear_channel(line, intake, results)

    @store.timer(DELIVER)
    async def on_deliver(key: str, _: dict[str, Any]) -> None:
        await courier.work(key)


def register_erasing(line: Line, store: Store, erasing: Erasing) -> None:
    """Put forgetting on the line."""

    @line.stage(ErasureRequested, emits=(DataErased,))
    async def on_erasure_requested(event: Event[ErasureRequested]) -> None:
        await erasing.ask(event)

    @store.timer(ERASE)
    async def on_erase(key: str, payload: dict[str, Any]) -> None:
        await erasing.erase(key, payload)


def _take_replies(line: Line, intake: Intake) -> None:
    @line.stage(ReplyDrafted)
    async def on_reply_drafted(event: Event[ReplyDrafted]) -> None:
        await intake.draft(event)

    @line.stage(StaffReplied)
    async def on_staff_replied(event: Event[StaffReplied]) -> None:
        await intake.staff_reply(event)

    @line.stage(StaffNotified)
    async def on_staff_notified(event: Event[StaffNotified]) -> None:
        await intake.notice(event)


def _learn_whose_it_is(line: Line, intake: Intake) -> None:
    @line.stage(StaffTookOver)
    async def on_staff_took_over(event: Event[StaffTookOver]) -> None:
        await intake.belongs_to(event.subject, staff_at=event.time)

    @line.stage(StaffReleased)
    async def on_staff_released(event: Event[StaffReleased]) -> None:
        await intake.belongs_to(event.subject, released_at=event.time)

    @line.stage(HandoffRequested)
    async def on_handoff_requested(event: Event[HandoffRequested]) -> None:
        await intake.belongs_to(event.subject, handoff_at=event.time)

    @line.stage(ContactsMerged)
    async def on_contacts_merged(event: Event[ContactsMerged]) -> None:
        await intake.merge(event)


def _hear_channel(line: Line, intake: Intake, results: Results) -> None:
    @line.stage(MessageEchoed)
    async def on_message_echoed(event: Event[MessageEchoed]) -> None:
        if event.data.origin == "phone":
            await intake.staff_typed(event)
        else:
            await results.is_ours(event.data)

    @line.stage(ReceiptReceived)
    async def on_receipt_received(event: Event[ReceiptReceived]) -> None:
        await results.receipt(event)

    @line.answers(Recognise)
    async def on_recognise(question: Recognise) -> Recognised:
        return Recognised(ours=await results.is_ours(question))
