"""What leaves with an answer: the facts of a turn's end, in the order in which they are published."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from chassis.store import Unit
from contracts import Event, Fact
from contracts.dialogue import HandoffRequested, ReplyProposed, SendPolicy, TurnClosed, TurnOpened
from contracts.ingress import ChannelKey

from dialogue_service.decision.state import Conversation, LastReply, OpenTurn
from dialogue_service.letters import Gathered
from dialogue_service.mind import Answer
from dialogue_service.pack import handoff_pack

PRIORITY: dict[str, int] = {"reminder": 8, "notice": 6}
"""What may wait; everything else answers somebody who is waiting."""
PROMPT = 3


def opening(gathered: Gathered) -> TurnOpened:
    """Say which messages became a turn that stays open; one that ends at once is only closed."""
    return TurnOpened(turn_id=gathered.turn_id, messages=gathered.messages, keys=gathered.keys)


def open_turn(gathered: Gathered, answer: Answer, now: datetime) -> OpenTurn:
    """Return a turn as it is when it has been worked; gathering ended when that began."""
    gathered_until = answer.began or now
    return OpenTurn(
        turn_id=gathered.turn_id,
        messages=gathered.messages,
        keys=gathered.keys,
        intents=answer.intents,
        window_s=round(max((gathered_until - gathered.arrived_at).total_seconds(), 0.0), 3),
        work_s=round(answer.work_s, 3),
    )


def closing(turn: OpenTurn, answer: Answer) -> TurnClosed:
    """Say how a turn ended."""
    assert answer.outcome != "waiting"  # noqa: S101  # a turn that waits is not closed
    return TurnClosed(
        turn_id=turn.turn_id,
        messages=turn.messages,
        keys=turn.keys,
        outcome=answer.outcome,
        reason=answer.reason,
        route=answer.route if answer.spoken else None,
        stage=answer.state.stage,
        facts_version=answer.facts_version,
        intents=turn.intents,
        window_s=turn.window_s,
        work_s=turn.work_s,
        grounds=answer.grounds if answer.spoken else (),
    )


def saying(
    answer: Answer,
    *,
    seed: UUID,
    turn: UUID | None,
    keys: tuple[ChannelKey, ...],
    now: datetime,
    fresh: timedelta,
    heard_at: datetime | None = None,
) -> Iterator[Fact]:
    """Yield the proposal first, since somebody waits for it, then what else follows.

    `seed` is the id that the reply's is derived from; `fresh` is how long the reply is worth sending; `heard_at` is
    when the last message came that it answers, where it answers any.
    """
    state, spoken = answer.state, answer.spoken
    if spoken:
        yield ReplyProposed(
            reply_id=uuid5(seed, "reply"),
            turn_id=turn,
            contact=state.contact,
            instance=state.instance,
            bubbles=spoken.bubbles,
            purpose=spoken.purpose,
            answers=keys,
            offered_slots=spoken.offered_slots,
            booked_slot=spoken.booked_slot,
            own_data=spoken.own_data,
            policy=SendPolicy(expires_at=now + fresh, priority=PRIORITY.get(spoken.purpose, PROMPT)),
            last_inbound_at=heard_at or state.last_inbound_at,
            approved_template=spoken.approved_template,
            follows=state.last_reply.id if state.last_reply and state.last_reply.good_until > now else None,
            composed_at=now,
        )
    yield from answer.facts
    if answer.handoff:
        yield HandoffRequested(
            contact=state.contact, reason=answer.handoff, pack=handoff_pack(state, answer.handoff, answer.question, now)
        )


def having_said(state: Conversation, facts: Iterable[Fact]) -> Conversation:
    """Return a conversation that knows the reply among these facts: its next one follows that."""
    said = next((fact for fact in facts if isinstance(fact, ReplyProposed)), None)
    return state.but(last_reply=LastReply(id=said.reply_id, good_until=said.policy.expires_at)) if said else state


def caused(cause: Event[Any], facts: Iterable[Fact], now: datetime) -> Iterator[Event[Any]]:
    """Yield facts as caused by an event; their ids are the same whenever they are."""
    for nth, fact in enumerate(facts):
        yield cause.causes(fact, now=now, nth=nth, source="dialogue")


async def emit(tx: Unit, cause: Event[Any], facts: Iterable[Fact], now: datetime) -> None:
    """Emit facts as caused by an event."""
    for event in caused(cause, facts, now):
        await tx.emit(event)


def superseded(before: Conversation | None, answer: Answer) -> list[Fact]:
    """Close the turn that waited for the calendar when something else is asked of it now."""
    waited = before.requested.turn if before and before.requested else None
    if waited is None or answer.outcome != "waiting":
        return []
    return [closing(waited, Answer(answer.state, "ignored", "superseded"))]
