"""A whole reply: acts in, bubbles out, with what they may name."""

from contracts.dialogue import ApprovedTemplate, ProposedBubble, Slot
from contracts.envelope import Value
from contracts.rules import Assessment

from dialogue_service.decision.state import Conversation
from dialogue_service.decision.turn import Step
from dialogue_service.speech.approved import approved_template
from dialogue_service.speech.bubbles import Paragraph, bubbles
from dialogue_service.speech.lines import Line, Telling
from dialogue_service.speech.own_data import booked_slot, offered_slots, own_data
from dialogue_service.speech.rendering import Purpose, lines_of, purpose_of
from dialogue_service.speech.templates import TEMPLATES, first_variant


class Spoken(Value):
    """A reply in words.

    `state` is the conversation with `said` counted on, so that variants take turns; `own_data` are the names, ages
    and other values of this conversation that the bubbles may repeat. `approved_template` says the same to WhatsApp.
    """

    state: Conversation
    bubbles: tuple[ProposedBubble, ...]
    purpose: Purpose
    offered_slots: tuple[Slot, ...] = ()
    booked_slot: Slot | None = None
    own_data: tuple[str, ...] = ()
    approved_template: ApprovedTemplate | None = None


def speak(step: Step, assessment: Assessment, conversation: str, *, phrasing: str | None = None) -> Spoken:
    """Put a step into words. `conversation` is its id, which spreads variants over conversations.

    `phrasing` is a model's wording of the open answer (`GivePassage.open`): its bubble carries the passage as
    `safe_text` and no template. A step without acts has no bubbles.
    """
    telling = Telling(acts=step.acts, assessment=assessment, state=step.state)
    said = dict(step.state.said)
    every = (lines_of(act, telling) for act in step.acts)
    paragraphs = [_paragraph(lines, said, conversation, phrasing) for lines in every if lines]
    return Spoken(
        state=step.state.but(said=said),
        bubbles=bubbles(paragraphs),
        purpose=purpose_of(step.acts),
        offered_slots=offered_slots(step.acts, step.state),
        booked_slot=booked_slot(step.acts, step.state),
        own_data=own_data(telling),
        approved_template=approved_template(telling),
    )


def _paragraph(lines: tuple[Line, ...], said: dict[str, int], conversation: str, phrasing: str | None) -> Paragraph:
    """Fill the lines of one act in; counts each template used."""
    filled = [_filled(line, said, conversation) for line in lines]
    safe = "".join((line.gap if nth else "") + text for nth, (line, text) in enumerate(zip(lines, filled, strict=True)))
    text = phrasing if phrasing and lines[0].open else safe
    return Paragraph(text=text, safe=safe, templates=tuple(line.template for line in lines), gap=lines[0].gap)


def _filled(line: Line, said: dict[str, int], conversation: str) -> str:
    if line.text is not None:
        return line.text
    uses = said.get(line.template, 0)
    said[line.template] = uses + 1
    return TEMPLATES[line.template].filled(first_variant(conversation, line.template) + uses, line.values)
