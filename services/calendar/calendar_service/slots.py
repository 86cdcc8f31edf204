"""When visits can be, and which of the free slots suit a wish best. Pure: no clock, no store, no files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from contracts.calendar import Offer, SlotWish
from contracts.dialogue import Slot

Refusal = Literal["outside_hours", "past", "too_soon", "too_far"]

# What is nearest when nothing fits, weighed in hours away from the wanted hour.
DAY_COST = 3.0
"""A day away from the wanted day."""
WAITING_COST = 0.5
"""A day of waiting: among equally near slots the sooner one wins."""
REFUSED_WEEKDAY_COST = 100.0
SAME_DAY_COST, CROWD_COST, SAME_HALF_COST = 1.5, 1.0, 0.25
"""Another offer on the same day, side by side with it, in the same half of the day."""
ROOM = timedelta(hours=1)
"""Two offers on one day should be at least this far apart."""
NOON = 12
KNOWN_DAYS = 400
"""So many days' slots are kept in memory."""


@dataclass(frozen=True)
class Opening:
    """The unit's hours for visits. `periods` are local; a visit of `length` starts on its multiples within a period.

    `notice` is the least time before a visit, `horizon_days` the last day of offers, counted from today;
    `is_closed` knows the holidays; `blocked` are the owner's maintenance windows.
    """

    zone: ZoneInfo
    weekdays: frozenset[int]
    periods: tuple[tuple[time, time], ...]
    length: timedelta
    notice: timedelta
    horizon_days: int
    is_closed: Callable[[date], bool]
    blocked: tuple[Slot, ...] = ()
    _days: dict[date, tuple[Slot, ...]] = field(default_factory=dict, repr=False, compare=False)

    def slots_of(self, day: date) -> tuple[Slot, ...]:
        """Every slot of one local day, in order; none when the unit is closed."""
        if day not in self._days:
            if len(self._days) > KNOWN_DAYS:
                self._days.clear()
            self._days[day] = tuple(self._made(day))
        return self._days[day]

    def periods_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield from when to when the doors are open on one local day."""
        if day.weekday() in self.weekdays and not self.is_closed(day):
            for opens, closes in self.periods:
                yield datetime.combine(day, opens, self.zone), datetime.combine(day, closes, self.zone)

    def holds(self, slot: Slot) -> bool:
        """Whether the doors are open for all of a slot, whatever the grid and the windows say: the unit's own word."""
        day = slot.start.astimezone(self.zone).date()
        return any(opens <= slot.start < slot.end <= closes for opens, closes in self.periods_of(day))

    def _made(self, day: date) -> Iterator[Slot]:
        for opens, closes in self.periods_of(day):
            # On the wall clock, so that a change of the zone's offset cannot shift the grid.
            start, end = opens.replace(tzinfo=None), closes.replace(tzinfo=None)
            while start + self.length <= end:
                slot = self._slot(start)
                if not any(slot.start < window.end and window.start < slot.end for window in self.blocked):
                    yield slot
                start += self.length

    def ahead(self, today: date) -> Iterator[Slot]:
        """Yield every slot from a day's first to the last of the horizon that begins with it, in order."""
        for ahead in range(self.horizon_days + 1):
            yield from self.slots_of(today + timedelta(days=ahead))

    def offerable(self, now: datetime) -> list[Slot]:
        """Every slot from `notice` after now to the end of the horizon's last day."""
        return [slot for slot in self.ahead(now.astimezone(self.zone).date()) if slot.start >= now + self.notice]

    def refuses(self, slot: Slot, now: datetime, *, notice: timedelta) -> Refusal | None:
        """Why a visit cannot be in this slot, whoever else comes; `None` when it can."""
        day = slot.start.astimezone(self.zone).date()
        if slot.start <= now:
            return "past"
        if slot not in self.slots_of(day):
            return "outside_hours"
        if slot.start < now + notice:
            return "too_soon"
        last = now.astimezone(self.zone).date() + timedelta(days=self.horizon_days)
        return "too_far" if day > last else None

    def at(self, start: datetime) -> Slot:
        """Return the slot that would start at a moment, in the unit's zone; it need not be one of the grid."""
        return self._slot(start.astimezone(self.zone).replace(tzinfo=None))

    def local(self, slot: Slot) -> Slot:
        """Return a slot in the unit's zone, as long as it is."""
        return Slot(start=slot.start.astimezone(self.zone), end=slot.end.astimezone(self.zone))

    def _slot(self, start: datetime) -> Slot:
        return Slot(start=start.replace(tzinfo=self.zone), end=(start + self.length).replace(tzinfo=self.zone))


def offer(free: Sequence[Slot], wish: SlotWish, *, held: frozenset[datetime] = frozenset(), limit: int = 3) -> Offer:
    """Choose the best of the free slots for a wish, at most `limit`, on several days where possible.

    `free` are slots in the unit's zone, in order; `held` are starts that were just offered to other conversations:
    they come last, when nothing else fits, and never count as free when they are asked for exactly.
    """
    candidates = [slot for slot in free if slot.start not in wish.exclude]
    if wish.exact is not None:
        return _around(wish.exact, candidates, wish, held, limit)
    fitting = [slot for slot in candidates if fits(slot, wish)]
    if fitting:
        return Offer(slots=tuple(sorted(_varied(_unheld(fitting, held), limit), key=lambda slot: slot.start)))
    return Offer(slots=tuple(_nearest(candidates, wish, held, limit)), matches_wish=False)


