"""When the unit has no time: visits, blocked times, what else is in Google Calendar."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Range
from chassis.store import Connection
from contracts.dialogue import Slot

OVERLAPPING = """
select during from visits where status <> 'cancelled' and during && $1 and ($2::uuid is null or id <> $2)
union all select during from blocks where during && $1
union all select during from google_busy where $3 and during && $1"""


@dataclass(frozen=True)
class BusyTimes:
    """Reads the tables.

    `google` says whether there is a Google Calendar; without one, what was once imported from it counts no more.
    """

    google: bool

    async def between(
        self, connection: Connection, first: datetime, last: datetime, *, but: UUID | None = None
    ) -> list[Slot]:
        """Return the busy times that share a moment with a span; one visit left out if wanted."""
        rows = await connection.fetch(OVERLAPPING, Range(first, last), but, self.google)
        return [slot_of(row["during"]) for row in rows]


def slot_of(during: "Range[datetime]") -> Slot:
    """Return a stored range as a slot, in the database's zone."""
    if during.lower is None or during.upper is None:
        raise ValueError("the tables hold no times without bounds")
    return Slot.model_construct(start=during.lower, end=during.upper)
