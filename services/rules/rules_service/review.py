"""Every reply on its way out: what it claims and no fact says is replaced by what may be said, and nothing is dropped.

Pure: the moment is the one at which the reply was composed, so that a repeated review says the same again.
"""

from dataclasses import dataclass

from contracts.dialogue import ApprovedTemplate, ProposedBubble, ReplyProposed, Slot
from contracts.rules import Replacement

from rules_service.claims import Claim, Conversation, Moment, UnitKnows, false_claim, is_grounded
from rules_service.claims.plain import plain, words_of
from rules_service.facts import Facts
from rules_service.hours import Calendar
from rules_service.taught import Taught


@dataclass(frozen=True)
class Reviewed:
    """The texts that may be sent, in order, what was replaced, and the approved template if that may be sent, too."""

    bubbles: tuple[str, ...]
    replaced: tuple[Replacement, ...] = ()
    approved_template: ApprovedTemplate | None = None


class Reviewer:
    """Holds every claim of a reply against the facts."""

    def __init__(self, facts: Facts, taught: Taught | None = None) -> None:
        self._taught = taught
        self._calendar = Calendar(facts.file)
        self._unit = UnitKnows.of(facts.file, (piece.text for piece in facts.knowledge))
        self._zone = facts.file.unit.zone
        self._reminder = facts.file.templates.reminder
        self._unit_names = frozenset(words_of(plain(f"{facts.file.unit.name} {facts.file.unit.persona}")))
        self.last_resort = (
            "Para não passar nada errado, prefiro que você confirme direto com a unidade, pelo número "
            f"{facts.file.unit.contact_phone}."
        )

    def review(self, proposal: ReplyProposed) -> Reviewed:
        """Return the bubbles that may be sent; the same last resort is not said twice in a row."""
        texts: list[str] = []
        replaced: list[Replacement] = []
        conversation = self._conversation(proposal)
        for nth, bubble in enumerate(proposal.bubbles):
            text, claim = self._reviewed(bubble, conversation)
            if claim:
                replaced.append(Replacement(bubble=nth, claim=claim))
            if text != self.last_resort or text not in texts:
                texts.append(text)
        template = proposal.approved_template
        if template and (claim := self._flaw(template, conversation)):
            replaced.append(Replacement(bubble=len(proposal.bubbles), claim=claim))
            template = None
        return Reviewed(tuple(texts) or (self.last_resort,), tuple(replaced), template)

    def _reviewed(self, bubble: ProposedBubble, conversation: Conversation) -> tuple[str, Claim | None]:
        safe = bubble.safe_text
        rest = self._without_taught(bubble.text)
        is_all_taught = not rest.strip() and bool(bubble.text.strip())
        claim = None if is_all_taught else false_claim(rest, conversation, strict=bubble.template is None)
        if claim is None and bubble.template is None and safe is not None:
            names = conversation.known.own_words | self._unit_names
            claim = None if is_grounded(bubble.text, safe, names) else "unsupported"
        if claim is None:
            return bubble.text, None
        if safe and bubble.template is None and false_claim(safe, conversation, strict=False) is None:
            return safe, claim
        return self.last_resort, claim

    def _without_taught(self, text: str) -> str:
        """Leave out what somebody at the unit wrote, word for word: theirs to claim."""
        for piece in self._taught.pieces if self._taught else ():
            text = text.replace(piece.text, "")
        return text

    def _flaw(self, template: ApprovedTemplate, conversation: Conversation) -> Claim | None:
        """Read an approved template as the person would; one that the owner does not have cannot be read."""
        own = self._reminder
        is_own = own is not None and (own.name, own.language) == (template.name, template.language)
        text = own.filled(template.parameters) if own and is_own else None
        return false_claim(text, conversation, strict=True) if text else "style"

    def _conversation(self, proposal: ReplyProposed) -> Conversation:
        """Return what may be said: the unit's facts on that day, the proposal's slots, the conversation's own data."""
        slots = [*proposal.offered_slots, *([proposal.booked_slot] if proposal.booked_slot else [])]
        phone = proposal.contact.phone
        return Conversation(
            self._unit,
            self._calendar.near(self._calendar.local(proposal.composed_at).date()),
            moments=[self._moment(slot) for slot in slots],
            own=(*proposal.own_data, phone) if phone else proposal.own_data,
        )

    def _moment(self, slot: Slot) -> Moment:
        return Moment(slot.start.astimezone(self._zone), slot.end.astimezone(self._zone))
