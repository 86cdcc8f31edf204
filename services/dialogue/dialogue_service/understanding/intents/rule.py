"""How an intent is recognised: words that say it, and words beside them that say something else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dialogue_service.understanding.values import IntentName

SURE = 0.95
_SENTENCE = re.compile(r"(?:[^.!?\n;]|\.(?=\w))+[.!?;\n]*")
# A second question after "e" is a clause of its own: "quais matérias tem e quanto fica?".
_CLAUSE = re.compile(r"(?:(?! e (?:quanto|quais|qual|onde|como|quando|que horas)\b)[^,;])+|.")
_ASKS = re.compile(
    r"\?|^\W*(?:(?:oi|ola|bom dia|boa tarde|boa noite|e|mas|entao|ah)\W+)*(?:qual|quais|que|quem|como|quando"
    r"|onde|quantos?|quantas?"
    r"|tem|teria|voces|ai|aceita|existe|da para|pode|posso|sera|se (?:tem|voces|ai)|precisa|queria saber"
    r"|gostaria de saber|quero saber|saber|me (?:fala|diz|informa|explica))\b"
    r"|\b(?:com|em|de|por|ate|a|desde|para) (?:quantos?|quantas?|que (?:horas?|idade|materias?|dias?|jeito))\b"
    r"|\bque horas?\b"
    r"|\b(?:qual|quais|quero saber|queria saber|gostaria de saber|sabe(?:r)? se|me (?:fala|diz|informa|explica))\b"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its mark at the end; `start` is its place in the normalised text."""

    text: str
    start: int

    @property
    def asks(self) -> bool:
        """Whether it reads as a question; parents often leave the mark out."""
        return _asks(self.text)

    def clause(self, position: int) -> str:
        """Return the part between commas around a position of the sentence."""
        for match in _CLAUSE.finditer(self.text):
            if match.start() <= position < match.end():
                return match.group()
        return self.text


@lru_cache(maxsize=64)  # every rule for questions wants to know
def _asks(sentence: str) -> bool:
    return _ASKS.search(sentence) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to say an intent. `unless` is looked for in the clause of the match; `asks`: only in a question."""

    name: IntentName
    says: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    asks: bool = False
    confidence: float = SURE

    def find(self, sentence: Sentence) -> int | None:
        """Where in the text the sentence says it."""
        if self.asks and not sentence.asks:
            return None
        for match in self.says.finditer(sentence.text):
            if self.unless is None or not self.unless.search(sentence.clause(match.start())):
                return sentence.start + match.start()
        return None


@dataclass(frozen=True, slots=True)
class Said:
    """An intent that a rule found, and where."""

    name: IntentName
    start: int
    confidence: float = SURE


def rule(name: IntentName, *says: str, unless: str | None = None, asks: bool = False, confidence: float = SURE) -> Rule:
    """Alternatives are whole words: each begins and ends at a word's edge."""
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(says)})(?!\w)")
    return Rule(name, pattern, re.compile(rf"(?<!\w)(?:{unless})") if unless else None, asks, confidence)


def sentences(text: str) -> Iterator[Sentence]:
    """Return the sentences of a normalised text."""
    for match in _SENTENCE.finditer(text):
        if match.group().strip():
            yield Sentence(match.group(), match.start())
