"""Review's outcome as facts: the reply that may leave, and one word about each bubble that was replaced."""

from datetime import datetime

from chassis.logging import get_logger
from contracts import Event
from contracts.dialogue import ReplyProposed
from contracts.rules import DraftBlocked, ReplyDrafted

from rules_service.review import Reviewed

log = get_logger(__name__)


def drafted(
    event: Event[ReplyProposed], reviewed: Reviewed, facts_version: str, *, now: datetime
) -> list[Event[ReplyDrafted] | Event[DraftBlocked]]:
    """Return the reply first, so that nobody waits for what is only noted."""
    proposal = event.data
    reply = ReplyDrafted(
        reply_id=proposal.reply_id,
        turn_id=proposal.turn_id,
        contact=proposal.contact,
        instance=proposal.instance,
        bubbles=reviewed.bubbles,
        purpose=proposal.purpose,
        answers=proposal.answers,
        facts_version=facts_version,
        replaced=reviewed.replaced,
        policy=proposal.policy,
        last_inbound_at=proposal.last_inbound_at,
        approved_template=reviewed.approved_template,
        follows=proposal.follows,
    )
    facts: list[Event[ReplyDrafted] | Event[DraftBlocked]] = [event.causes(reply, now=now)]
    for nth, replacement in enumerate(reviewed.replaced):
        template = _template_of(proposal, replacement.bubble)
        blocked = DraftBlocked(
            reply_id=proposal.reply_id,
            replacement=replacement,
            template=template,
            text=_text_of(proposal, replacement.bubble),
            facts_version=facts_version,
        )
        facts.append(event.causes(blocked, now=now, nth=nth))
        log.warning("draft_blocked", conversation=event.subject, claim=replacement.claim, template=template)
    return facts


def _text_of(proposal: ReplyProposed, bubble: int) -> str | None:
    return proposal.bubbles[bubble].text if bubble < len(proposal.bubbles) else None


def _template_of(proposal: ReplyProposed, bubble: int) -> str | None:
    if bubble < len(proposal.bubbles):
        return proposal.bubbles[bubble].template
    return proposal.approved_template.name if proposal.approved_template else None
