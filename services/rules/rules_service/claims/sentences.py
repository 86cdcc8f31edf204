"""What the words around a claim do with it: deny it, or speak of when the unit opens."""

import re

_SENTENCE = re.compile(r"(?<=[.!?;\n])\s+|\n")
# Where a denial ends: "às 15h não tenho, mas tenho às 16h".
_TURN = re.compile(
    r"(?:(?<=[.!?;:\n])\s+|\n)|\b(?:mas|porem|entao|so|exceto|menos|salvo|por\soutro\slado)\b"
    r"|(?<!nao )\b(?:tenho|temos|posso|podemos|que\stal|fica(?!\sfechad)|marquei|agendei)\b"
)
_DENIES = re.compile(
    r"\b(?:nao|nem|nunca|jamais|exceto|menos|salvo|sem\sser|nenhum|indisponive(?:l|is)|(?:intervalo|pausa)\sd[ae]s"
    r"|(?<!nao )fech(?:(?:a|amos|ara)(?!\s(?:as?|so\sas)\s)|ad[oa]s?|ou|ando)"
    r"|ocupad[oa]s?|lotad[oa]s?|(?:ja|passou\sa)\sser\sde\soutra)\b"
)
_OPENS = re.compile(
    r"\b(?:re)?abr(?:e|em|imos|ir|ira|iremos)\b|\bvolt\w+|\bretorn\w+|\bretom\w+|\batend\w+|\bexpediente\b"
)
_HOURS = re.compile(
    r"\b(?:re)?abr(?:e|em|imos|ir)\b|\babert\w+|\bfech\w+|\batend\w+|\bfuncion\w+|\bexpediente\b|\balmoco\b|\bate\s(?:as|o)\b"
    r"|\bpartir\sd[ao]s?\b|\b(?:depois|antes)\sd[ao]s?\b|\bentre\b"
)


def sentences(text: str) -> list[str]:
    """Split a plain text at the ends of its sentences and lines."""
    return _SENTENCE.split(text)


def sentence_at(text: str, at: int) -> str:
    """Return the sentence that holds a position."""
    start = max((match.end() for match in _SENTENCE.finditer(text, 0, at)), default=0)
    following = _SENTENCE.search(text, at)
    return text[start : following.start() if following else len(text)]


def denied_at(text: str, at: int) -> bool:
    """Whether the clause that holds a position says that something is not so ("na terça não tenho horário")."""
    start = max((match.start() for match in _TURN.finditer(text, 0, at)), default=0)
    following = _TURN.search(text, at)
    return _DENIES.search(text[start : following.start() if following else len(text)]) is not None


def opens_at(text: str, at: int) -> bool:
    """Whether the sentence that holds a position says when the unit opens (and not when a visit is)."""
    return _OPENS.search(sentence_at(text, at)) is not None


def bounds_hours_at(text: str, at: int) -> bool:
    """Whether the sentence that holds a position speaks of the hours of a day."""
    return _HOURS.search(sentence_at(text, at)) is not None
