"""Gathering messages into turns, and working each turn once, whoever dies or races meanwhile."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

from chassis.errors import Transient
from chassis.in_turn import InTurn
from chassis.logging import get_logger
from chassis.store import Unit
from chassis.telemetry import foreign, signals, span
from chassis.telemetry.declaring import CONVERSATION, OUTCOME, REASON
from contracts import Event, Fact
from contracts.dialogue import LeadQualified
from contracts.ingress import MessageDeleted, MessageEdited, ParentTyping

from dialogue_service import store as rows
from dialogue_service.burst import Windows
from dialogue_service.desk import Desk
from dialogue_service.leaving import caused, closing, emit, having_said, open_turn, opening, saying, superseded
from dialogue_service.letters import Gathered, Mail
from dialogue_service.mind import Answer

log = get_logger(__name__)
_signals = signals(__name__)
_WORK = _signals.operation("dialogue.work", "A turn is worked; a link to each of its messages.", CONVERSATION)
_ROUTE = _signals.attribute("receptionist.route", "Who worded or understood a turn: `template`, `llm`, `fallback`.")
_turns = _signals.counter(
    "receptionist.dialogue.turns", "{turn}", "Turns that ended, by outcome.", OUTCOME, REASON, _ROUTE
)
_handoffs = _signals.counter("receptionist.dialogue.handoffs", "{handoff}", "Conversations handed over.", REASON)
_qualified = _signals.counter("receptionist.dialogue.leads", "{lead}", "Leads that became complete.")

TURN = "turn"
CALENDAR_SLOW = "calendar_slow"
AGAIN = timedelta(seconds=1)
"""When a turn is tried again that could not be worked at once; from then on its timer backs off."""
CALENDAR_PATIENCE = timedelta(seconds=20)
"""How long a parent waits for the calendar without a word."""
AT_ONCE = 32
"""So many turns are worked at a time; of hundreds together each would run out of its time, though not one is slow."""
RACES = 5
"""How often a turn is done again at once because something else happened meanwhile."""


class Turns:
    """Mailboxes in, proposed replies out."""

    def __init__(self, desk: Desk, windows: Windows) -> None:
        self._desk = desk
        self._store = desk.store
        self._mind = desk.mind
        self._clock = desk.clock
        self._windows = windows
        self._room = asyncio.Semaphore(AT_ONCE)
        self._entering = InTurn()

    async def receive(self, event: rows.SANITIZED) -> None:
        """Keep a message and have its turn worked: after the window, or at once when there is none."""
        if self._windows.none:
            await self._receive_and_work(event)
            return
        async with self._store.unit() as tx:
            now = self._clock()
            if mail := await rows.enter(tx, event, now):
                first = min(letter.arrived_at for letter in mail.letters)
                due_at = self._windows.due(event.data, mail.state, first, now)
                await tx.wake(TURN, key=event.subject, due_at=due_at)

    async def note_typing(self, event: Event[ParentTyping]) -> None:
        """Wait a little longer for somebody who is still writing."""
        if not event.data.typing:
            return
        async with self._store.unit() as tx:
            conversation = await rows.known_as(tx.connection, event.subject)
            first = await rows.waiting_since(tx, conversation)
            if first and (due_at := self._windows.due_while_typing(first, self._clock())):
                await tx.wake(TURN, key=conversation, due_at=due_at)

    async def amend(self, event: Event[MessageEdited] | Event[MessageDeleted]) -> None:
        """Read a message as the parent changed it, unless it was worked already; a turn that reads it is done again."""
        data = event.data
        text, at = (data.text, data.edited_at) if isinstance(data, MessageEdited) else (None, event.time)
        async with self._store.unit() as tx:
            await rows.amend(tx, data.key, text, at)

    async def work(self, conversation: str) -> None:
        """Work what waits in a mailbox. Raises `Transient` when that must be tried again later."""
        async with self._room:
            await self._work(await rows.load(self._store.pool, conversation))

    async def _receive_and_work(self, event: rows.SANITIZED) -> None:
        """Without a window the message itself drives its turn: a crash before the end has it delivered again."""
        async with self._entering.of(event.subject):  # a later message must not be answered before this one is kept
            entered = await rows.enter_in_passing(self._store, event, self._clock())
            mail = entered or await rows.load(self._store.pool, event.subject)
        try:
            async with self._room:
                await self._work(mail)
        except Exception as error:  # noqa: BLE001  # whatever it was: the message is kept, and its timer tries again
            log.error("turn_waits", cause=error, conversation=event.subject)
            async with self._store.unit() as tx:
                await tx.wake(TURN, key=event.subject, due_at=self._clock() + AGAIN)

    async def _work(self, mail: Mail | None) -> None:
        for _ in range(RACES):
            if mail is None or not mail.letters:
                return
            try:
                await self._work_once(mail)
            except rows.LostRace:
                before = mail
                mail = await rows.load(self._store.pool, before.conversation)
                if not self._windows.none and mail and set(mail.messages) - set(before.messages):
                    return  # whatever joined has moved the turn's timer: its window is waited for
            else:
                return
        raise Transient("the conversation changes faster than a turn can be worked")

    async def _work_once(self, mail: Mail) -> None:
        parent = foreign(mail.letters[-1].event.traceparent)
        with span(_WORK, parent=parent, attributes={CONVERSATION: mail.conversation}) as current:
            for letter in mail.letters:
                current.link(letter.event.traceparent)
            live = mail.live
            answer = await self._mind.answer(mail, live, self._clock()) if live else None
            await self._commit(mail, live, answer)

    async def _commit(self, mail: Mail, live: Gathered | None, answer: Answer | None) -> None:
        now = self._clock()
        if answer and live and not mail.deleted and answer.outcome != "waiting":
            await self._close(mail, live, answer, now)
        else:
            answer = await self._end_otherwise(mail, live, answer, now)
        _count(answer)
        log.info("turn_worked", conversation=mail.conversation, outcome=answer.outcome, messages=len(mail.letters))

    async def _close(self, mail: Mail, live: Gathered, answer: Answer, now: datetime) -> None:
        """Save and emit as nearly every turn ends."""
        facts = [*self._saying(live, answer, now), closing(open_turn(live, answer, now), answer)]
        await rows.save_and_emit(
            self._store,
            mail,
            having_said(answer.state, facts),
            unsaid=answer.unsaid,
            ended=[live],
            emits=caused(live.cause, facts, now),
        )

    async def _end_otherwise(self, mail: Mail, live: Gathered | None, answer: Answer | None, now: datetime) -> Answer:
        """Save and emit for a turn that waits for the calendar, and for what was taken back."""
        deleted = mail.deleted
        async with self._store.unit() as tx:
            if answer and live:
                await self._end(tx, mail, live, answer, now)
            else:
                answer = Answer(mail.current(), "ignored", "deleted", unsaid=mail.unsaid)
                await rows.save(tx, mail, answer.state, unsaid=answer.unsaid, ended=[deleted] if deleted else [])
            if deleted:
                gone = Answer(answer.state, "ignored", "deleted")
                await emit(tx, deleted.cause, [closing(open_turn(deleted, gone, now), gone)], now)
        return answer

    def _saying(self, live: Gathered, answer: Answer, now: datetime) -> Iterator[Fact]:
        return saying(
            answer,
            seed=live.turn_id,
            turn=live.turn_id,
            keys=live.keys,
            now=now,
            fresh=self._desk.fresh,
            heard_at=live.completed_at,
        )

    async def _end(self, tx: Unit, mail: Mail, live: Gathered, answer: Answer, now: datetime) -> None:
        """Save and emit; a turn that waits for the calendar stays open in the conversation."""
        turn, state, waits = open_turn(live, answer, now), answer.state, answer.outcome == "waiting"
        if waits and state.requested:
            state = state.but(requested=state.requested.model_copy(update={"turn": turn}))
            await tx.wake(CALENDAR_SLOW, key=mail.conversation, due_at=now + CALENDAR_PATIENCE)
        facts = [*self._saying(live, answer, now), opening(live) if waits else closing(turn, answer)]
        ended = [each for each in (live, mail.deleted) if each]
        await rows.save(tx, mail, having_said(state, facts), unsaid=answer.unsaid, ended=ended)
        await emit(tx, live.cause, facts + superseded(mail.state, answer), now)


def _count(answer: Answer) -> None:
    """Count a turn that was committed."""
    _turns.add(1, {OUTCOME: answer.outcome, REASON: answer.reason or "none", _ROUTE: answer.route})
    if answer.handoff:
        _handoffs.add(1, {REASON: answer.handoff})
    if any(isinstance(fact, LeadQualified) for fact in answer.facts):
        _qualified.add(1)
