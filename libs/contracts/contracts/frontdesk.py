"""What frontdesk says: what the unit's people did, and what the owner must know."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Fact
from contracts.preprocessor import Contact


class FrontdeskFact(Fact):
    """Common to all facts of frontdesk."""

    producer: ClassVar[str] = "frontdesk"


class StaffTookOver(FrontdeskFact):
    """Somebody at the unit answers this person from now on; the assistant is silent."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk", "postprocessor")

    by: str


class StaffReleased(FrontdeskFact):
    """The conversation is the assistant's again."""

    consumers: ClassVar[tuple[str, ...]] = ("dialogue", "frontdesk", "postprocessor")

    by: str


class StaffReplied(FrontdeskFact):
    """Somebody at the unit answered from the front desk; it goes out as it is."""

    consumers: ClassVar[tuple[str, ...]] = ("frontdesk", "postprocessor")

    reply_id: UUID
    contact: Contact
    instance: str
    by: str
    text: str = Field(repr=False)


class AlertRaised(FrontdeskFact):
    """A condition that somebody must know began."""

    alert_id: UUID
    condition: str
    severity: Literal["critical", "warning", "info"]


class AlertCleared(FrontdeskFact):
    """The condition ended."""

    alert_id: UUID
    condition: str
