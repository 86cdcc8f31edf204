"""Cleaning what people write: one form of every letter, nothing invisible, no wild whitespace.

Invisible characters are how text is made to look like other text, and how instructions are smuggled past a reader.
Source: Unicode 14, UAX #15 (normal forms), UTS #51 (a joiner between two pictures makes one emoji).
"""

import re
import unicodedata
from itertools import pairwise

MAX_CHARS = 4000
"""What a message may hold, in characters; WhatsApp itself allows 65,536."""

_JOINER = "\u200d"
_SELECTORS = {"\ufe0e", "\ufe0f"}  # text or picture, behind the character that they are about
# Not in the categories for control and format characters, and invisible all the same.
_BLANKS = {
    *"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0",
    *map(chr, range(0xFE00, 0xFE0E)),
    *map(chr, range(0xE0100, 0xE01F0)),
}
_LINE_ENDS = {"\n", "\v", "\f", "\x85", "\u2028", "\u2029"}
_DROPPED = {"Cc", "Cf", "Cs", "Co"}


def clean(text: str) -> str:
    """Return the text in NFC, without invisible characters, with single spaces and at most two line ends in a row."""
    visible = "".join(_visible(unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))))
    composed = unicodedata.normalize("NFC", visible)
    spaced = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", composed))
    return re.sub(r"\n{3,}", "\n\n", spaced).strip(" \n")


def cut(text: str) -> tuple[str, bool]:
    """Return at most `MAX_CHARS` characters of a clean text, and whether something was cut off."""
    return (text, False) if len(text) <= MAX_CHARS else (text[:MAX_CHARS].rstrip(f" \n{_JOINER}"), True)


def one_line(text: str | None, most: int) -> str | None:
    """Return a short name on one line, `None` when nothing is left of it."""
    return clean(text or "").replace("\n", " ")[:most].rstrip(f" {_JOINER}") or None


def _visible(text: str) -> list[str]:
    kept: list[str] = []
    for char, following in pairwise(f"{text}\n"):
        if char in _LINE_ENDS:
            kept.append("\n")
        elif char == "\t" or unicodedata.category(char) == "Zs":
            kept.append(" ")
        elif char == _JOINER:
            if kept and (kept[-1] == "\ufe0f" or _is_picture(kept[-1])) and _is_picture(following):
                kept.append(char)
        elif char in _SELECTORS:
            if kept and not kept[-1].isspace() and kept[-1] not in {*_SELECTORS, _JOINER}:
                kept.append(char)
        elif unicodedata.category(char) not in _DROPPED and char not in _BLANKS:
            kept.append(char)
    return kept


def _is_picture(char: str) -> bool:
    """Whether a character can be joined to another as an emoji."""
    is_symbol = "\U0001f000" <= char <= "\U0001faff" or unicodedata.category(char) == "So"
    return is_symbol and char not in _BLANKS
