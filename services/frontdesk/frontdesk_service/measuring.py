"""Takes the measures that alerts are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chassis.store import Connection

from frontdesk_service.alerting import Rule
from frontdesk_service.hours import BusinessHours
from frontdesk_service.indicators import Catalogue, values
from frontdesk_service.projections import absences, channel, counting, dead_letters, journal, knowledge
from frontdesk_service.webhooks import dead_count


@dataclass(frozen=True)
class Measured:
    """A value, `None` where there is nothing to judge; `detail` is what it is about, where that matters."""

    value: float | None
    detail: str | None = None


async def measured(
    connection: Connection, rules: Iterable[Rule], now: datetime, hours: BusinessHours, catalogue: Catalogue
) -> dict[str, Measured]:
    """Return what every rule measures, by condition."""
    first = await journal.first(connection)
    found: dict[datetime, dict[str, float | None]] = {}
    result: dict[str, Measured] = {}
    for rule in rules:
        begins = rule.window.begins(now, hours)
        if rule.full and (first is None or first > begins):
            result[rule.condition] = Measured(None)
            continue
        if rule.measure in MOMENTARY:
            result[rule.condition] = await MOMENTARY[rule.measure](connection, now)
            continue
        if begins not in found:
            found[begins] = await _window(connection, begins, now, catalogue)
        result[rule.condition] = Measured(found[begins][rule.measure])
    return result


async def _window(
    connection: Connection, begins: datetime, now: datetime, catalogue: Catalogue
) -> dict[str, float | None]:
    counted = await counting.between(connection, begins, now)
    of = values(counted, catalogue.prices)
    resolved = of["resolution_rate"]
    return {
        **of,
        "spent_today_brl": of["spend_brl"],
        "unresolved_rate": None if resolved is None else 1 - resolved,
        "budget_refusals": await counting.budget_refusals(connection, begins, now),
        "delivery_failures": await counting.delivery_failures(connection, begins, now),
        "blocked": counted.blocked,
    }


async def _channel_closed(connection: Connection, now: datetime) -> Measured:
    closed = await channel.closed_since(connection)
    return Measured((now - closed).total_seconds() / 60 if closed else 0.0)


async def _services_away(connection: Connection, now: datetime) -> Measured:
    since = await absences.since(connection)
    longest = min(since.values(), default=now)
    return Measured((now - longest).total_seconds() / 60, ", ".join(since) or None)


async def _open_gaps(connection: Connection, now: datetime) -> Measured:
    return Measured(await knowledge.open_gaps(connection, now))


async def _dead_letters(connection: Connection, _: datetime) -> Measured:
    dead = await dead_letters.counted(connection)
    return Measured(sum(dead.values()), ", ".join(dead) or None)


async def _dead_webhooks(connection: Connection, _: datetime) -> Measured:
    return Measured(await dead_count(connection))


MOMENTARY = {
    "channel_closed_min": _channel_closed,
    "service_away_min": _services_away,
    "open_gaps": _open_gaps,
    "dead_letters": _dead_letters,
    "dead_webhooks": _dead_webhooks,
}
