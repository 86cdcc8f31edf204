"""From a body to the broker: what is understood is published, what is not is quarantined, both confirmed."""

import asyncio
from datetime import datetime
from typing import Any

from chassis.errors import Unavailable
from chassis.line import Line
from chassis.logging import get_logger
from chassis.telemetry import meter

from ingress_service.body import decode, for_quarantine
from ingress_service.channels import evolution
from ingress_service.channels.results import Ignored, Named, Result, Unreadable

WITHIN_S = 2.0
"""How long the broker may take for one fact."""
ALTOGETHER_S = 5.0
"""How long all of a body may take; the channel waits 30 s, but it opens a connection for every event."""

log = get_logger(__name__)
_reports = meter.create_counter("receptionist.ingress.reports", "{report}", "What webhooks reported, by outcome.")


async def keep(line: Line, body: bytes, route_event: str | None = None) -> None:
    """Make everything that a body reports safe in the broker. Raises `Unavailable`; then nothing may be acknowledged.

    Whoever sends the same body again causes the same ids, so a body that was kept by half is simply sent again.
    """
    now = line.clock()
    event, results = understand(body, route_event, now)
    try:
        async with asyncio.timeout(ALTOGETHER_S):
            for result in results:
                if isinstance(result, Named):
                    await line.publish(result.event(now), within_s=WITHIN_S)
            reasons = sorted({result.reason for result in results if isinstance(result, Unreadable)})
            if reasons:
                log.warning("webhook_quarantined", channel_event=event, reasons=",".join(reasons), bytes=len(body))
                await line.quarantine(for_quarantine(body), f"{event}: {', '.join(reasons)}")
    except TimeoutError as error:
        raise Unavailable("the broker took too long") from error
    for result in results:
        _reports.add(1, {"event": event, "outcome": _outcome(result)})


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
