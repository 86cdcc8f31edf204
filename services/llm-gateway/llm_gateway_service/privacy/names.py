"""The forms in which a name turns up in hurried Portuguese: bare, bent, small, big, misspelt, nicknamed."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f\u200b-\u200d\u2060\ufeff]*)+")
"""Letters, with what is written over and between them."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT_NAMES = _words(
    """a ao as com da das de del di do dos du e el em eu ja la me na nao ne no o oi os ou por pra se so te tu um van von
    y amor aluna aluno avo casa dona dr dra deus escola familia filha filho irma irmao kumon mae maes mamae meu minha
    neta neto pai papai prof professor professora senhor senhora seu sr sra tia tio vo"""
)
"""Words that stand in names and profiles and say nothing of who it is."""

_ALSO_WORDS = _words(
    """alegria amora aurora batista bela bento branca caio campos carneiro carvalho celeste ceu chaves clara coelho
    cordeiro costa cruz dias domingos esperanca estrela fe flor fonte fontes franco gloria guerra iris jade jasmim
    leal leao leite lia lima linda lobo lua luz machado mar margarida mel morais natal neves oliveira paixao pascoa
    paz pereira perola pilar pinto prado ramos reis ribeiro rocha rosa santos sara segundo serra sol terra valentim
    vera vida violeta vitoria"""
)
"""Names that are ordinary words too: only the very word is hidden, since its inflections are other words."""

_NICKNAMES = {
    "adriana": "adri drica",
    "alexandre": "alex xande",
    "ana": "nana aninha",
    "antonio": "tonho toninho tonico",
    "augusto": "guto",
    "beatriz": "bia",
    "bruno": "bruninho",
    "camila": "mila cami",
    "carlos": "carlinhos cadu",
    "carolina": "carol",
    "caroline": "carol",
    "catarina": "cate",
    "cecilia": "ceci",
    "cristina": "cris tina",
    "daniel": "dani",
    "daniela": "dani",
    "eduarda": "duda",
    "eduardo": "dudu edu duda",
    "fabio": "binho",
    "felipe": "lipe fefe",
    "fernanda": "nanda fer fefe",
    "fernando": "nando fer",
    "francisco": "chico kiko",
    "gabriel": "gabi biel gabs",
    "gabriela": "gabi bibi",
    "giovanna": "gigi gio",
    "guilherme": "gui guiga",
    "gustavo": "guga guto",
    "helena": "lena leninha",
    "henrique": "rique kike",
    "isabel": "isa bel bebel belinha",
    "isabela": "isa bela belinha",
    "isabella": "isa bela belinha",
    "joao": "jao joca",
    "joaquim": "quim quinzinho",
    "jose": "ze zeca zezinho",
    "juliana": "juju juli",
    "julia": "juju",
    "larissa": "lari",
    "leonardo": "leo",
    "leticia": "leti leca",
    "lorenzo": "enzo",
    "luciana": "luci",
    "luiz": "lulu",
    "luisa": "lulu isa",
    "manuela": "manu",
    "marcelo": "celo",
    "maria": "mari mariazinha",
    "mariana": "mari nana",
    "matheus": "teteu theus",
    "miguel": "migui guel",
    "nathalia": "nat nati",
    "patricia": "pati paty ticia",
    "pedro": "pepe",
    "rafael": "rafa",
    "rafaela": "rafa",
    "renata": "natinha",
    "ricardo": "rick",
    "roberto": "beto",
    "samuel": "samu samuca",
    "sofia": "sofi",
    "sophia": "sofi",
    "tatiana": "tati",
    "thiago": "titi",
    "valentina": "tina",
    "vinicius": "vini",
    "vitor": "vitinho",
}
_SUFFIXES = tuple(
    ending + plural
    for ending in ("inho", "inha", "sinho", "sinha", "ito", "ita", "sito", "sita", "ao", "sao", "ona", "sona")
    for plural in ("", "s")
)


@lru_cache(maxsize=8192)
def plain(word: str) -> str:
    """Return a word in small letters, without accents or anything invisible."""
    marked = unicodedata.normalize("NFKD", word.casefold())
    return "".join(each for each in marked if each.isalpha())


