"""Which free slots a family is offered, and for how long nobody else is.

Only one offer at a time may be made over all copies, or two families would be offered the same. So those who ask this
copy while another question is being answered wait together, and are answered in one transaction.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis.store import Unit
from chassis.telemetry import signals, span
from contracts.calendar import Availability, Offer
from contracts.dialogue import Slot

from calendar_service import slots
from calendar_service.appointments import Appointments
from calendar_service.domain import Busy
from calendar_service.holds import Holds

_OFFER = signals(__name__).operation("calendar.offer", "Free slots are found, and held.")


@dataclass(eq=False)
class Asked:
    """A question that waits for its turn."""

    question: Availability
    answer: Offer | Exception | None = None


class Offers:
    """Answers questions for free slots."""

    def __init__(self, appointments: Appointments) -> None:
        self._store = appointments.store
        self._opening = appointments.opening
        self._visits = appointments.visits
        self._busy = appointments.busy
        self._turn = asyncio.Lock()
        self._waiting: list[Asked] = []
        self._free: tuple[Slot, ...] = ()
        self._free_as_of: tuple[int, date] | None = None

    async def offer(self, question: Availability) -> Offer:
        """Return the best free slots for a wish; with `hold` they are kept from others for ten minutes."""
        asked = Asked(question)
        self._waiting.append(asked)
        try:
            async with self._turn:
                if asked.answer is None:
                    await self._answer_all(tuple(self._waiting))
        finally:
            if asked in self._waiting:
                self._waiting.remove(asked)
        if isinstance(asked.answer, Exception):
            raise asked.answer
        assert asked.answer is not None  # noqa: S101  # its turn has come, by itself or with another's
        return asked.answer

    async def within(self, tx: Unit, questions: Sequence[Availability], *, durable: bool = True) -> list[Offer]:
        """Answer in the caller's transaction, one question after another."""
        holding = [question.conversation for question in questions if question.hold]
        if holding:
            await self._visits.lock_holds(tx, durable=durable)
        nows = [question.now for question in questions]
        serial, held = await self._visits.holds(tx, min(nows), max(nows))
        answers = [await self._one(tx, question, serial, held) for question in questions]
        if holding:
            await self._visits.keep_holds(tx, held, holding, min(nows))
        return answers

    async def _answer_all(self, waiting: Sequence[Asked]) -> None:
        try:
            with span(_OFFER):
                async with self._store.unit() as tx:
                    answers = await self.within(tx, [asked.question for asked in waiting], durable=False)
        except Exception as error:  # noqa: BLE001  # whatever it was, it happened to all of them
            for asked in waiting:
                asked.answer = error
        else:
            for asked, answer in zip(waiting, answers, strict=True):
                asked.answer = answer

    async def _one(self, tx: Unit, question: Availability, serial: int, held: Holds) -> Offer:
        free = await self._free_slots(tx, question, serial)
        others = held.of_others(question.conversation, question.now)
        answer = slots.offer(free, question.wish, held=others, limit=question.limit)
        if question.hold:
            # Who gets just what they asked for is shown nothing else, so nothing else is kept from others.
            offered = answer.slots[:1] if answer.exact_free else answer.slots
            held.hold(question.conversation, [slot.start for slot in offered], question.now)
        return answer

    async def _free_slots(self, tx: Unit, question: Availability, serial: int) -> list[Slot]:
        """Return what is free; worked out anew only when the book changed, or the day."""
        as_of = (serial, question.now.astimezone(self._opening.zone).date())
        if as_of != self._free_as_of:
            ahead = list(self._opening.ahead(as_of[1]))
            busy = Busy(tuple(await self._busy.between(tx.connection, ahead[0].start, ahead[-1].end)) if ahead else ())
            # The number was read before the rows: a change in between makes the next question read again.
            self._free, self._free_as_of = tuple(slot for slot in ahead if not busy.takes(slot)), as_of
        earliest = question.now + self._opening.notice
        return [slot for slot in self._free if slot.start >= earliest]
