"""Whether a text that a model worded says only what its source says: the text that would be sent in its place.

Prices, hours and contacts are held against the facts elsewhere; this is for everything else that could be made up: a
swimming pool, a name, a yes where the source says no. A model may choose, shorten and join what stands in the source.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rules_service.claims.plain import plain, words_of

TOGETHER = 2 / 3
"""Share of a clause's words that must stand together in one clause of the source."""

_CLAUSE = re.compile(r"[.!?;:,()\n]+(?=\s|$)|\s[–—-]\s|\n|\b(?:mas|porem)\b|\be\s(?=n(?:ao|em)\b)")
_WORD = re.compile(r"[a-z]+|\d+")
_DENIES = re.compile(r"\b(?:nao|nem|nunca|jamais|sem|nenhum|nenhuma|ninguem|nada)\b")
# Say nothing by themselves: articles, pronouns, prepositions, conjunctions, courtesy; verbs that need another word.
_EMPTY = frozenset(
    words_of(
        """
    a as o os um uma uns umas e ou mas que se como quando onde por para pra pro pelo pela pelos pelas com de da do das
    dos em no na nos nas num numa ao aos ate entre sobre desde tambem ja ainda so mais muito bem la ca ai aqui entao
    assim tudo isso isto esse essa esses essas este esta estes estas aquele aquela ele ela eles elas dele dela deles
    delas voce voces seu sua seus suas lhe lhes nosso nossa nossos nossas nos gente eu me mim te meu minha mesmo mesma
    cada qualquer outro outra outros outras quem qual quais cujo e sao era ser sera seja esta estao estar fica ficam
    tem temos ter pode podem poder podemos vai vao vamos ir vir vem venha venham faz fazem fazer ha por
    favor oi ola claro obrigada tranquilo fique vontade caso alem porque pois enquanto assim conforme atraves portanto
    """
    )
)


@dataclass(frozen=True)
class _Clause:
    """What a plain clause says: the stems of its words, its numbers, and the first word by which it denies."""

    words: frozenset[str]
    numbers: frozenset[str]
    denial: str | None

    @classmethod
    def of(cls, text: str) -> "_Clause":
        found, denial = _WORD.findall(text), _DENIES.search(text)
        return cls(
            words=frozenset(_stem(word) for word in found if not word.isdigit() and word not in _EMPTY),
            numbers=frozenset(word for word in found if word.isdigit()),
            denial=denial[0] if denial else None,
        )


def is_grounded(text: str, source: str, names: Iterable[str] = ()) -> bool:
    """Whether every clause of a text is borne out by its source; `names` may be used wherever they stand.

    A clause is, when all its words and numbers stand in the source, most of the words in one clause of it, and when it
    denies as that clause does, or neither denies.
    """
    said = [_Clause.of(part) for part in _CLAUSE.split(plain(source))]
    numbers = frozenset[str]().union(*(each.numbers for each in said))
    free = frozenset(map(_stem, names))
    told = (_Clause.of(part) for part in _CLAUSE.split(plain(text)))
    return all(each.numbers <= numbers and _is_borne_out(each, said, free) for each in told)


def _is_borne_out(told: _Clause, source: Sequence[_Clause], free: frozenset[str]) -> bool:
    shared = {clause: len(told.words & clause.words) for clause in source}
    most = max(shared.values(), default=0)
    if most == 0:
        return told.words <= free and told.denial is None  # names and courtesy
    if not told.words <= free.union(*(clause.words for clause in source)):
        return False
    nearest = [clause for clause, count in shared.items() if count == most]
    counted = len(told.words - (free - nearest[0].words))
    return most >= TOGETHER * counted and all(clause.denial == told.denial for clause in nearest)


def _stem(word: str) -> str:
    """Cut off what changes with number and gender: `gratuita`, `gratuitos` to `gratu`."""
    return word[:5] if len(word) > 5 else word.rstrip("s")
