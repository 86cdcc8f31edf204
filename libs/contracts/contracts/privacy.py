"""The right to be forgotten (LGPD, art. 18, VI): asked for by a person or the unit, confirmed by every owner."""

from typing import ClassVar, Literal

from pydantic import Field

from contracts.envelope import Fact, conversation_id


class PrivacyFact(Fact):
    """Facts of the privacy protocol; several services publish them, so none of them is the producer."""

    producer: ClassVar[str] = "privacy"


class ErasureRequested(PrivacyFact):
    """Everything about this person must go; `asked_by` says who wanted it.

    `phone` is E.164, or the channel's address of somebody whose phone is not known; `also` are further conversations of
    theirs, beside the subject.
    """

    consumers: ClassVar[tuple[str, ...]] = (
        *("calendar", "dialogue", "frontdesk", "llm-gateway", "postprocessor", "preprocessor"),
    )

    phone: str = Field(repr=False)
    asked_by: Literal["parent", "unit"]
    also: tuple[str, ...] = ()

    def conversations(self, subject: str) -> list[str]:
        """Return every conversation that may be theirs."""
        return sorted({subject, conversation_id(self.phone), *self.also})


class DataErased(PrivacyFact):
    """One owner has erased what it had; `rows` counts it."""

    owner: str
    rows: int
