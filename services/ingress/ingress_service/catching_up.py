"""Catching up: what the channel has and we do not is fetched, and kept like a webhook, in the order it was written.

It happens at the start, after everything that may have cost webhooks (a broker that was away, a connection that comes
back), and every so often in any case, since the channel loses webhooks without a word. A message fetched twice has the
same id twice.
"""

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import Any

from chassis.breaker import Breakers
from chassis.errors import Permanent, Transient
from chassis.logging import get_logger
from chassis.service import Background
from chassis.telemetry import signals, span
from contracts import Event
from contracts.ingress import ChannelStateChanged, MessageEchoed, MessageReceived

from ingress_service.channels.evolution.envelope import channel_subject
from ingress_service.channels.evolution.history import in_order, read_record
from ingress_service.channels.evolution.states import STATES
from ingress_service.channels.results import Named
from ingress_service.evolution_api import EvolutionApi
from ingress_service.memory import Mark
from ingress_service.own import may_be_ours
from ingress_service.reports import Reports
from ingress_service.settings import Settings

OVERLAP = timedelta(minutes=15)
"""How far behind the last look each look begins; and how long the channel must be open before what was sent while it
was closed counts as delivered."""
AT_ONCE = timedelta(hours=1)
"""How much time is fetched at once."""
CLOCKS_DIFFER = timedelta(hours=1)
"""How far the channel's clock may be ahead of ours."""
ON_ITS_WAY = timedelta(seconds=5)
"""What is younger than this has a webhook that may still come."""
SETTLE_S = 2.0
"""How long after a gap webhooks may come by themselves."""
RECOGNISE_S = 3.0
"""How long postprocessor has to say whether a message is ours; no webhook waits for it here."""
AGAIN_S = 5.0
"""How long until the next try when the channel or the broker is away."""

log = get_logger(__name__)
_signals = signals(__name__)
_CATCH_UP = _signals.operation("ingress.catch_up", "The channel is asked for what no webhook told.")
_FACT = _signals.attribute("receptionist.fact", "Class of a fact.")
_caught = _signals.counter("receptionist.ingress.caught_up", "{message}", "What no webhook had told, by fact.", _FACT)


class Unrecognised(Transient):
    """Nobody can say now whether a message from the unit's number is ours."""


class CatchUp:
    """Looks for what was missed, every `every_s` seconds, as far `back` as it is worth answering."""

    def __init__(self, reports: Reports, api: EvolutionApi, *, every_s: float, back: timedelta) -> None:
        self._reports = reports
        self._api = api
        self._memory = reports.memory
        self._own = reports.own
        self._clock = reports.line.clock
        self._every_s = every_s
        self._back = back
        self._gap = asyncio.Event()
        self._gap.set()  # nobody knows what came before the start

    def gap(self) -> None:
        """Note that something may have been missed."""
        self._gap.set()

    async def run(self) -> None:
        """Look for ever; of several copies one at a time, unless it saw a gap itself."""
        try:
            while True:
                at_once = await self._wait()
                try:
                    if await self._memory.take_turn(self._every_s, at_once=at_once):
                        await self.look()
                except (Transient, Permanent) as error:
                    log.warning("catch_up_waits", why=str(error))
                    await self._put_off()
                except Exception as error:  # noqa: BLE001  # the edge: a mistake here must not end the webhooks
                    log.error("catch_up_failed", cause=error)
                    await self._put_off()
        finally:
            await self._api.close()

    async def look(self) -> int:
        """Look once; return how many messages had been missed. Raises `Transient`."""
        now = self._clock()
        with span(_CATCH_UP):
            state = await self._ask_state(now)
            mark = await self._memory.mark() or Mark(now - self._back)
            since = max(min(mark.since, now - OVERLAP), now - self._back)
            missed, begin, end = 0, since, now + CLOCKS_DIFFER
            while begin < end:
                missed += await self._fetch(begin, min(begin + AT_ONCE, end), now)
                begin += AT_ONCE
            await self._memory.set_mark(_moved_on(mark, since, now, is_open=state == "open"))
        if missed:
            log.warning("caught_up", messages=missed, since=since.isoformat())
        return missed

    async def _wait(self) -> bool:
        """Wait for the time of the next look, or for a gap; return whether there was one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._every_s):
                await self._gap.wait()
        was_gap = self._gap.is_set()
        if was_gap:
            await asyncio.sleep(min(SETTLE_S, self._every_s))
        self._gap.clear()
        return was_gap

    async def _put_off(self) -> None:
        self._gap.set()
        await asyncio.sleep(min(AGAIN_S, self._every_s))

    async def _ask_state(self, now: datetime) -> str:
        """Ask whether the channel is connected, and say so when that was not said: that webhook may be lost, too."""
        state = await self._api.state()
        named = STATES.get(state)
        if named in {"open", "closed"} and named != await self._memory.said():
            change = ChannelStateChanged(instance=self._api.instance, state=named)
            key = f"{self._api.instance}:{named}:{now.isoformat()}"
            await self._reports.tell_connection(change, key, channel_subject(self._api.instance))
        return state

    async def _fetch(self, since: datetime, until: datetime, now: datetime) -> int:
        records = in_order(await self._api.find(since, until))
        found = [read_record(record, self._api.instance, None, now) for record in records]
        events = [each.event(now) for each in found if isinstance(each, Named) and _is_due(each, now)]
        unseen = await self._memory.unseen([event.id for event in events])
        missed, trouble = 0, None
        for event in events:
            if event.id in unseen and not (trouble and may_be_ours(event.data)):
                try:
                    missed += await self._catch(event)
                except Unrecognised as error:  # what families wrote does not wait for what the unit may have written
                    trouble = error
        if trouble:
            raise trouble
        return missed

    async def _catch(self, event: Event[Any]) -> bool:
        """Keep one message; what we sent ourselves needs no echo, postprocessor knows it."""
        if await self._is_ours(event):
            self._memory.note(event.id, event.data.sent_at)
            return False
        await self._reports.publish(event)
        _caught.add(1, {_FACT: type(event.data).__name__})
        return True

    async def _is_ours(self, event: Event[Any]) -> bool:
        try:
            return may_be_ours(event.data) and await self._own.is_ours(event.data, within_s=RECOGNISE_S)
        except (Transient, Permanent) as error:
            raise Unrecognised(str(error)) from error


def catch_up_of(settings: Settings, reports: Reports, breakers: Breakers) -> list[Background]:
    """Return what catches up, if it is known where the channel is."""
    url, api_key = settings.evolution_url, settings.evolution_api_key
    if url is None or api_key is None:
        return []
    api = EvolutionApi(url, api_key, settings.evolution_instance, settings.channel_timeout_s, breakers)
    catching = CatchUp(reports, api, every_s=settings.catch_up_every_s, back=settings.catch_up_back)
    reports.on_gap = catching.gap
    return [catching.run]


def _is_due(named: Named, now: datetime) -> bool:
    fact = named.fact
    return not isinstance(fact, MessageReceived | MessageEchoed) or fact.sent_at <= now - ON_ITS_WAY


def _moved_on(mark: Mark, since: datetime, now: datetime, *, is_open: bool) -> Mark:
    """Return where the next look begins: no later than what was sent before the channel was open for a while."""
    open_since = min(mark.open_since or now, now) if is_open else None
    settled = open_since is not None and now - open_since >= OVERLAP
    return Mark(max(since, now - OVERLAP) if settled else since, open_since)
