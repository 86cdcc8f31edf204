"""WhatsApp Portuguese to plain Portuguese, without losing where each letter stood.

The normalised text is lower case ASCII without accents (emojis stay), abbreviations written out, letters repeated for
emphasis collapsed, invisible characters dropped. Every character of it knows its place in the original text.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from dialogue_service.understanding.spelling import CORRECTED, KEPT, SHORT_FORMS
from dialogue_service.understanding.word_lists import COMMON_WORDS, GIVEN_NAMES, SURNAMES

# A reading looks at this much of a turn: five long WhatsApp messages. The rest is kept as text but not read.
READ_LIMIT = 4000

_PLAIN = {
    "’": "'",
    "‘": "'",
    "´": "'",
    "`": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "‑": "-",
    "−": "-",
    "°": "o",
    "\n": "\n",
    "\r": "\n",
    "\t": " ",
    "\u2028": "\n",
    "\u2029": "\n",
    "×": "x",
    "⁄": "/",
}
_WORD = re.compile(r"[a-z0-9'ñ]+")
_DOUBLED = re.compile(r"([aiu])\1|(?<=[a-z]{3})([oe])\2$|(?<=[a-z]{2})([mnz])\3$")
_QUOTED_LINE = re.compile(r"(?m)^[ ]*>[^\n]*")


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` with, for each of its characters, the half-open range of the original that it came from."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of the original text under `text[start:end]`."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else len(self.original)
            return at, at
        return self.starts[start], max(self.ends[start:end])

    def source(self, start: int, end: int) -> str:
        """Return what the parent really wrote under `text[start:end]`."""
        first, last = self.span(start, end)
        return self.original[first:last]


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    if char in _PLAIN:
        return _PLAIN[char]
    if char.isspace():
        return " "
    category = unicodedata.category(char)
    # Controls, direction marks, joiners, combining accents, variation selectors and skin tones carry no words.
    if category in {"Cc", "Cf", "Cs", "Mn", "Me"} or "\U0001f3fb" <= char <= "\U0001f3ff":
        return ""
    folded = unicodedata.normalize("NFKD", char)
    plain = "".join(part for part in folded if unicodedata.category(part)[0] != "M").lower()
    plain = "".join(_PLAIN.get(part, part) for part in plain)
    # A sign stands alone, and so does what Unicode did not know yet when Python was built: mostly an emoji.
    return plain if category[0] in "LNPZ" or len(plain) != 1 or ord(plain) < 128 else f" {plain} "


_Letters = list[tuple[str, int, int]]


def _letters(text: str) -> _Letters:
    letters: _Letters = []
    for index, char in enumerate(text):
        for part in _fold(char):
            if part == " " and letters and letters[-1][0] in " \n":
                continue
            if part == "\n" and letters and letters[-1][0] == " ":
                letters.pop()
            letters.append((part, index, index + 1))
    return letters


def _collapse(letters: _Letters) -> _Letters:
    """Take three or more of one letter for emphasis: one stays, two of r or s inside a word; signs shrink too."""
    kept: _Letters = []
    index = 0
    while index < len(letters):
        char = letters[index][0]
        stop = index
        while stop < len(letters) and letters[stop][0] == char:
            stop += 1
        run = stop - index
        keep = run
        if run > 2 and char.isalpha():
            inside = index > 0 and stop < len(letters) and letters[stop][0].isalpha()
            keep = 2 if char in "rs" and inside else 1
        elif run > 3 and not char.isdigit():
            keep = 3
        kept.extend(letters[index : index + keep - 1])
        kept.append((char, letters[index + keep - 1][1], letters[stop - 1][2]))
        index = stop
    return kept


def _deletes(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def _neighbours() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for word in sorted(CORRECTED):
        for key in {word, *_deletes(word)}:
            table.setdefault(key, []).append(word)
    return table


_NEIGHBOURS = _neighbours()
# Words that are what they are, however near to another.
_REAL = KEPT | GIVEN_NAMES | SURNAMES | COMMON_WORDS


def _one_edit_apart(one: str, other: str) -> bool:
    """One letter changed, missing, added, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return shorter in _deletes(longer)
    wrong = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1 and one[wrong[0]] == other[wrong[1]]
    return len(wrong) == 1 or (swapped and one[wrong[1]] == other[wrong[0]])


@lru_cache(maxsize=8192)
def _spell(word: str) -> str:
    """Return the full form of one written word; the word itself when there is nothing to say."""
    if word in SHORT_FORMS:
        return SHORT_FORMS[word]
    plain = word if word in _REAL else _DOUBLED.sub(r"\1\2\3", word)
    if plain in SHORT_FORMS:
        return SHORT_FORMS[plain]
    if len(plain) < 5 or len(plain) > 16 or plain in CORRECTED or plain in _REAL or not plain.isalpha():
        return plain
    as_written = _corrected(word)  # "portuues" lost the letter between two that only look doubled
    return as_written or _corrected(plain) or plain


def _corrected(word: str) -> str | None:
    """Return the one word of ours that is an edit away."""
    near = {found for key in (word, *_deletes(word)) for found in _NEIGHBOURS.get(key, ())}
    near = {found for found in near if found[0] == word[0] or word == found[1:]}
    fixed = [found for found in near if _one_edit_apart(word, found)]
    return fixed[0] if len(fixed) == 1 else None


def _respell(letters: _Letters) -> _Letters:
    text = "".join(char for char, _, _ in letters)
    spelled: _Letters = []
    position = 0
    for match in _WORD.finditer(text):
        word, start, stop = match.group(), match.start(), match.end()
        # Parts of addresses of the web are not words.
        joined = (start > 0 and text[start - 1] in "@._/") or (stop < len(text) - 1 and text[stop] in "@_/")
        full = word if joined and word not in {"p", "c"} else _spell(word)
        if full == word:
            continue
        spelled.extend(letters[position:start])
        first, last = letters[start][1], max(end for _, _, end in letters[start:stop])
        spelled.extend((char, first, last) for char in full)
        position = stop
        if word in {"p", "c"} and letters[stop : stop + 1] and letters[stop][0] == "/":
            spelled.append((" ", letters[stop][1], letters[stop][2]))
            position += 1
    spelled.extend(letters[position:])
    return spelled


@lru_cache(maxsize=64)  # whoever reads a turn normalises it, and a turn is read several times
def normalise(text: str) -> Normalised:
    """Read at most `READ_LIMIT` characters; lines that quote another message (`> …`) become empty."""
    head = _QUOTED_LINE.sub(lambda quote: "\n" * len(quote.group()), text[:READ_LIMIT])
    letters = _respell(_collapse(_letters(head)))
    return Normalised(
        original=text,
        text="".join(char for char, _, _ in letters),
        starts=tuple(start for _, start, _ in letters),
        ends=tuple(end for _, _, end in letters),
    )
