"""Channels that do not take messages: since when, who waits for one, and that somebody is told within a minute."""

import asyncio
from datetime import datetime, timedelta

from chassis.clock import Clock
from chassis.errors import Transient
from chassis.logging import get_logger
from chassis.store import Store, Unit
from contracts import Event, conversation_id
from contracts.postprocessor import Channel as ChannelName
from contracts.postprocessor import ChannelOutageReported, WaitingPerson
from contracts.preprocessor import Contact

from postprocessor_service.channels.together import Channels
from postprocessor_service.store import OPEN

log = get_logger(__name__)

LOOK_S = 10.0
NOTICED = timedelta(seconds=20)
"""How long a channel takes nothing before that is an outage, and not a hiccup."""
TELL_EVERY = timedelta(seconds=60)
MOST_NAMED = 200


class Outages:
    """What this process sees of its channels; what was said about them is in a table, so that copies say it once."""

    def __init__(self, store: Store, channels: Channels, clock: Clock) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._away: dict[ChannelName, datetime] = {}
        self._worked: dict[ChannelName, datetime] = {}

    def failed(self, channel: ChannelName) -> None:
        """Note that a channel did not take a message, or is left alone by its breaker."""
        self._away.setdefault(channel, self._clock())

    def lasted(self, channel: ChannelName) -> timedelta:
        """Return for how long a channel has taken nothing."""
        now = self._clock()
        return now - self._away.get(channel, now)

    def worked(self, channel: ChannelName) -> None:
        """Note that a channel took a message."""
        self._away.pop(channel, None)
        self._worked[channel] = self._clock()

    async def watch(self) -> None:
        """Tell about outages until cancelled; a database that is away is asked next time."""
        while True:
            try:
                await self.tell()
            except Transient as error:
                log.warning("outages_wait", error=type(error).__name__)
            await asyncio.sleep(LOOK_S)

    async def tell(self) -> None:
        """Say what is away, again every minute, and what is back."""
        now = self._clock()
        async with self._store.unit() as tx:
            for channel, began_at in self._away.items():
                if now - began_at >= NOTICED:
                    await self._note(tx, channel, began_at)
            for row in await tx.connection.fetch("select * from outage for update"):
                if self._worked.get(row["channel"], row["began_at"]) > row["began_at"]:
                    await tx.connection.execute("delete from outage where channel = $1", row["channel"])
                    await self._say(tx, row["channel"], row["began_at"], row["told"], ended_at=now)
                elif row["told_at"] is None or now - row["told_at"] >= TELL_EVERY:
                    again = "update outage set told_at = $2, told = told + 1 where channel = $1"
                    await tx.connection.execute(again, row["channel"], now)
                    await self._say(tx, row["channel"], row["began_at"], row["told"])

    async def _note(self, tx: Unit, channel: ChannelName, began_at: datetime) -> None:
        first = "insert into outage (channel, began_at) values ($1, $2) on conflict do nothing"
        await tx.connection.execute(first, channel, began_at)

    async def _say(
        self, tx: Unit, channel: ChannelName, began_at: datetime, nth: int, ended_at: datetime | None = None
    ) -> None:
        waiting = await self._waiting(tx, channel)
        log.warning("channel_outage", channel=channel, ended=ended_at is not None, waiting=len(waiting))
        fact = ChannelOutageReported(channel=channel, began_at=began_at, ended_at=ended_at, waiting=waiting)
        key = f"{channel}:{began_at.isoformat()}:{nth}"
        subject = conversation_id(channel)
        await tx.emit(Event.first(fact, key=key, source="postprocessor", subject=subject, now=self._clock()))

    async def _waiting(self, tx: Unit, channel: ChannelName) -> tuple[WaitingPerson, ...]:
        rows = await tx.connection.fetch(
            f"""select b.conversation, b.instance, min(r.drafted_at) as since, count(*) as bubbles,
                (array_agg(r.contact))[1] as contact
            from bubble b join reply r on r.id = b.reply_id where b.{OPEN}
            group by b.conversation, b.instance order by since limit $1""",  # noqa: S608  # a constant
            MOST_NAMED,
        )
        return tuple(
            WaitingPerson(
                conversation=row["conversation"],
                contact=Contact.model_validate(row["contact"]),
                since=row["since"],
                bubbles=row["bubbles"],
            )
            for row in rows
            if self._channels.of(row["instance"]).name == channel
        )