@lru_cache(maxsize=8192)
def folded(word: str) -> str:
    """Return a plain word as it sounds: Thiago is Tiago, Sophia Sofia, Luiz Luis, Anna Ana, Marquinhos Marcinhos."""
    for written, heard in (("ph", "f"), ("th", "t"), ("y", "i"), ("w", "v"), ("ck", "c"), ("k", "c"), ("z", "s")):
        word = word.replace(written, heard)
    word = re.sub(r"([qg])u(?=[ei])", lambda found: "c" if found[1] == "q" else "g", word)
    return re.sub(r"(.)\1+", r"\1", word).removeprefix("h")


@lru_cache(maxsize=64)
def _words_of(text: str) -> frozenset[str]:
    """Return the plain words of a text; remembered, since prompts begin with the same instructions."""
    return frozenset(plain(word) for word in WORD.findall(text))


@dataclass(frozen=True)
class Mention:
    """Where a text names somebody, and the name in its right spelling."""

    start: int
    end: int
    name: str


class Names:
    """Finds some people's names in texts."""

    def __init__(self, names: Sequence[str]) -> None:
        self._spellings: dict[str, str] = {}
        self._forms: set[str] = set()
        self._followers: set[tuple[str, ...]] = set()
        for name in names:
            self._followers |= set(_followers(name))
            parts = [word for word in WORD.findall(name) if _tells(plain(word))]
            for part in parts:
                self._spellings.setdefault(plain(part), part)
                self._forms |= set(_forms(plain(part)))
            joined = [plain(part) for part in parts]
            if len(joined) > 1:
                self._forms |= {folded("".join(joined)), folded(joined[0] + joined[-1])}

    def mentions(self, text: str) -> Iterator[Mention]:
        """Yield every mention, in order; a first name and the surnames after it are one."""
        run: list[re.Match[str]] = []
        named = {word for word in _words_of(text) if self._is_named(word)}
        for word in WORD.finditer(text) if named else ():
            if plain(word[0]) not in named:
                continue
            if run and (*text[run[-1].end() : word.start()].lower().split(" "), plain(word[0])) not in self._followers:
                yield self._mention(text, run)
                run = []
            run.append(word)
        if run:
            yield self._mention(text, run)

    def _is_named(self, word: str) -> bool:
        return word in self._spellings or (word not in _ALSO_WORDS and folded(word) in self._forms)

    def _mention(self, text: str, run: list[re.Match[str]]) -> Mention:
        start, end = run[0].start(), run[-1].end()
        name = WORD.sub(self._spelt, text[start:end])
        return Mention(start, end, name)

    def _spelt(self, word: re.Match[str]) -> str:
        """Give a word that was written in haste, all small or all large, the spelling that is known."""
        is_hasty = word[0].islower() or (word[0].isupper() and len(word[0]) > 1)
        return self._spellings.get(plain(word[0]), word[0]) if is_hasty else word[0]


def _tells(part: str) -> bool:
    return len(part) > 1 and part not in _NOT_NAMES


def _followers(name: str) -> Iterator[tuple[str, ...]]:
    """Yield what may stand after a first name: the other names, with the particles before them, as split by spaces."""
    particles: list[str] = []
    for word in WORD.findall(name)[1:]:
        if _tells(plain(word)):
            yield ("", *particles, "", plain(word)) if particles else ("", "", plain(word))
            yield ("", "", plain(word))
            particles = []
        else:
            particles.append(plain(word))


def _forms(part: str) -> Iterator[str]:
    if part in _ALSO_WORDS:
        return  # its own spelling is enough
    for name in (part, *_NICKNAMES.get(part, "").split()):
        heard = folded(name)
        yield from (heard, heard + "s", heard + "es")
        if len(heard) > 2:
            stems = {heard, re.sub(r"[aeo]s?$|s$", "", heard)}
            yield from (stem + suffix for stem in stems if len(stem) > 1 for suffix in _SUFFIXES)
