"""The right to be forgotten (LGPD, art. 18, VI): asked for by a person or the unit, confirmed by every owner."""

from typing import ClassVar, Literal

from contracts.envelope import Fact


class PrivacyFact(Fact):
    """Facts of the privacy protocol; several services publish them, so none of them is the producer."""

    producer: ClassVar[str] = "privacy"


class ErasureRequested(PrivacyFact):
    """Everything about this person must go; `asked_by` says who wanted it."""

    phone: str
    asked_by: Literal["parent", "unit"]


class DataErased(PrivacyFact):
    """One owner has erased what it had; `rows` counts it."""

    owner: str
    rows: int
