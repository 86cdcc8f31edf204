"""Brings a text to the one form in which claims are looked for."""

import re
import unicodedata
from functools import lru_cache

remembered = lru_cache(maxsize=256)
"""For what looks for something in a text: most replies are made of the same few texts, and each is looked at again
and again for what must be blanked before something else is looked for."""

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u20e3\u2060-\u2064\ufe0e\ufe0f\ufeff]")
_EMPHASIS = re.compile(r"[*~]|(?<![\w@.])_|_(?![\w@.])")
_SPACES = re.compile(r"[^\S\n]+")


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text: a list of words that reads like one."""
    return tuple(text.split())


_UNITS = {
    word: value
    for value, word in enumerate(
        words_of(
            "zero um dois tres quatro cinco seis sete oito nove dez "
            "onze doze treze quatorze quinze dezesseis dezessete dezoito dezenove"
        )
    )
}
_FORMS = {"uma": 1, "duas": 2, "catorze": 14, "cem": 100, "duzentas": 200, "trezentas": 300}
_TENS = dict(
    zip(words_of("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"), range(20, 100, 10), strict=True)
)
_HUNDREDS = dict(
    zip(
        words_of("cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"),
        range(100, 1000, 100),
        strict=True,
    )
)
_VALUES = {**_UNITS, **_FORMS, **_TENS, **_HUNDREDS, "mil": 1000}
_ALONE = frozenset({"um", "uma", "zero"})
"""Words that are a number only beside others: "uma visita" is no claim, "vinte e uma visitas" is."""

_WORD = "|".join(sorted(_VALUES, key=len, reverse=True))
_NUMERAL = re.compile(rf"\b(?:{_WORD})(?:(?:\s+e)?\s+(?:{_WORD}))*\b")
_ONE = re.compile(
    r"\buma?(?=\s(?:hora\b|da\s(?:manha|tarde)\b|e\smeia\sda|real\b|reais\b|materia\b|disciplina\b|vez\b|ida\b))"
)
_FIRST = re.compile(r"\b(?:primeiro)(?=\sde\s(?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|"
                    r"novembro|dezembro)\b)")  # fmt: skip


def cleaned(text: str) -> str:
    """Return the text without invisible characters and emphasis marks, compatibility forms resolved, case kept."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", _EMPHASIS.sub("", text))


@remembered
def plain(text: str) -> str:
    """Return a cleaned text in lower case, without accents, numbers in words as digits."""
    return _digits(unaccented(cleaned(text)))


def unaccented(text: str) -> str:
    """`Às três da manhã` → `as tres da manha`."""
    return "".join(map(_base, text.lower()))


@lru_cache(maxsize=1024)
def _base(char: str) -> str:
    return char if char.isascii() else unicodedata.normalize("NFD", char)[0]


def _digits(text: str) -> str:
    text = _ONE.sub("1", _FIRST.sub("1", text))
    return _NUMERAL.sub(lambda match: _in_digits(match[0]), text)


def _in_digits(words: str) -> str:
    """`mil duzentos e vinte e cinco` → `1225`; `dois e tres` → `2 e 3`."""
    tokens = words.split()
    out: list[str] = []
    start = 0
    while start < len(tokens):
        value, end = _one_number(tokens, start)
        lone = end - start == 1 and tokens[start] in _ALONE
        out += [tokens[start]] if lone or value is None else [str(value)]
        start = end
    return " ".join(out)


def _one_number(tokens: list[str], start: int) -> tuple[int | None, int]:
    """Read the longest number from `start`: its value (None for a lone `e`) and where it ends."""
    if tokens[start] == "e":
        return None, start + 1
    total, group, room, at = 0, 0, 1000, start
    end = start
    while at < len(tokens):
        word = tokens[at]
        if word == "e":
            at += 1
            continue
        value = _VALUES[word]
        if word == "mil" and total == 0:
            total, group, room = max(group, 1) * 1000, 0, 1000
        elif value < room and value != 1000:
            # After hundreds come tens, after tens units below ten: anything else starts another number.
            group, room = group + value, 100 if value >= 100 else 10 if value >= 20 else 0
        else:
            break
        at += 1
        end = at
    return total + group, end
