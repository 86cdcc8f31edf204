"""What the unit wrote of a family reaches the assistant."""

from typing import Any

import pytest
from chassis.errors import Transient
from chassis.testing import an_event
from contracts.dialogue import FieldChange, Lead, LeadQualified, LeadUpdated, Student
from contracts.frontdesk import LeadEditedByStaff
from contracts.rules import Assess

pytestmark = pytest.mark.stores

WHOLE = Lead(
    parent_name="Ana Souza",
    email="ana@example.com",
    students=(Student(name="Pedro", age=8, grade="ef3", subjects=("matematica",)),),
    time_preference={"kind": "period", "period": "afternoon"},
)
FIELDS = (
    *(FieldChange(field=field) for field in ("parent_name", "email", "time_preference")),
    *(FieldChange(field=field, student=0) for field in ("name", "age", "grade", "subjects")),
)


def typed(dialogue: Any, *changes: FieldChange, lead: Lead = WHOLE) -> Any:
    fact = LeadEditedByStaff(lead=lead, changes=changes, by="maria")
    return an_event(fact, subject=dialogue.ana, at=dialogue.clock(), key=str(dialogue.clock()))


async def test_what_the_unit_wrote_is_known_from_then_on_and_told_once(dialogue: Any) -> None:
    await dialogue.says("oi")
    event = typed(dialogue, *FIELDS)
    await dialogue.probe.deliver(event)
    await dialogue.probe.deliver(event)
    (told,) = dialogue.probe.of(LeadUpdated)
    assert told.lead == WHOLE.model_copy(update={"phone": dialogue.contact.phone})
    assert (told.completeness, told.changes) == (8, ())
    assert len(dialogue.probe.of(LeadQualified)) == 1


async def test_a_turn_that_is_worked_meanwhile_is_done_again_with_what_was_written(dialogue: Any) -> None:
    await dialogue.writes("quanto custa?")
    edits = [typed(dialogue, FieldChange(field="parent_name"))]

    async def assess() -> Any:
        if edits:
            await dialogue.probe.deliver(edits.pop())
        return dialogue.assessment()

    dialogue.answers_slowly(Assess, assess)
    await dialogue.passes(seconds=5)
    assert len(dialogue.proposals) == 1
    assert (await dialogue.state())["lead"]["parent_name"] == "Ana Souza"


async def test_what_is_written_of_somebody_who_has_not_come_here_yet_is_tried_again(dialogue: Any) -> None:
    event = typed(dialogue, FieldChange(field="email"))
    with pytest.raises(Transient):
        await dialogue.probe.deliver(event)
    await dialogue.writes("oi")
    await dialogue.probe.deliver(event)
    assert [told.lead.email for told in dialogue.probe.of(LeadUpdated)] == ["ana@example.com"]
