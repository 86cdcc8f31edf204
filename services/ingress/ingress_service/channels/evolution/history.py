"""What Evolution keeps of messages (`POST /chat/findMessages`), read like the webhooks that should have told them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingress_service.channels.evolution.envelope import Envelope
from ingress_service.channels.evolution.messages import on_upsert
from ingress_service.channels.evolution.values import instant, items, mapping, words
from ingress_service.channels.results import Ignored, Result, Unreadable


def in_order(records: list[Any]) -> list[Mapping[str, Any]]:
    """Put records, which come newest first, in the order in which they were written."""
    return sorted(map(mapping, reversed(records)), key=_written_at)


def _written_at(record: Mapping[str, Any]) -> float:
    moment = instant(record.get("messageTimestamp"))
    return moment.timestamp() if moment else 0.0


def read_record(record: Any, instance: str, own: str | None, now: datetime) -> Result:
    """Return what a stored message says, named as its webhook would name it: the same message, the same id.

    A message that was taken back meanwhile is not for us any more. `own` is the unit's phone, if it is known.
    """
    if not mapping(record):
        return Unreadable("data")
    if _is_deleted(record):
        return Ignored("protocol")
    return on_upsert(record, Envelope("messages.upsert", instance, own, now.isoformat(), now))


def _is_deleted(record: Mapping[str, Any]) -> bool:
    updates = (mapping(each).get("status") for each in items(record.get("MessageUpdate")))
    return "DELETED" in {words(each) for each in (record.get("status"), *updates)}
