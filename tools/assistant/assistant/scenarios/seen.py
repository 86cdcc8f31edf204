"""What an onlooker sees of a conversation: bubbles on the phone, the contact on the front desk's page."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.scenarios.model import ZONE

_OFFER = re.compile(
    r"^\s*(?P<nth>\d+)\)\s.*?(?P<day>\d{1,2})/(?P<month>\d{1,2}),?\s+(?:às\s+)?(?P<hour>\d{1,2})h(?P<minute>\d{2})?\s*$",
    re.MULTILINE,
)
_FORMATTING = re.compile(r"[*_~]")
NOBODY: Mapping[str, Any] = {
    "stage": None,
    "owner": None,
    "lead": {},
    "students": [],
    "visits": [],
    "handoff": None,
}
"""The contact of somebody whom the front desk does not know."""


@dataclass(frozen=True)
class Seen:
    """What came of one turn. `contact` has the shape of `GET /api/v1/contacts/{phone}`."""

    bubbles: tuple[str, ...] = ()
    replies: int = 0
    contact: Mapping[str, Any] = field(default_factory=lambda: NOBODY)

    @property
    def text(self) -> str:
        """All bubbles, joined by spaces, without WhatsApp's formatting."""
        return plain(self.bubbles)


def plain(bubbles: Sequence[str]) -> str:
    """Join bubbles by spaces and take `*_~` away (interfaces, section 5)."""
    return _FORMATTING.sub("", " ".join(bubbles))


def offers_in(bubbles: Sequence[str], now: dt.datetime) -> dict[int, dt.datetime]:
    """Return the numbered slots of these bubbles; the year is the one in which the day lies ahead of `now`."""
    found: dict[int, dt.datetime] = {}
    for bubble in bubbles:
        for match in _OFFER.finditer(_FORMATTING.sub("", bubble)):
            moment = dt.datetime(
                now.astimezone(ZONE).year,
                int(match["month"]),
                int(match["day"]),
                int(match["hour"]),
                int(match["minute"] or 0),
                tzinfo=ZONE,
            )
            ahead = moment if moment > now - dt.timedelta(days=30) else moment.replace(year=moment.year + 1)
            found[int(match["nth"])] = ahead
    return found