def fits(slot: Slot, wish: SlotWish) -> bool:
    """Whether a slot is within every bound of a wish. `end` is when the visit should be over at the latest."""
    day, at = slot.start.date(), _minutes(slot.start)
    first, last = _bounds(wish)
    return (
        (not wish.days or day in wish.days)
        and (not wish.weekdays or day.weekday() in wish.weekdays)
        and day.weekday() not in wish.exclude_weekdays
        and (wish.earliest is None or day >= wish.earliest)
        and (wish.latest is None or day <= wish.latest)
        and at >= first
        # "Até as 16h": gone by four. The same hour twice is that hour.
        and (at < last or at == first == last)
    )


def _around(exact: datetime, candidates: list[Slot], wish: SlotWish, held: frozenset[datetime], limit: int) -> Offer:
    asked = [slot for slot in candidates if slot.start == exact and exact not in held]
    others = [slot for slot in candidates if slot.start != exact]
    return Offer(
        slots=(*asked, *_nearest(others, wish, held, limit - len(asked))),
        matches_wish=bool(asked),
        exact_free=bool(asked),
    )


def _nearest(candidates: list[Slot], wish: SlotWish, held: frozenset[datetime], limit: int) -> list[Slot]:
    """Choose what is nearest to a wish, moderately varied, and not all on one day."""
    unheld = _unheld(candidates, held)
    today = min((slot.start.date() for slot in unheld), default=date.min)

    def cost(slot: Slot, chosen: list[Slot]) -> tuple[bool, float]:
        same_day = [other for other in chosen if other.start.date() == slot.start.date()]
        last_chance = 0 < len(same_day) == len(chosen) == limit - 1
        crowded = any(abs(slot.start - other.start) < ROOM for other in same_day)
        varied = SAME_DAY_COST * len(same_day) + CROWD_COST * crowded + SAME_HALF_COST * _same_half(slot, chosen)
        return last_chance, _distance(slot, wish, today) + varied

    return _pick(unheld, limit, cost)


def _varied(fitting: list[Slot], limit: int) -> list[Slot]:
    """Choose the soonest of slots that all fit: other days first, then the other half of the day, then well apart."""

    def cost(slot: Slot, chosen: list[Slot]) -> tuple[int, int, bool]:
        same_day = sum(other.start.date() == slot.start.date() for other in chosen)
        crowded = any(
            abs(slot.start - other.start) < ROOM or slot.start.time() == other.start.time() for other in chosen
        )
        return same_day, _same_half(slot, chosen), crowded

    return _pick(fitting, limit, cost)


def _pick(slots: list[Slot], limit: int, cost: Callable[[Slot, list[Slot]], Any]) -> list[Slot]:
    """Choose the cheapest one by one, each in view of those chosen before; the sooner one among equals."""
    left, chosen = list(slots), list[Slot]()
    while left and len(chosen) < limit:
        best = min(left, key=lambda slot: (cost(slot, chosen), slot.start))
        left.remove(best)
        chosen.append(best)
    return chosen


def _same_half(slot: Slot, chosen: list[Slot]) -> int:
    return sum((other.start.hour < NOON) == (slot.start.hour < NOON) for other in chosen)


def _unheld(slots: list[Slot], held: frozenset[datetime]) -> list[Slot]:
    return [slot for slot in slots if slot.start not in held] or slots


def _distance(slot: Slot, wish: SlotWish, today: date) -> float:
    """How far a slot is from a wish that it does not fit, in hours."""
    day = slot.start.date()
    refused = REFUSED_WEEKDAY_COST if day.weekday() in wish.exclude_weekdays else 0.0
    if wish.exact is not None:
        exact = wish.exact.astimezone(slot.start.tzinfo)
        hours = abs(_minutes(slot.start) - _minutes(exact)) / 60
        days = abs((day - exact.date()).days)
    else:
        hours, days = _hours_off(slot, wish), sum(_days_off(day, wish, today))
    return refused + hours + DAY_COST * days + WAITING_COST * (day - today).days


def _hours_off(slot: Slot, wish: SlotWish) -> float:
    at = _minutes(slot.start)
    first, last = _bounds(wish)
    return max(first - at, at - last, 0) / 60


def _days_off(day: date, wish: SlotWish, today: date) -> Iterable[int]:
    """How many days a day is away from each part of a wish; a weekday is wanted from today on."""
    if wish.days:
        yield min(abs((day - wanted).days) for wanted in wish.days)
    if wish.weekdays:
        ahead = [(wanted - day.weekday()) % 7 for wanted in wish.weekdays]
        back = [(day.weekday() - wanted) % 7 for wanted in wish.weekdays]
        yield min(*ahead, *(days for days in back if day - timedelta(days=days) >= today), 7)
    if wish.earliest:
        yield max((wish.earliest - day).days, 0)
    if wish.latest:
        yield max((day - wish.latest).days, 0)


def _bounds(wish: SlotWish) -> tuple[int, int]:
    """First and last minute of the day that a wish allows."""
    return (
        _minutes_of(wish.start) if wish.start else 0,
        _minutes_of(wish.end) if wish.end else 24 * 60,
    )


def _minutes(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _minutes_of(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
