"""How a family asks, brought nearer to how the knowledge's examples are written."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from math import log

from rules_service.claims.plain import words_of
from rules_service.facts import Piece

_SHORT = {
    "vc": "você",
    "vcs": "vocês",
    "q": "que",
    "qto": "quanto",
    "qnto": "quanto",
    "qdo": "quando",
    "qnd": "quando",
    "tb": "também",
    "tbm": "também",
    "pq": "por que",
    "msm": "mesmo",
    "hj": "hoje",
    "n": "não",
    "ñ": "não",
    "p": "para",
    "c": "com",
    "mt": "muito",
    "mto": "muito",
    "obg": "obrigado",
}
_POLITE = re.compile(
    r"^\W*(?:(?:oie?|olá|ola|opa|bom\sdia|boa\starde|boa\snoite|tudo\sbem|por\sfavor)\b[\s,.!?…-]*)+"
    r"|\b(?:eu\s)?(?:gostaria|queria|quero|preciso|posso)\s(?:de\s)?(?:saber|perguntar|tirar\suma\sdúvida)\b(?:\sse\b)?\W*"
    r"|\b(?:me\sdiz|me\sinforma|sabe\sme\sdizer|pode\sme\s(?:dizer|informar))\b(?:\suma\scoisa|\sse\b)?\W*"
    r"|\b(?:por\sfavor|pfv|pf|por\sgentileza|obrigad[oa])\b\W*"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
# Words that say nothing about the subject of a question: lower case, no accents.
_COMMON = frozenset(
    words_of(
        """
    agora aguma ainda algum alguma alguns algumas ali aos aqui assim ate bem boa bom cada coisa coisas com como dai
    dao dar das dele dela delas deles depois desde dessa desse deu devo dia dizer dois duas duvida duvidas ela elas
    ele eles entao entre era essa essas esse esses esta estao estar este estou eu fala falar favor faz fazem fazer
    ficam ficar fica filha filhas filho filhos foi for gente gostaria hoje informacao informacoes iria isso isto
    kumon mais mas menina menino menos mesma mesmo meu meus minha minhas muita muito nada nao nas nem nenhum nenhuma
    nessa nesse nos nossa nosso noite obrigada obrigado ola onde oie ontem outra outras outro outros para pela pelas
    pelo pelos pode podem poder podia por porque posso pouco pra pras precisa precisam preciso pro pros pouca qual
    quais qualquer quando quanta quantas quanto quantos que quem quer queria quero saber sabe sao sei sem ser seria
    sera seu seus sim sobre sua suas tal talvez tambem tarde tem tenho temos ter teria tinha tipo toda todas todo
    todos tudo uma umas uns unidade vai vao vem ver voce voces vou crianca criancas aluno aluna alunos explica
    explicar aula aulas
    """
    )
)


def asked(text: str) -> str:
    """Return a question in lower case, without greeting and courtesy, short forms written out."""
    words = re.sub(r"[^\W\d_]+", lambda match: _SHORT.get(match[0], match[0]), text.lower())
    bare = _POLITE.sub(" ", " ".join(words.split())).strip(" ,.!")
    return bare or words.strip()


def unaccented(text: str) -> str:
    """`você` → `voce`: as many write."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


class Vocabulary:
    """The words of the knowledge: which there are, and which pieces ask about them."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._asked = {piece.id: _stems(*piece.questions, piece.title) for piece in pieces}
        self._all = frozenset[str]().union(*self._asked.values(), *(_stems(piece.text) for piece in pieces))
        counts = Counter(stem for stems in self._asked.values() for stem in stems)
        self._rarity = {stem: log(len(self._asked) / count) for stem, count in counts.items()}
        self._unheard_of = log(max(len(self._asked), 1))

    def lacks(self, question: str) -> bool:
        """Whether a question is also about something that the knowledge never mentions ("tem *piscina*?")."""
        return not self._all.issuperset(_stems(question))

    def shared(self, question: str, piece: str) -> float:
        """How much of a question's words a piece's examples share, 0–1; rare words count more."""
        stems = _stems(question)
        whole = sum(map(self._weight, stems))
        return sum(self._weight(stem) for stem in stems & self._asked[piece]) / whole if whole else 0.0

    def _weight(self, stem: str) -> float:
        return self._rarity.get(stem, self._unheard_of)


def _stems(*texts: str) -> frozenset[str]:
    words = (word for text in texts for word in _WORD.findall(unaccented(text.lower())))
    return frozenset(word[:5] if len(word) > 5 else word.rstrip("s") for word in words if word not in _COMMON)
