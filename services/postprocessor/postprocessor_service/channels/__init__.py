"""What a channel to people is: the port that Evolution fills today, and others may tomorrow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from contracts.dialogue import ApprovedTemplate
from contracts.ingress import Address
from contracts.postprocessor import Channel as ChannelName

from postprocessor_service.schedule import Cause
from postprocessor_service.steps import Reason


@dataclass(frozen=True)
class Taken:
    """The channel has the message; `id` is its own identity of it."""

    id: str


@dataclass(frozen=True)
class NotTaken:
    """The channel certainly has not sent the message; later it may."""

    cause: Cause


@dataclass(frozen=True)
class Refused:
    """The channel will never send this message."""

    reason: Reason


@dataclass(frozen=True)
class Unknown:
    """Nobody knows whether the channel sent the message; `why` is a word for the log."""

    why: str


Outcome: TypeAlias = Taken | NotTaken | Refused | Unknown


@dataclass(frozen=True)
class Recorded:
    """A message from the unit's number, as the channel remembers it; `names` are canonical addresses.

    `at` is the channel's clock, `None` where it does not say.
    """

    id: str
    names: tuple[str, ...]
    text: str = field(repr=False)
    at: datetime | None = None


class Channel(Protocol):
    """A way to people. `instance` is the unit's number there, the channel's own if it has only one.

    `reference` is our identity of a message, for a channel that gives it back with receipts.
    """

    name: ChannelName

    @property
    def instance(self) -> str | None:
        """Its only instance; `None` when it has several."""

    async def send(self, instance: str, to: Address, text: str, reference: str) -> Outcome:
        """Send one message; never raises: whatever happens is an outcome."""

    async def send_template(self, instance: str, to: Address, template: ApprovedTemplate, reference: str) -> Outcome:
        """Send a message that WhatsApp approved, filled in; never raises."""

    async def has_window(self, instance: str) -> bool:
        """Whether text is refused 24 hours after a person's last message. Raises `Unavailable` when nobody says."""

    async def find(self, instance: str, since: datetime, until: datetime) -> Sequence[Recorded]:
        """List everything that was sent in a time, oldest first. Raises `Unavailable` unless the list is complete."""

    async def show_typing(self, instance: str, to: Address, seconds: float) -> None:
        """Show that somebody types, and return after that time; best effort, never raises."""

    async def mark_read(self, instance: str, sender: Address, ids: Sequence[str]) -> None:
        """Show that these messages of a person were read; best effort, never raises."""

    async def close(self) -> None:
        """Give the connections back."""


def digits_of(to: Address) -> str | None:
    """Return a person's number in digits, with the country code; `None` when only Evolution knows who it is."""
    if to.phone:
        return to.phone.lstrip("+")
    return None if to.jid.endswith("@lid") else to.jid.partition("@")[0].partition(":")[0].lstrip("+")
