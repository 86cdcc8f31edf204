"""The courier: does what is due in a conversation, one bubble after the other, each at most once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chassis.breaker import Breakers
from chassis.clock import Clock
from chassis.errors import Unavailable
from chassis.in_turn import InTurn
from chassis.logging import get_logger
from chassis.store import Store
from chassis.telemetry import foreign, signals, span
from chassis.telemetry.declaring import CONVERSATION

from postprocessor_service.channels import Channel, NotTaken, Outcome, Refused, Taken, Unknown
from postprocessor_service.channels.together import Channels
from postprocessor_service.heard import Heard
from postprocessor_service.ledger import Identity
from postprocessor_service.manners import Knobs, Manners
from postprocessor_service.outages import Outages
from postprocessor_service.results import Results
from postprocessor_service.schedule import TROUBLE, again_after, needs_proof
from postprocessor_service.search import Search
from postprocessor_service.steps import Bubble, Drop, Look, Lost, Move, Rest, Scene, Send, Step, Wait, next_step
from postprocessor_service.store import DELIVER, Deliveries
from postprocessor_service.window import Window

log = get_logger(__name__)
_signals = signals(__name__)
_PREPARE = _signals.operation("postprocessor.prepare", "The number's turn is waited for; meanwhile we read and type.")
_DELIVER = _signals.operation("postprocessor.deliver", "One attempt to send one bubble.", CONVERSATION)

AT_ONCE = 50
"""Messages on their way at the same moment, to different people."""
HOLD = timedelta(seconds=5)
"""How long the queue is held before the channel, left alone by its breaker, is tried again."""
EVER = datetime.min.replace(tzinfo=UTC)
LEASE_MARGIN_S = 3.0
SWEEP_S = 2.0
"""How often to look for what nobody looks after; what is due since less is about to begin."""


class _Trouble(Exception):  # noqa: N818  # not an error of ours: it tells the breaker what the outcome means
    """The channel is not well."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Courier:
    """Works conversations. Everything that must survive a crash is in the tables before it is done."""

    def __init__(
        self,
        *,
        store: Store,
        deliveries: Deliveries,
        results: Results,
        search: Search,
        channels: Channels,
        outages: Outages,
        heard: Heard,
        breakers: Breakers,
        manners: Manners,
        knobs: Knobs,
        clock: Clock,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._results = results
        self._window = Window(channels, results)
        self._search = search
        self._channels = channels
        self._outages = outages
        self._heard = heard
        self._breakers = breakers
        self._manners = manners
        self._knobs = knobs
        self._clock = clock
        self._working = InTurn()  # between processes the tables see to it
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._held_until: dict[str, datetime] = {}
        self._fresh: asyncio.Queue[tuple[str, Scene | None]] = asyncio.Queue()

    def start(self, conversation: str, scene: Scene | None = None) -> None:
        """Work on a conversation as soon as `run` gets to it; a sweep finds it in case that never happens.

        `scene` is the conversation as it stands, where that is known.
        """
        self._fresh.put_nowait((conversation, scene))

    async def run(self) -> None:
        """Work on what was started, all conversations at once, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    group.create_task(self._try(*await self._fresh.get()))
        finally:
            await self._channels.close()

    async def sweep(self, older_than_s: float = SWEEP_S) -> None:
        """Start what a process that died, or work that failed, has left."""
        for conversation in await self._deliveries.left(self._clock() - timedelta(seconds=older_than_s)):
            if conversation not in self._working:  # else it is being worked here
                self.start(conversation)

    async def sweep_for_ever(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self.sweep()
            except Exception as error:  # noqa: BLE001  # whatever it was, the next sweep tries again
                log.error("sweep_failed", cause=error)
            await asyncio.sleep(SWEEP_S)

    async def _try(self, conversation: str, scene: Scene | None) -> None:
        try:
            await self.work(conversation, scene)
        except Exception as error:  # noqa: BLE001  # whatever it was, the sweep tries again
            log.error("work_failed", cause=error, conversation=conversation)

    async def work(self, conversation: str, known: Scene | None = None) -> None:
        """Do everything that is due in a conversation; for what is not, arm its timer.

        A scene that is `known` may be old: nothing is sent but what the claim finds as it was there.
        """
        prepared: set[tuple[Identity, int]] = set()
        async with self._working.of(conversation):
            while True:
                scene, known = known or await self._deliveries.scene(conversation), None
                match self._next(scene):
                    case Send(bubble=bubble):
                        if await self._deliver(bubble, scene.version, prepared):
                            return
                    case Move(bubble=bubble, instance=instance):
                        await self._results.move(bubble, instance)
                    case Drop(bubble=bubble, reason=reason):
                        await self._results.failed(bubble, reason)
                    case Lost(bubble=bubble):
                        await self._results.unknown(bubble)
                    case Look(bubble=bubble):
                        await self._search.look(bubble)
                    case Wait():
                        await self._arm(conversation)
                        return
                    case Rest():
                        return

    def _next(self, scene: Scene) -> Step:
        now = self._clock()
        step = next_step(scene, now, per_user_s=self._knobs.per_user_s)
        if isinstance(step, Send) and (held := self._held_back(step.bubble)):
            return Wait(held)
        if isinstance(step, Send | Look):
            held_until = self._held_until.get(self._channels.of(step.bubble.instance).name, EVER)
            if now < held_until <= now + HOLD:  # one that lies further ahead is of a clock that was set back since
                other = self._other(step.bubble, now) if isinstance(step, Send) else None
                return Move(step.bubble, other) if other else Wait(held_until)
        return step

    def _held_back(self, bubble: Bubble) -> datetime | None:
        """Return until when a bubble waits because somebody at the unit may just have taken the conversation."""
        return self._heard.wait(bubble.conversation) if bubble.author == "assistant" else None

    async def _arm(self, conversation: str) -> None:
        """Arm the timer for what waits. Decided anew under a lock, so that nobody moves it later by an older view."""
        async with self._store.unit() as tx:
            await self._deliveries.lock(tx, conversation)
            step = self._next(await self._deliveries.scene(conversation, tx))
            if not isinstance(step, Rest):
                due_at = step.until if isinstance(step, Wait) else self._clock()
                await tx.wake(DELIVER, key=conversation, due_at=due_at)

    async def _deliver(self, bubble: Bubble, version: int, prepared: set[tuple[Identity, int]]) -> bool:
        """Prepare an attempt once, and make it; whether it is known that nothing is left in the conversation."""
        if not await self._window.admits(bubble, self._clock()):
            return False
        attempt = (bubble.identity, bubble.attempts)
        if attempt not in prepared:
            prepared.add(attempt)
            with span(_PREPARE, parent=foreign(bubble.traceparent)):
                await self._manners.prepare(bubble)
        return await self._send(bubble, version)  # which asks again whether it may, after the pause

    async def _send(self, bubble: Bubble, version: int) -> bool:
        with span(_DELIVER, parent=foreign(bubble.traceparent), attributes={CONVERSATION: bubble.conversation}):
            async with self._at_once:
                if self._held_back(bubble):
                    return False
                now, pace_s = self._clock(), self._knobs.per_user_s
                if needs_proof(bubble, now):
                    await self._results.in_doubt(bubble)
                    return False
                lease_s = self._knobs.timeout_s + LEASE_MARGIN_S
                if not await self._deliveries.claim(bubble, version, now, lease_s=lease_s, pace_s=pace_s):
                    return False
                mine = replace(bubble, state="sending", attempts=bubble.attempts + 1, began_at=now)
                outcome = await self._attempt(mine)
            is_last = await self._settle(mine, outcome)
            self._manners.follow(bubble)
        return is_last

    async def _attempt(self, bubble: Bubble) -> Outcome | None:
        """Send; `None` when the breaker holds the queue."""
        channel = self._channels.of(bubble.instance)
        try:
            async with self._breakers.guard(channel.name):
                outcome = _healthy(await _call(channel, bubble))
        except _Trouble as trouble:
            self._outages.failed(channel.name)
            return trouble.outcome
        except Unavailable:
            self._outages.failed(channel.name)
            return None
        self._outages.worked(channel.name)
        return outcome

    async def _settle(self, bubble: Bubble, outcome: Outcome | None) -> bool:
        """Keep what became of an attempt; whether it is known that nothing is left in the conversation."""
        now = self._clock()
        match outcome:
            case Taken(id=channel_id):
                return await self._results.sent(bubble, channel_id)
            case Refused(reason="outside_window") if bubble.template and not bubble.as_template:
                await self._results.as_template(bubble)
            case Refused() | NotTaken() if bubble.home:
                await self._results.go_home(bubble, now, may_move=False)
            case Refused(reason=reason):
                await self._results.failed(bubble, reason)
            case Unknown():
                await self._results.unknown(bubble)
            case NotTaken(cause=cause) if cause in TROUBLE and (other := self._other(bubble, now)):
                await self._results.move(bubble, other)
            case NotTaken(cause=cause):
                log.warning("not_taken", reply=str(bubble.reply_id), cause=cause, attempts=bubble.attempts)
                match again_after(cause, bubble.attempts):
                    case timedelta() as pause:
                        await self._results.queued(bubble, now + pause)
                    case reason:
                        await self._results.failed(bubble, reason)
            case None:
                await self._hold(bubble, now)
        return False

    async def _hold(self, bubble: Bubble, now: datetime) -> None:
        """Keep a bubble for a channel that is left alone; when that has lasted, take it to one that is well."""
        self._held_until[self._channels.of(bubble.instance).name] = now + HOLD
        if bubble.home:
            await self._results.go_home(bubble, now, may_move=True)
        elif other := self._other(bubble, now):
            await self._results.move(bubble, other)
        else:
            await self._results.queued(bubble, now + HOLD, counts=False)

    def _other(self, bubble: Bubble, now: datetime) -> str | None:
        """Return the instance of another channel that a bubble may be taken to now, if there is one."""
        lasted = self._outages.lasted(self._channels.of(bubble.instance).name)
        is_early = lasted < timedelta(seconds=self._knobs.fallback_after_s)
        if is_early or not bubble.may_move or needs_proof(bubble, now):
            return None
        others = self._channels.instead_of(bubble.instance)
        free = (each for each in others if self._held_until.get(self._channels.of(each).name, EVER) <= now)
        return next(free, None)


async def _call(channel: Channel, bubble: Bubble) -> Outcome:
    instance, to = bubble.instance, bubble.contact.address
    if bubble.as_template and bubble.template:
        return await channel.send_template(instance, to, bubble.template, bubble.reference)
    return await channel.send(instance, to, bubble.text, bubble.reference)


def _healthy(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Unknown) or (isinstance(outcome, NotTaken) and outcome.cause in TROUBLE):
        raise _Trouble(outcome)
    return outcome
