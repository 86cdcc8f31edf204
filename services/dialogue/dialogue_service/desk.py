"""What the parts of the service work with."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from chassis.store import Store

from dialogue_service.mind import Mind


@dataclass(frozen=True)
class Desk:
    """Memory, mind and clock; `fresh` is how long a reply is worth sending.

    `instance` is the unit's number on the channel, for whoever never wrote.
    """

    store: Store
    mind: Mind
    clock: Clock
    fresh: timedelta
    instance: str
