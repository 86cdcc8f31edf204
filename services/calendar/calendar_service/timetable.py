"""The appointment book as the unit's people see it: some days with everything in them."""

from datetime import datetime, time, timedelta

from chassis.store import Store
from contracts.calendar import BusyTime, Timetable, Week

from calendar_service.busy_times import slot_of
from calendar_service.domain import overlaps
from calendar_service.slots import Opening

EVERYTHING = """
select 'visit' as kind, id, null as title, during from visits
    where status <> 'cancelled' and during && tstzrange($1, $2)
union all select 'block', id, name, during from blocks where during && tstzrange($1, $2)
union all select 'google', null, title, during from google_busy where $3 and during && tstzrange($1, $2)
order by during"""


async def timetable(store: Store, opening: Opening, question: Week, *, google: bool) -> Timetable:
    """Return what is in the book; slots in the unit's zone."""
    days = [question.first + timedelta(days=ahead) for ahead in range(question.days)]
    first, last = (datetime.combine(day, time.min, opening.zone) for day in (days[0], days[-1] + timedelta(days=1)))
    async with store.unit() as tx:
        rows = await tx.connection.fetch(EVERYTHING, first, last, google)
    busy = [
        BusyTime(slot=opening.local(slot_of(row["during"])), kind=row["kind"], id=row["id"], title=row["title"])
        for row in rows
    ]
    taken = [each.slot for each in busy]
    ahead = [slot for day in days for slot in opening.slots_of(day) if slot.start > question.now]
    return Timetable(
        free=tuple(slot for slot in ahead if not overlaps(slot, taken)),
        busy=tuple(busy),
        closed=tuple(day for day in days if not any(opening.periods_of(day))),
    )
