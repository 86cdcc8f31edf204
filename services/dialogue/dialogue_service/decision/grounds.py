"""What a reply stands on, for the unit to see. Pure."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from contracts.dialogue import Ground

from dialogue_service.decision.acts import (
    Act,
    GiveAddress,
    GiveHolidays,
    GiveHours,
    GivePassage,
    GivePrices,
    GiveVisit,
    OfferSlots,
)

_Kind: TypeAlias = Literal["prices", "hours", "address", "holidays", "visit", "slots"]
_FACTS: dict[type[Act], _Kind] = {
    GivePrices: "prices",
    GiveHours: "hours",
    GiveAddress: "address",
    GiveHolidays: "holidays",
    GiveVisit: "visit",
    OfferSlots: "slots",
}


def grounds_of(acts: Iterable[Act]) -> tuple[Ground, ...]:
    """Return them in the order in which they are said, each once."""
    return tuple(dict.fromkeys(ground for act in acts if (ground := _ground(act))))


def _ground(act: Act) -> Ground | None:
    if isinstance(act, GivePassage):
        return Ground(kind="knowledge", title=act.title, text=act.text)
    kind = _FACTS.get(type(act))
    return Ground(kind=kind) if kind else None
