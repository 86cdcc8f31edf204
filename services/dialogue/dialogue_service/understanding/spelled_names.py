"""Names that are corrected ("não, é Mariana"), or whose spelling is explained ("Ana com dois n")."""

import re

from dialogue_service.understanding.name_words import WORD, cased, fold, is_ours, read_name
from dialogue_service.understanding.page import Found, Page
from dialogue_service.understanding.word_lists import COMMON_WORDS, GIVEN_NAMES

_CORRECTED = re.compile(
    r"(?:^|[.!\n] ?)(?:(?:nao|ops|desculpa|perdao|errei"
    r"|na verdade),? )+(?:(?:[oa] )?(?:nome(?: del[ea])? )?(?:certo |correto )?(?:e|eh|se chama) )(?:[oa] )?"
    r"|\bnao e [a-z]+,? (?:e|mas|e sim) (?:[oa] )?|^\W*e (?:[oa] )?(?=[a-z]+,? nao [a-z]+\W*$)"
)
_CLOSE_DOUBLE = re.compile(r"^ com (?:dois|duas|2) ([a-z])\w*\b")
_WITH_LETTER = re.compile(r"^ com (th|ph|y|h|k|w|z|s|c|i)(?: no (?:lugar d[oe] [a-z]|final|fim|comeco|inicio|meio))?\b")


def find_corrected(page: Page) -> Found[str] | None:
    """Return the name of "não, é Mariana" or "é Mariana, não Maria"."""
    for match in _CORRECTED.finditer(page.text):
        name = read_name(page.source, match.end(), full=False)
        if name and not is_ours(name.value):
            return name
    return None


def find_spelled(page: Page) -> Found[str] | None:
    """Return a name with its spelling explained ("é Ana com dois n", "Thiago com h"), already spelled that way."""
    for word in WORD.finditer(page.text):
        if word.group() in COMMON_WORDS and word.group() not in GIVEN_NAMES:
            continue
        tail = page.text[word.end() : word.end() + 30]
        double, letter = _CLOSE_DOUBLE.match(tail), _WITH_LETTER.match(tail)
        written = cased(page.source.source(*word.span()), word.group())
        spelled = _double(written, double[1]) if double else _with_letter(written, letter[1]) if letter else None
        if spelled:
            return Found(spelled, word.start(), word.end() + (double or letter).end())  # type: ignore[union-attr]
    return None


def _double(name: str, letter: str) -> str | None:
    low = fold(name)
    if letter * 2 in low:
        return name
    if low.count(letter) != 1:
        return None
    at = low.index(letter)
    return name[: at + 1] + name[at].lower() + name[at + 1 :]


_SWAPS = {"y": "i", "k": "c", "w": "v", "z": "s", "s": "z", "c": "k", "i": "y", "th": "t", "ph": "f"}


def _with_letter(name: str, letter: str) -> str | None:
    low = fold(name)
    if letter in low and letter != "h":
        return name
    if letter == "h":
        variants = {low[:at] + "h" + low[at:] for at in range(len(low) + 1)} & GIVEN_NAMES
        if low in GIVEN_NAMES and "h" in low:
            return name
    else:
        old = _SWAPS[letter]
        places = [at for at in range(len(low)) if low[at] == old]
        variants = {low[:at] + letter + low[at + 1 :] for at in places} & GIVEN_NAMES
    if len(variants) != 1:
        return None
    (variant,) = variants
    return variant[:1].upper() + variant[1:]
