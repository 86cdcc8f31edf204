"""A turn on its way to a decision: what is known, what will be said and done so far. Every part returns a new scene."""

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from contracts.dialogue import HandoffReason
from contracts.envelope import Fact
from contracts.rules import Assessment

from dialogue_service.decision.acts import AnyAct
from dialogue_service.decision.state import Conversation, Wanted
from dialogue_service.decision.turn import Known, Outcome, SlotSearch, Step, Taken, Turn
from dialogue_service.understanding.values import IntentName, Understanding


class Scene(NamedTuple):
    """Everything a part may look at, and what the parts before it decided."""

    taken: Taken
    known: Known
    search: SlotSearch | None
    now: datetime
    state: Conversation
    acts: tuple[AnyAct, ...] = ()
    facts: tuple[Fact, ...] = ()
    outcome: Outcome | None = None
    reason: str | None = None
    handoff: HandoffReason | None = None
    requested: Wanted | None = None

    @property
    def turn(self) -> Turn:
        """The turn."""
        return self.taken.turn

    @property
    def understanding(self) -> Understanding:
        """Its reading."""
        return self.taken.turn.understanding

    @property
    def assessment(self) -> Assessment:
        """What rules said."""
        return self.known.assessment

    @property
    def zone(self) -> ZoneInfo:
        """The unit's zone."""
        return ZoneInfo(self.assessment.unit.timezone)

    @property
    def asks(self) -> bool:
        """Whether the reply already asks something."""
        return any(act.asks for act in self.acts)

    @property
    def ended(self) -> bool:
        """Whether nothing is to be added."""
        return self.outcome is not None

    @property
    def asked(self) -> str | None:
        """The topic of our last question, as the turn found it."""
        return self.taken.state.asked.topic if self.taken.state.asked else None

    def has(self, *intents: IntentName) -> bool:
        """Whether the turn wants any of these."""
        return self.understanding.has(*intents)

    def only(self, *intents: IntentName) -> bool:
        """Whether the turn wants nothing but these."""
        names = self.understanding.names
        return bool(names) and set(names) <= set(intents)

    def say(self, *acts: AnyAct) -> "Scene":
        """Add acts."""
        return self._replace(acts=self.acts + acts)

    def tell(self, *facts: Fact) -> "Scene":
        """Add facts."""
        return self._replace(facts=self.facts + facts)

    def but(self, **changes: Any) -> "Scene":
        """Change the conversation."""
        return self._replace(state=self.state.but(**changes))

    def end(self, outcome: Outcome = "replied", reason: str | None = None) -> "Scene":
        """Add nothing more; who is ignored is not spoken to."""
        acts = () if outcome == "ignored" else self.acts
        return self._replace(outcome=outcome, reason=reason, acts=acts)

    def step(self) -> Step:
        """Return what follows."""
        return Step(
            state=self.state,
            acts=self.acts,
            facts=self.facts,
            outcome=self.outcome or "replied",
            reason=self.reason,
            handoff=self.handoff,
            requested=self.requested,
        )
