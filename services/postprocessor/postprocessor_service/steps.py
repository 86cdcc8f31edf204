"""What to do next in a conversation: a pure function of its unfinished bubbles, of whose it is, and of the time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from contracts.dialogue import ApprovedTemplate
from contracts.preprocessor import Contact

Author = Literal["assistant", "staff"]
State = Literal["queued", "sending", "unknown"]
Reason = Literal[
    "not_on_whatsapp", "expired", "taken_over", "rejected", "instance_missing", "exhausted", "outside_window"
]

UNIT_KEEPS = timedelta(hours=12)
"""How long after its last word the unit keeps a conversation, at the least: dialogue counts twelve *business* hours
and takes it back without a word to us, so this guard ends before it could be in the way."""
BURST = 10
"""Messages that one person may get without the pause between them."""
PATIENCE = timedelta(seconds=3)
"""How long a reply waits for the one that it follows: far longer than a reply takes from dialogue to here, rules' first
retry after a second included. What takes longer may have died with whoever had it: then nobody is to wait for it."""
LOOK_AGAIN = timedelta(seconds=0.5)
"""How soon to look again meanwhile, for what nobody here is told: the one before may be under another name of a person,
or have been written down by a copy that died."""


@dataclass(frozen=True)
class Bubble:
    """One unfinished message, with what its reply says about it.

    `due_at` is when a queued one may go, or an unknown one be looked for; `began_at` when its last attempt began, and
    `doubted_from` when the first one did that had to be looked for; `lease_left_s` how long, in seconds, a sending one
    still belongs to whoever sends it. `template` says the same where only that may be sent, and `as_template` that it
    will be. `home` is the instance of its own while it is taken to another channel's, `may_move` whether it may be.
    `follows` is the reply that goes first, where that was not over when this one came, and `held_until` how long this
    one waits for it, while it is not over yet.
    `turn_id`, `event_id`, `correlation_id`, `bubbles`: its reply's.
    """

    reply_id: UUID
    nth: int
    state: State
    author: Author
    purpose: str
    drafted_at: datetime
    due_at: datetime
    conversation: str
    instance: str
    contact: Contact = field(repr=False)
    text: str = field(repr=False)
    fingerprint: str = ""
    expires_at: datetime | None = None
    attempts: int = 0
    looks: int = 0
    began_at: datetime | None = None
    doubted_from: datetime | None = None
    lease_left_s: float = 0.0
    answers: tuple[str, ...] = ()
    traceparent: str | None = None
    template: ApprovedTemplate | None = field(default=None, repr=False)
    as_template: bool = False
    last_inbound_at: datetime | None = None
    home: str | None = None
    may_move: bool = True
    turn_id: UUID | None = None
    event_id: UUID | None = None
    correlation_id: UUID | None = None
    bubbles: int = 0
    follows: UUID | None = None
    held_until: datetime | None = None

    @property
    def reference(self) -> str:
        """Our identity of it, for a channel that gives it back."""
        return f"{self.reply_id}:{self.nth}"

    @property
    def identity(self) -> tuple[UUID, int]:
        """Which one it is."""
        return self.reply_id, self.nth


@dataclass(frozen=True)
class Ownership:
    """When somebody at the unit last acted, when it was last handed over to the unit, and when it was given back."""

    staff_at: datetime | None = None
    handoff_at: datetime | None = None
    released_at: datetime | None = None

    def refuses(self, bubble: Bubble, now: datetime) -> bool:
        """Whether a bubble of the assistant may not leave.

        Facts come in any order: what was drafted before somebody at the unit acted is dropped even when it comes
        after, and the words of a handoff itself go out whether they or the handoff come first. What the assistant had
        said before she handed over is still said: nobody at the unit has answered it yet.
        """
        if bubble.author == "staff":
            return False
        if self.staff_at is not None and bubble.drafted_at <= self.staff_at:
            return True
        said_after = self.handoff_at is not None and bubble.drafted_at >= self.handoff_at
        handed_over = said_after and bubble.purpose != "handoff" and self._holds(self.handoff_at, now)
        return handed_over or self._holds(self.staff_at, now)

    def _holds(self, since: datetime | None, now: datetime) -> bool:
        if since is None or now - since >= UNIT_KEEPS:
            return False
        return self.released_at is None or since > self.released_at


@dataclass(frozen=True)
class Scene:
    """A conversation as it stands: its unfinished bubbles in their order; `version` changes with its owner.

    `paced_at` is the virtual time of the person's last message (GCRA): ahead of now by a pause for each of a burst.
    """

    ownership: Ownership = Ownership()
    version: int = 0
    paced_at: datetime | None = None
    bubbles: Sequence[Bubble] = ()


@dataclass(frozen=True)
class Send:
    """Send this bubble."""

    bubble: Bubble


@dataclass(frozen=True)
class Move:
    """Take this bubble to another channel's instance: its own channel is left alone."""

    bubble: Bubble
    instance: str


