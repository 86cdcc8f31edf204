"""What words are a name: given names and surnames, and unknown words that are written like one."""

import re
import unicodedata
from itertools import pairwise, zip_longest

from dialogue_service.understanding.normaliser import Normalised
from dialogue_service.understanding.page import Found
from dialogue_service.understanding.word_lists import COMMON_WORDS, GIVEN_NAMES, SURNAMES

# The assistant and the school. Their name is a person's only where somebody says so in full ("me chamo Cecília").
OURS = frozenset({"cecilia", "kumon", "cumon"})
_PARTICLES = frozenset({"da", "de", "do", "das", "dos"})
# Common words that are also given names or surnames: a name when written like one.
_BOTH = (GIVEN_NAMES | SURNAMES) & COMMON_WORDS
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_JOINTS = (" ", "-")
"""What may stand between two words of a name ("Ana-Clara")."""
MOST_WORDS = 6
_AND = re.compile(r"^ ?(?:,|e|/|&|\+) ?(?:[oa] |(?:a |o )?outr[oa] (?:se )?chama |d[oa] |para [oa] )?")


def is_given(name: Found[str]) -> bool:
    """Whether it begins with a known given name."""
    return fold(name.value).split()[0] in GIVEN_NAMES


def is_ours(name: str) -> bool:
    """Whether it is the assistant's or the school's."""
    return fold(name) in OURS


def fold(name: str) -> str:
    """Lower case without accents, for comparing names."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).lower()


def _capital(source: Normalised, start: int, end: int) -> bool:
    """Written like a name: a capital, then lower case. Text all in capitals tells nothing."""
    written = source.source(start, end)
    return written[:1].isupper() and (len(written) == 1 or not written[1:].isupper())


def _accepts(source: Normalised, word: re.Match[str], *, full: bool, first: bool) -> bool:
    text, start, end = word.group(), word.start(), word.end()
    if text in OURS and not full:
        return False
    if text == "kumon" or (len(text) < 2):
        return False
    known = text in GIVEN_NAMES or (not first and text in SURNAMES)
    capital = _capital(source, start, end)
    if text in COMMON_WORDS:
        return text in _BOTH and capital and (not first or full)
    if first:
        return known or full or (capital and start > 0)
    return known or capital or (full and first)


def read_name(source: Normalised, start: int, *, full: bool, stop: int | None = None) -> Found[str] | None:
    """Return the name that starts exactly at `start`, or None. `full`: the words before leave no doubt."""
    words: list[re.Match[str]] = []
    particles: list[re.Match[str]] = []
    position = start
    limit = len(source.text) if stop is None else stop
    while len(words) < MOST_WORDS:
        word = WORD.match(source.text, position, limit)
        if word is None:
            break
        if words and word.group() in _PARTICLES:
            particles.append(word)
        elif _accepts(source, word, full=full, first=not words) and _ends_well(source.text, word.end()):
            words.extend([*particles, word])
            particles = []
        else:
            break
        if source.text[word.end() : word.end() + 1] not in _JOINTS:
            break
        position = word.end() + 1
    if not words:
        return None
    return Found(_written(source, words), words[0].start(), words[-1].end())


def _ends_well(text: str, end: int) -> bool:
    return not text[end : end + 1].isalnum() and text[end : end + 1] not in {"@", "_"}


def read_names(source: Normalised, start: int, *, full: bool) -> list[Found[str]]:
    """Return names from `start` on, joined by "e" or a comma."""
    names: list[Found[str]] = []
    first = read_name(source, start, full=full)
    while first is not None and len(names) < MOST_WORDS:
        names.append(first)
        joint = _AND.match(source.text[first.end :])
        first = read_name(source, first.end + joint.end(), full=False) if joint else None
    return names


def whole_names(source: Normalised, start: int, end: int, *, trust: bool) -> list[Found[str]]:
    """Names that together fill `text[start:end]`, joined by "e" or a comma; nothing when any word is no name."""
    names: list[Found[str]] = []
    position = start
    while position < end:
        name = _read_trusting(source, position, end) if trust else read_name(source, position, full=False, stop=end)
        if name is None and not trust:
            name = _read_sentence_start(source, position, end)
        if name is None:
            return []
        names.append(name)
        rest = source.text[name.end : end]
        joint = _AND.match(rest)
        if not rest.strip():
            break
        if joint is None:
            return []
        position = name.end + joint.end()
    return names


def _read_trusting(source: Normalised, start: int, end: int) -> Found[str] | None:
    words = list(WORD.finditer(source.text, start, end))
    taken: list[re.Match[str]] = []
    for word in words:
        if word.group() == "e" and taken:
            break
        plain = word.group() in COMMON_WORDS and not (
            word.group() in _BOTH and (_capital(source, *word.span()) or taken)
        )
        if word.group() in _PARTICLES and taken:
            taken.append(word)
            continue
        if plain or len(word.group()) < 2 or (taken and source.text[taken[-1].end() : word.start()] not in _JOINTS):
            break
        taken.append(word)
    while taken and taken[-1].group() in _PARTICLES:
        taken.pop()
    if not taken or taken[0].start() != start or len(taken) > MOST_WORDS:
        return None
    return Found(_written(source, taken), taken[0].start(), taken[-1].end())


def _read_sentence_start(source: Normalised, start: int, end: int) -> Found[str] | None:
    word = WORD.match(source.text, start, end)
    if word is None or word.group() not in GIVEN_NAMES | SURNAMES or word.group() in COMMON_WORDS:
        return None
    return read_name(source, start, full=True, stop=end)


def _written(source: Normalised, words: list[re.Match[str]]) -> str:
    written = [cased(source.source(word.start(), word.end()), word.group()) for word in words]
    joints = [source.text[word.end() : other.start()] for word, other in pairwise(words)]
    return "".join(map("".join, zip_longest(written, joints, fillvalue="")))


# What a keyboard offers for an apostrophe or an x ("Joana D´Arc").
_MARKS = str.maketrans("‘´`×", "'''x")


def cased(written: str, plain: str) -> str:
    """Write a word as a name: as it was written, if that tells anything."""
    if plain in _PARTICLES:
        return plain
    letters = "".join(c for c in written.translate(_MARKS) if c.isalpha() or c in "'’-")
    if len(letters) > 1 and not letters.islower() and not letters.isupper():
        return letters[0].upper() + letters[1:]
    return "'".join(part[:1].upper() + part[1:].lower() for part in letters.split("'"))
