"""Paragraphs become WhatsApp bubbles: usually one, at most three, short, with few emojis."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from contracts.dialogue import ProposedBubble

MOST_BUBBLES = 3
LONGEST = 399
"""Characters of a bubble that is no list."""
MOST_EMOJIS = 2

_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50]\ufe0f?")


@dataclass(frozen=True)
class Paragraph:
    """What one act says. `safe` is what may always be said in its place; `templates` made it; `gap` comes before."""

    text: str
    safe: str
    templates: tuple[str, ...]
    gap: str = "\n\n"

    def __add__(self, other: "Paragraph") -> "Paragraph":
        """Both in one bubble."""
        return Paragraph(
            text=f"{self.text}{other.gap}{other.text}",
            safe=f"{self.safe}{other.gap}{other.safe}",
            templates=self.templates + other.templates,
            gap=self.gap,
        )

    @property
    def length(self) -> int:
        """In characters, of the longer form."""
        return max(len(self.text), len(self.safe))


def bubbles(paragraphs: Iterable[Paragraph]) -> tuple[ProposedBubble, ...]:
    """Put paragraphs together while they fit; what does not fit into three bubbles makes them longer."""
    packed: list[Paragraph] = []
    for paragraph in _sparing(paragraphs):
        if packed and packed[-1].length + len(paragraph.gap) + paragraph.length <= LONGEST:
            packed[-1] += paragraph
        else:
            packed.append(paragraph)
    while len(packed) > MOST_BUBBLES:
        at = min(range(len(packed) - 1), key=lambda index: packed[index].length + packed[index + 1].length)
        packed[at : at + 2] = [packed[at] + packed[at + 1]]
    return tuple(map(_bubble, packed))


def _bubble(packed: Paragraph) -> ProposedBubble:
    if packed.text != packed.safe:
        return ProposedBubble(text=packed.text, safe_text=packed.safe)
    return ProposedBubble(text=packed.text, template="+".join(packed.templates))


def _sparing(paragraphs: Iterable[Paragraph]) -> Sequence[Paragraph]:
    """Leave out all but the first emojis of a reply."""
    left_of_text = left_of_safe = MOST_EMOJIS
    kept = []
    for paragraph in paragraphs:
        text, left_of_text = _fewer(paragraph.text, left_of_text)
        safe, left_of_safe = _fewer(paragraph.safe, left_of_safe)
        kept.append(replace(paragraph, text=text, safe=safe))
    return kept


def _fewer(text: str, left: int) -> tuple[str, int]:
    found = list(_EMOJI.finditer(text))
    if len(found) <= left:
        return text, left - len(found)
    for match in reversed(found[left:]):
        before, after = text[: match.start()], text[match.end() :]
        text = before + after.lstrip(" ") if before.endswith("\n") or not before else before.rstrip(" ") + after
    return text, 0
