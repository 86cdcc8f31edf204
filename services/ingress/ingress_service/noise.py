"""What needs not be said again: the connection's storms, and names that were told already."""

from collections import OrderedDict
from datetime import datetime, timedelta

from contracts.ingress import Address, ChannelStateChanged

REPEATED_WITHIN = timedelta(seconds=60)
"""Without WhatsApp a channel reports several changes of its connection a second (165 in 75 s were seen)."""
PAIRS = 20_000


class Connections:
    """Tells what is new about the connection: not the same again, and not each of its attempts while it is closed."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[str, datetime]] = {}

    def is_news(self, change: ChannelStateChanged, now: datetime) -> bool:
        """Whether this is worth telling, for all that is known here."""
        state, at = self._told.get(change.instance, ("", now))
        repeated = change.state == state or (change.state == "connecting" and state == "closed")
        return change.state == "qr" or not repeated or not timedelta(0) <= now - at < REPEATED_WITHIN

    def told(self, change: ChannelStateChanged, now: datetime) -> None:
        """Note what was told."""
        self._told[change.instance] = (change.state, now)


class Pairs:
    """The pairs of phone and LID that were told lately."""

    def __init__(self) -> None:
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    def is_news(self, address: Address | None) -> bool:
        """Whether an address shows two names that were not told."""
        pair = _pair(address)
        return pair is not None and pair not in self._told

    def told(self, address: Address) -> None:
        """Note that they were."""
        pair = _pair(address)
        if pair is None:
            return
        self._told[pair] = None
        if len(self._told) > PAIRS:
            self._told.popitem(last=False)


def _pair(address: Address | None) -> tuple[str, str] | None:
    return (address.phone, address.lid) if address and address.phone and address.lid else None
