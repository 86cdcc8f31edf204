"""All channels of the unit: whose an instance is, and which other may stand in for it."""

import asyncio
from collections.abc import Sequence

from postprocessor_service.channels import Channel


class Channels:
    """`main` takes every instance that is no other's; `others`, in the order in which they stand in for it."""

    def __init__(self, main: Channel, others: Sequence[Channel] = ()) -> None:
        self._main = main
        self._others = {other.instance: other for other in others if other.instance}

    @property
    def all(self) -> tuple[Channel, ...]:
        """Every channel."""
        return (self._main, *self._others.values())

    def of(self, instance: str) -> Channel:
        """Return the channel that an instance is one of."""
        return self._others.get(instance, self._main)

    def instead_of(self, instance: str) -> tuple[str, ...]:
        """Return the instances that may be used while this one is away; only the main channel has any."""
        return () if instance in self._others else tuple(self._others)

    async def close(self) -> None:
        """Give all connections back."""
        await asyncio.gather(*(channel.close() for channel in self.all))
