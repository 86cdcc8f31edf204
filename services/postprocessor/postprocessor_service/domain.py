"""How a reply becomes WhatsApp messages, and how one of them is recognised again. Pure."""

import hashlib
import re

from contracts.ingress import Address

LONGEST = 3500
"""Characters of one bubble; WhatsApp folds longer ones behind "ler mais"."""
TYPING_S = (0.6, 2.0)
"""Shortest and longest time that a bubble takes to be typed, in seconds; between two of them it must stay under 2.5."""
SEEN_S = 0.3
"""How long somebody is seen typing, in seconds, who had time enough to type since they were written to."""
CHARACTERS_PER_S = 250.0

_BOLD_ITALIC = re.compile(r"(?<!\*)\*\*\*(?=\S)([^*\n]+)(?<=\S)\*\*\*(?!\*)")
_BOLD = re.compile(r"(?<!\*)\*\*(?=\S)([^*\n]+)(?<=\S)\*\*(?!\*)")
_BOLD_UNDERSCORES = re.compile(r"(?<![\w_])__(?=\S)([^_\n]+)(?<=\S)__(?![\w_])")
_STRIKE = re.compile(r"(?<!~)~~(?=\S)([^~\n]+)(?<=\S)~~(?!~)")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(\S[^\n]*?)[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]\n]+)\]\((https?://[^\s()]+)\)")
_SENTENCE_END = re.compile(r"[.!?…]['\")\]*_~]*(?=\s)|\n")


def bubbles(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is sent for a draft: WhatsApp's formatting, nothing longer than a bubble, nothing empty."""
    return tuple(part for text in texts for part in split(whatsapp(text)))


def whatsapp(text: str) -> str:
    """Write Markdown as WhatsApp's own formatting; whatever is not Markdown stays as it is."""
    text = _BOLD_ITALIC.sub(r"*_\1_*", text)
    text = _BOLD.sub(r"*\1*", text)
    text = _BOLD_UNDERSCORES.sub(r"*\1*", text)
    text = _STRIKE.sub(r"~\1~", text)
    text = _HEADING.sub(lambda found: found[1] if "*" in found[1] else f"*{found[1]}*", text)
    return _LINK.sub(lambda found: found[2] if found[1] == found[2] else f"{found[1]} ({found[2]})", text)


def split(text: str) -> list[str]:
    """Cut a text into bubbles: at the last end of a sentence that fits, else between words, else anywhere."""
    parts, rest = [], text.strip()
    while len(rest) > LONGEST:
        cut = _last_cut(rest)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _last_cut(text: str) -> int:
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, LONGEST + 1) if found.end() <= LONGEST]
    spaces = [found.start() for found in re.finditer(r"\s", text[: LONGEST + 1])]
    # A sentence that ends in the first half would leave a stump; then the words decide.
    return max((end for end in ends if end > LONGEST // 2), default=max(spaces, default=LONGEST) or LONGEST)


def typing_s(text: str, waited_s: float = 0) -> float:
    """How long a person would be seen typing this, in seconds, after they were waited for so long already."""
    shortest, longest = TYPING_S
    takes_s = min(longest, shortest + len(text) / CHARACTERS_PER_S)
    return max(SEEN_S, takes_s - max(waited_s, 0))


def fingerprint(text: str) -> str:
    """Return the same word for the same text, however the channel spaced it; says nothing about the text."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def recorded(template: str) -> str:
    """Return the text under which Evolution keeps a template that it sent: its name between two arrows."""
    return f"▶️{template}◀️"


def canonical(address: str) -> str:
    """Write a JID or a phone so that one person's spellings are one: no device, no Brazilian ninth digit.

    The channel answers with a JID that may differ from the number it was given in exactly that digit.
    """
    user, _, server = address.partition("@")
    user = user.split(":")[0].split("_")[0]
    if server in {"lid", "hosted.lid"}:
        return f"{user}@lid"
    digits = "".join(filter(str.isdigit, user))
    is_mobile = len(digits) == 13 and digits.startswith("55") and digits[4] == "9"
    return digits[:4] + digits[5:] if is_mobile else digits


def names_of(address: Address, phone: str | None = None) -> tuple[str, ...]:
    """List, sorted, every name under which the channel may speak of a person; `phone` is one known from elsewhere."""
    given = (address.jid, address.phone, address.lid, phone)
    return tuple(sorted({name for each in given if each and (name := canonical(each))}))
