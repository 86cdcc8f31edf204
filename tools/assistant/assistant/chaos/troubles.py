"""What breaks, when: seeded, so that the same seed breaks the same things at the same moments."""

import random
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Literal

Kind = Literal["kill", "die_at", "freeze", "outage"]
PUBLISHES = ("publish", "published")
TAKES = (*PUBLISHES, "ack", "acked")
KEEPS = (*TAKES, "commit", "committed")
MOMENTS: dict[str, tuple[str, ...]] = {
    "ingress": PUBLISHES,
    "preprocessor": KEEPS,
    "dialogue": KEEPS,
    "rules": TAKES,
    "calendar": KEEPS,
    "postprocessor": (*KEEPS, "send", "sent", "settled"),
    "frontdesk": ("commit", "committed", "ack", "acked"),
}
"""The boundaries of a service's work: before and after it commits, publishes, acknowledges, sends, settles."""
SERVICES = (*MOMENTS, "llm-gateway")
OUTAGES = (
    "broker_restarted",
    "database_connections_cut",
    "channel_hangs",
    "cache_away",
    "broker_killed",
    "channel_refuses",
    "database_restarted",
    "broker_frozen",
    "channel_disconnected",
    "cache_flushed",
    "database_killed",
    "broker_connections_cut",
    "database_frozen",
    "cache_frozen",
    "broker_memory_alarm",
    "broker_disk_alarm",
)
"""What happens to the stores and to the channel, in the order in which a storm takes them up."""


@dataclass(frozen=True)
class Trouble:
    """One thing that breaks, `at` seconds after the beginning, for `lasts_s` seconds.

    `target` is a service, or the outage's name; `moment` is where a service dies.
    """

    at: float
    kind: Kind
    target: str
    moment: str = ""
    lasts_s: float = 0.0


def troubles(seed: int, *, kills: int, outages: int, over_s: float) -> tuple[Trouble, ...]:
    """Spread so many kills of services, half of them at a boundary, and so many outages over the time, with freezes."""
    dice = random.Random(seed)  # noqa: S311  # a storm that can be made again, not a secret
    boundaries = [(service, moment) for service, moments in MOMENTS.items() for moment in moments]
    dice.shuffle(boundaries)
    at_boundary = islice(cycle(boundaries), (kills + 1) // 2)
    planned = [("die_at", service, moment, 0.0) for service, moment in at_boundary]
    planned += [("kill", dice.choice(SERVICES), "", 0.0) for _ in range(kills // 2)]
    planned += [("freeze", dice.choice(SERVICES), "", dice.uniform(1, 6)) for _ in range(kills // 6)]
    planned += [("outage", name, "", dice.uniform(2, 6)) for name in islice(cycle(OUTAGES), outages)]
    dice.shuffle(planned)
    step_s = over_s / max(len(planned), 1)
    return tuple(
        Trouble((nth + dice.random()) * step_s, kind, target, moment, lasts_s)  # type: ignore[arg-type]  # of the lists above
        for nth, (kind, target, moment, lasts_s) in enumerate(planned)
    )
