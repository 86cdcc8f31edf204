"""What the rendering of acts works with: a line to be filled in, and what it may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from contracts.dialogue import Slot
from contracts.rules import Assessment, UnitFacts

from dialogue_service import words
from dialogue_service.decision.acts import AnyAct, Whose
from dialogue_service.decision.state import Conversation

Gap = Literal[" ", "\n", "\n\n"]


@dataclass(frozen=True)
class Line:
    """A template and its values, or a `text` that was written elsewhere; `gap` separates it from what comes before.

    `open` marks an answer that a model may phrase.
    """

    template: str
    values: Mapping[str, str] = field(default_factory=dict)
    gap: Gap = "\n\n"
    text: str | None = None
    open: bool = False


@dataclass(frozen=True)
class Telling:
    """One reply on its way to words: all its acts, the facts that they may name, and the conversation."""

    acts: tuple[AnyAct, ...]
    assessment: Assessment
    state: Conversation

    @property
    def unit(self) -> UnitFacts:
        """The unit's facts."""
        return self.assessment.unit

    @property
    def zone(self) -> ZoneInfo:
        """The unit's zone."""
        return ZoneInfo(self.unit.timezone)

    def has(self, kind: type[AnyAct] | tuple[type[AnyAct], ...]) -> bool:
        """Whether the reply says something of this kind, too."""
        return any(isinstance(act, kind) for act in self.acts)

    def when(self, slot: Slot) -> str:
        """`terça-feira, 24 de novembro, às 14h30`."""
        return words.moment(slot.start, self.zone)

    def on_when(self, slot: Slot) -> str:
        """`na terça-feira, 24 de novembro, às 14h30`."""
        return words.on_moment(slot.start, self.zone)

    def numbered(self, slots: tuple[Slot, ...]) -> str:
        """Return the slots, one a line (interfaces, section 6); numbers are those under which they were offered."""
        offered = [slot.start for slot in self.state.offered]
        known = all(slot.start in offered for slot in slots)
        numbers = [offered.index(slot.start) + 1 for slot in slots] if known else range(1, len(slots) + 1)
        return "\n".join(
            words.slot_line(number, slot.start, self.zone) for number, slot in zip(numbers, slots, strict=True)
        )


def who(whose: Whose) -> str:
    """`Pedro`, `a criança de 6 anos`, `a segunda criança`, `quem vai estudar`, `você`."""
    if whose.is_self:
        return "você"
    if whose.name:
        return whose.name
    if whose.age:
        return f"a criança de {words.years(whose.age)}"
    return f"a {words.ordinal(whose.nth)} criança" if whose.nth else "quem vai estudar"


def of_whom(whose: Whose) -> str:
    """`de Pedro`, `da segunda criança`, `de quem vai estudar`."""
    said = who(whose)
    return f"d{said}" if said.startswith("a ") else f"de {said}"


def capital(text: str) -> str:
    """Begin a sentence."""
    return text[:1].upper() + text[1:]
