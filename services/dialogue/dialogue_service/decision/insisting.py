"""Recognising that somebody insists on an answer that nobody told us."""

import re
from collections.abc import Sequence

from dialogue_service.decision.lead import plain

IN_A_ROW = 3
"""So many questions in a row that nobody can answer are the unit's, whatever they are about."""
_PRESSES = re.compile(
    r"\b(?:preciso (?:saber|de uma resposta)|(?:ja )?perguntei|me (?:responde|responda|explica)|como assim"
    r"|(?:voce|voces|vc|vcs|ninguem) (?:nao )?(?:sabe|sabem|responde|respondem)"
    r"|nao (?:sabe|sabem) (?:nem )?(?:isso|dizer))\b"
)
_WORD = re.compile(r"[a-z]{3,}")
_SAYS_NOTHING = frozenset(
    _WORD.findall(
        """
        ainda algum alguma alguns aluna aluno alunos aqui assim aula aulas bem com como crianca criancas das
        dela dele dos ela ele eles entao era escola essa esse esta estao estou fica filha filho filhos for
        gostaria isso kumon mas mesmo meu minha muito nao nem onde para pela pelo pode podem por porque posso
        pra pro quais qual quando quanto quantos que quem quer queria quero saber sao sem ser sera seu sim sobre
        sua tambem tem tenho ter teria tudo uma umas unidade uns vai vao vcs voce voces
        """
    )
)
_SAME_BEGINNING = 6
"""Words that begin alike are one word: "transporte", "transportar"."""


def insists(question: str, unanswered: Sequence[str]) -> bool:
    """Whether a question that nobody can answer goes on about an earlier one, or is one too many.

    `unanswered` are those right before it, as they were asked.
    """
    if not unanswered:
        return False
    earlier = frozenset[str]().union(*map(subject_of, unanswered))
    return (
        presses(question, unanswered) or not earlier.isdisjoint(subject_of(question)) or len(unanswered) + 1 >= IN_A_ROW
    )


def presses(text: str, unanswered: Sequence[str]) -> bool:
    """Whether somebody presses for an answer to what was asked before, be it without a question mark."""
    return bool(unanswered) and _PRESSES.search(plain(text)) is not None


def subject_of(text: str) -> frozenset[str]:
    """Return the words that say what a question is about, by their beginnings."""
    return frozenset(word[:_SAME_BEGINNING] for word in _WORD.findall(plain(text)) if word not in _SAYS_NOTHING)
