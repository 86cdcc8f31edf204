"""Questions that nothing answered, put together when they ask the same."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.frontdesk import TaughtAnswer

_SAY_NOTHING = """
oi ola bom boa dia tarde noite tudo bem voces voce vcs vc tem tm ter ha existe fazem faz fica ficam pode podem posso
queria quero gostaria saber sobre por favor pfv alguma algum umas uns uma um para pra pras pro com que qual quais como
quanto quando onde ai aqui no na nos nas do da dos das de em os as ou isso esse essa este esta meu minha meus minhas
filho filha filhos seu sua kumon unidade ser sao eu ele ela me mas nao sim se obrigado obrigada
"""
SAY_NOTHING = frozenset(_SAY_NOTHING.split())


@dataclass(frozen=True)
class Asked:
    """One question of one family."""

    id: UUID
    conversation: str
    question: str
    asked_at: datetime


@dataclass(frozen=True)
class Gap:
    """Questions that ask the same, oldest first, and the answer that was taught for them, if one holds."""

    asked: tuple[Asked, ...]
    answer: TaughtAnswer | None

    @property
    def id(self) -> UUID:
        """The id of the first one."""
        return self.asked[0].id

    @property
    def question(self) -> str:
        """The shortest wording."""
        return min((each.question for each in self.asked), key=len)

    @property
    def people(self) -> int:
        """How many families asked."""
        return len({each.conversation for each in self.asked})


def gist(question: str) -> frozenset[str]:
    """Return what a question is about: its words without accents, endings and what says nothing."""
    bare = "".join(c for c in unicodedata.normalize("NFD", question.lower()) if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", bare)
    return frozenset(word[:6].rstrip("s") for word in words if word not in SAY_NOTHING) or frozenset(words)


def grouped(asked: Iterable[Asked], answers: Iterable[TaughtAnswer]) -> list[Gap]:
    """Put questions together; those without an answer first, then the most asked."""
    groups: dict[frozenset[str], list[Asked]] = {}
    for each in asked:
        groups.setdefault(gist(each.question), []).append(each)
    taught = {gist(answer.question): answer for answer in answers}
    taught_for = {answer.id: answer for answer in taught.values()}
    gaps = [
        Gap(
            tuple(those),
            taught.get(about) or next((taught_for[each.id] for each in those if each.id in taught_for), None),
        )
        for about, those in groups.items()
    ]
    return sorted(gaps, key=lambda gap: (gap.answer is not None, -gap.people, -gap.asked[-1].asked_at.timestamp()))
