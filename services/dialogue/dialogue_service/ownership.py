"""Who answers a person: the assistant, or somebody at the unit."""

from datetime import datetime, timedelta
from typing import Any

from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store, Unit
from contracts import Event
from contracts.frontdesk import StaffReleased, StaffTookOver
from contracts.ingress import MessageEchoed
from contracts.preprocessor import Contact

from dialogue_service import store as rows
from dialogue_service.asking import Asking
from dialogue_service.decision.session import given_back, taken_over
from dialogue_service.decision.state import Conversation
from dialogue_service.letters import Mail

log = get_logger(__name__)

GRAIN = timedelta(seconds=1)
"""The channel's clock counts whole seconds."""


class Ownership:
    """Gives conversations to the unit and back. A turn that is being worked then is done again, and stays silent."""

    def __init__(self, store: Store, asking: Asking) -> None:
        self._store = store
        self._asking = asking

    async def echo(self, event: Event[MessageEchoed]) -> None:
        """Somebody typed on the unit's own phone: the unit answers, also where nobody wrote before.

        What was sent through the channel's API is ours and changes nothing. Whose a doubtful message is, postprocessor
        says: it asks itself the same before it sends, so while that is not known, nothing of ours leaves.
        """
        if event.data.origin == "api" or (event.data.unsure and await self._asking.is_ours(event.data)):
            return
        async with self._store.unit() as tx:
            if await tx.first_time(event):
                name = await rows.known_as(tx.connection, event.subject)
                mail = await rows.load(tx.connection, name, lock=True)
                typed_at = min(event.time, event.data.sent_at + GRAIN)
                if mail and mail.state and mail.state.given_back_at and typed_at <= mail.state.given_back_at:
                    return  # it comes late: the unit has given the conversation back since
                await self._take(tx, name, mail, _began_by_unit(event.data), typed_at)

    async def take_over(self, event: Event[StaffTookOver]) -> None:
        """Somebody took the conversation over on the front desk's page."""
        async with self._store.unit() as tx:
            if await tx.first_time(event):
                mail = await rows.load(tx.connection, event.subject, lock=True)
                if mail is None:
                    raise Transient("the front desk knows a conversation that has not come here yet")
                await self._take(tx, event.subject, mail, mail.current(), event.time)

    async def release(self, event: Event[StaffReleased]) -> None:
        """Take the conversation back."""
        async with self._store.unit() as tx:
            mail = await self._first(tx, event)
            if mail:
                state = given_back(mail.current()).but(given_back_at=event.time)
                await rows.save(tx, mail, state, unsaid=mail.unsaid)
                log.info("given_back", conversation=event.subject)

    async def _first(self, tx: Unit, event: Event[Any]) -> Mail | None:
        return await rows.load(tx.connection, event.subject, lock=True) if await tx.first_time(event) else None

    async def _take(self, tx: Unit, name: str, mail: Mail | None, fresh: Conversation, at: datetime) -> None:
        state = taken_over(mail.current() if mail else fresh, at)
        if mail:
            await rows.save(tx, mail, state, unsaid=mail.unsaid)
        else:
            await rows.start(tx, name, state)
        log.info("taken_over", conversation=name)


def _began_by_unit(echo: MessageEchoed) -> Conversation:
    contact = Contact(phone=echo.address.phone, address=echo.address)
    return Conversation(contact=contact, instance=echo.key.instance)
