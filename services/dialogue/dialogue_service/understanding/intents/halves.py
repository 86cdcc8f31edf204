"""Two questions under one head: "qual o telefone e o endereço?" asks what each of its halves would ask alone."""

import re
from collections.abc import Iterator

from dialogue_service.understanding.intents.rule import sentences

_TWO = re.compile(
    r"\b(?P<head>(?:qual|quais)(?: (?:e|sao|seria|seriam))?|(?:me )?(?:passa|manda|informa|diz)(?: (?:por favor|ai))?) "
    r"(?P<one>(?:o|a|os|as|seu|sua) [^,.;!?]+?) e (?P<other>(?:o|a|os|as|seu|sua) [^,.;!?]+)"
)


def halves(text: str) -> Iterator[tuple[str, int]]:
    """Yield each half of such a question in a normalised text, as a question of its own, with its place in the text."""
    if " e " not in text:
        return
    for sentence in sentences(text):
        match = _TWO.search(sentence.text)
        if match:
            for half in ("one", "other"):
                yield f"{match['head']} {match[half].strip()}?", sentence.start + match.start(half)
