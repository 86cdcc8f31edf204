"""From a body to the broker: what is understood is published, what is not is quarantined, both confirmed."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from chassis.errors import Unavailable
from chassis.line import Line
from chassis.logging import get_logger
from chassis.telemetry import signals
from chassis.telemetry.declaring import OUTCOME
from contracts import Event
from contracts.ingress import (
    Address,
    ChannelStateChanged,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    NamesSeen,
)

from ingress_service.body import decode, for_quarantine
from ingress_service.channels import evolution
from ingress_service.channels.evolution.people import conversation
from ingress_service.channels.results import Ignored, Named, Result, Unreadable
from ingress_service.memory import Memory
from ingress_service.noise import Connections, Pairs
from ingress_service.own import Own, may_be_ours

WITHIN_S = 2.0
"""How long the broker may take for one fact."""
ALTOGETHER_S = 5.0
"""How long all of a body may take; the channel waits 30 s, but it opens a connection for every event."""
MESSAGES = (MessageReceived, MessageEchoed, MessageEdited, MessageDeleted)
"""What catching up may find again."""

log = get_logger(__name__)
_signals = signals(__name__)
_EVENT = _signals.attribute(
    "receptionist.event", "Evolution's name of a webhook event, `other` for one we do not know."
)
_reports = _signals.counter(
    "receptionist.ingress.reports", "{report}", "What webhooks reported, by event and outcome.", _EVENT, OUTCOME
)


class Reports:
    """Makes reports safe in the broker, however they came."""

    def __init__(self, line: Line, memory: Memory) -> None:
        self.line = line
        self.memory = memory
        self.own = Own(line)
        self._connections = Connections()
        self._pairs = Pairs()
        self.on_gap: Callable[[], None] = lambda: None
        """Called when something may have been missed."""

    async def keep(self, body: bytes, route_event: str | None = None) -> None:
        """Make everything that a body reports safe. Raises `Unavailable`; then nothing may be acknowledged.

        Whoever sends the same body again causes the same ids, so a body that was kept by half is simply sent again.
        """
        now = self.line.clock()
        event, results = understand(body, route_event, now)
        try:
            async with asyncio.timeout(ALTOGETHER_S):
                for result in results:
                    await self._keep(event, result, now)
                reasons = sorted({result.reason for result in results if isinstance(result, Unreadable)})
                if reasons:
                    log.warning("webhook_quarantined", channel_event=event, reasons=",".join(reasons), bytes=len(body))
                    await self.line.quarantine(for_quarantine(body), f"{event}: {', '.join(reasons)}")
        except TimeoutError as error:
            self.on_gap()
            raise Unavailable("the broker took too long") from error
        except Unavailable:
            self.on_gap()
            raise

    async def publish(self, event: Event[Any]) -> None:
        """Publish a fact, and remember that it is safe. Raises `Unavailable`."""
        await self.line.publish(event, within_s=WITHIN_S)
        if isinstance(event.data, MESSAGES):
            self.memory.note(event.id, getattr(event.data, "sent_at", event.time))

    async def tell_connection(self, change: ChannelStateChanged, key: str, subject: str) -> None:
        """Publish a change of the connection. Raises `Unavailable`."""
        now = self.line.clock()
        await self.publish(Named(change, key, subject).event(now))
        self._connections.told(change, now)
        self.memory.say(change.state)

    async def _keep(self, event: str, result: Result, now: datetime) -> None:
        if isinstance(result, Named):
            result = await self._say(result, now)
        elif isinstance(result, Ignored):
            await self._learn(result.names)
        _reports.add(1, {_EVENT: event, OUTCOME: _outcome(result)})

    async def _say(self, named: Named, now: datetime) -> Result:
        fact = named.fact
        if isinstance(fact, ChannelStateChanged):
            if fact.state == "open":
                self.on_gap()  # what was written meanwhile comes late, or not at all
            if not self._connections.is_news(fact, now):
                return Ignored("repeated")
            await self.tell_connection(fact, named.key, named.subject)
            return named
        if may_be_ours(fact):
            named = Named(await self.own.settled(fact), named.key, named.subject)
        await self.publish(named.event(now))
        address: Address | None = getattr(fact, "address", None)
        if isinstance(fact, MessageReceived):
            self._pairs.told(fact.address)  # whoever reads the message learns them
        else:
            await self._learn(address)
        return named

    async def _learn(self, names: Address | None) -> None:
        """Tell that a phone and a LID are one person, unless that was told."""
        if names is None or not self._pairs.is_news(names):
            return
        key = f"{names.lid}:{names.phone}"
        await self.publish(Named(NamesSeen(address=names), key, conversation(names)).event(self.line.clock()))
        self._pairs.told(names)


def understand(body: bytes, route_event: str | None, now: datetime) -> tuple[str, list[Result]]:
    """Return the event's name (`other` when unknown) and what the body reports; never raises."""
    try:
        document: Any = decode(body)
    except ValueError:
        return "other", [Unreadable("not_json")]
    try:
        return evolution.event_of(document, route_event), evolution.parse(document, now=now, route_event=route_event)
    except Exception as error:  # noqa: BLE001  # a mistake of ours must not cost a message: it is kept, and reported
        log.error("webhook_parser_failed", cause=error)
        return "other", [Unreadable("parser")]


def _outcome(result: Result) -> str:
    match result:
        case Named(fact=fact):
            return type(fact).__name__
        case Ignored(reason=reason):
            return f"ignored:{reason}"
        case Unreadable(reason=reason):
            return f"quarantined:{reason}"