@dataclass(frozen=True)
class Drop:
    """Send neither this bubble nor the rest of its reply."""

    bubble: Bubble
    reason: Reason


@dataclass(frozen=True)
class Lost:
    """Whoever sent this bubble never said what became of it."""

    bubble: Bubble


@dataclass(frozen=True)
class Look:
    """Find out whether this bubble was sent."""

    bubble: Bubble


@dataclass(frozen=True)
class Wait:
    """Nothing can be done before."""

    until: datetime


@dataclass(frozen=True)
class Rest:
    """Nothing is left to do."""


Step: TypeAlias = Send | Move | Drop | Lost | Look | Wait | Rest


def next_step(scene: Scene, now: datetime, *, per_user_s: float) -> Step:
    """Return what to do now. One bubble at a time: nothing leaves beside one that is being sent.

    Behind a bubble of which nobody knows everything waits, so that the order is kept; only what the unit's people
    write goes past the assistant's (which will not be sent any more once they have the conversation). What follows a
    reply goes after it, whichever was drafted first.
    """
    for bubble in scene.bubbles:
        if bubble.state == "sending":
            return Wait(now + timedelta(seconds=bubble.lease_left_s)) if bubble.lease_left_s > 0 else Lost(bubble)
    unknown = [bubble for bubble in scene.bubbles if bubble.state == "unknown"]
    unfinished = {bubble.reply_id for bubble in scene.bubbles}
    queued = (
        bubble
        for bubble in scene.bubbles
        if bubble.state == "queued" and bubble.follows not in unfinished and not _is_behind(bubble, unknown)
    )
    waits = []
    if front := next(queued, None):
        step = _of_front(front, scene, now, per_user_s)
        if not isinstance(step, Wait):
            return step
        waits.append(step.until)
    if unknown:
        first = min(unknown, key=lambda bubble: bubble.due_at)
        if first.due_at <= now:
            return Look(first)
        waits.append(first.due_at)
    return Wait(min(waits)) if waits else Rest()


def _is_behind(bubble: Bubble, unknown: Sequence[Bubble]) -> bool:
    return any(other.author == "staff" or bubble.author == "assistant" for other in unknown)


def _of_front(bubble: Bubble, scene: Scene, now: datetime, per_user_s: float) -> Send | Drop | Wait:
    if scene.ownership.refuses(bubble, now):
        return Drop(bubble, "taken_over")
    if bubble.expires_at is not None and bubble.expires_at <= now:
        return Drop(bubble, "expired")
    if bubble.held_until is not None and bubble.held_until > now:
        return Wait(min(bubble.held_until, now + LOOK_AGAIN))
    until = max(bubble.due_at, _paced(scene, per_user_s) or bubble.due_at)
    return Wait(until) if until > now else Send(bubble)


def _paced(scene: Scene, per_user_s: float) -> datetime | None:
    return scene.paced_at and scene.paced_at - timedelta(seconds=per_user_s * (BURST - 1))
