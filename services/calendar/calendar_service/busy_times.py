"""When the unit has no time, kept in memory: visits, blocked times, what else is in Google Calendar."""

from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Range
from chassis.store import Connection
from contracts.dialogue import Slot

from calendar_service.domain import Busy

LOOK_BACK = timedelta(days=1)
"""What is over counts no more; a clock that is set back a little finds it all the same."""

READ = """
select during from visits where status <> 'cancelled' and upper(during) > $1
union all select during from blocks where upper(during) > $1
union all select during from google_busy where $2 and upper(during) > $1"""

OVERLAPPING = """
select during from visits where status <> 'cancelled' and during && $1 and ($2::uuid is null or id <> $2)
union all select during from blocks where during && $1
union all select during from google_busy where $3 and during && $1"""


class BusyTimes:
    """Reads the tables again only when one of them changed, in whichever copy: the serial number tells.

    `google` says whether there is a Google Calendar; without one, what was once imported from it counts no more.
    """

    def __init__(self, *, google: bool) -> None:
        self._google = google
        self._serial: int | None = None
        self._since: datetime | None = None
        self._busy = Busy()

    async def known(self, connection: Connection, now: datetime, serial: int) -> Busy:
        """Return every busy time that is not over; `serial` is the number that the tables have now."""
        if serial != self._serial or self._since is None or now < self._since:
            since = now - LOOK_BACK
            rows = await connection.fetch(READ, since, self._google)
            # The number was read before the rows: a change in between makes the next question read again.
            self._busy, self._serial, self._since = Busy(tuple(slot_of(row["during"]) for row in rows)), serial, since
        return self._busy

    async def overlapping(self, connection: Connection, slot: Slot, *, but: UUID | None = None) -> list[Slot]:
        """Return the busy times that share a moment with a slot, straight from the tables; one visit left out."""
        rows = await connection.fetch(OVERLAPPING, Range(slot.start, slot.end), but, self._google)
        return [slot_of(row["during"]) for row in rows]


def slot_of(during: "Range[datetime]") -> Slot:
    """Return a stored range as a slot, in the database's zone."""
    if during.lower is None or during.upper is None:
        raise ValueError("the tables hold no times without bounds")
    return Slot.model_construct(start=during.lower, end=during.upper)
