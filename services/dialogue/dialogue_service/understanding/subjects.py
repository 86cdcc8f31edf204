"""The subjects that a turn wants for a student."""

import re

from dialogue_service.understanding.normaliser import normalise
from dialogue_service.understanding.page import Found, Page
from dialogue_service.understanding.values import SUBJECTS, Subject

_NAMES: dict[str, Subject] = {
    "mat": "matematica",
    "por": "portugues",
    "lin": "portugues",
    "ing": "ingles",
    "eng": "ingles",
}
_WORDS = (
    r"(?:matematic[ao]s?|math|portugues|lingua portuguesa|lingua inglesa|ingles|english"
    r"|(?<=matematica e )por|por(?= e matematica))"
)
_SUBJECT = re.compile(rf"\b{_WORDS}\b")
_LEARNED: tuple[tuple[Subject, re.Pattern[str]], ...] = (
    (
        "matematica",
        re.compile(r"\b(?:contas|calculos?|tabuada|numeros|aritmetica|algebra|fracoes|raciocinio|exatas)\b"),
    ),
    (
        "portugues",
        re.compile(r"\b(?:leitura|escrita|redacao|ler|escrever|alfabetiza\w+|gramatica|interpretacao(?: de texto)?)\b"),
    ),
)
"""What stands for a subject in answer to the question for it."""
_REFUSED_BEFORE = re.compile(
    r"(?:\bmenos|\b(?:mud|troc)\w+ (?:de|o|do) |\b(?:tir|retir|cancel)\w* (?:o |a )?|\bexceto|\btirando|\bfora"
    r"|\bsem(?: ser)?|\bnem|\bnao (?:e |quero |quer |precisa |vai fazer "
    r"|faz |seria )?(?:de |o |em |para )*"
    r"|\bja (?:faz|estuda|fez) |\bbo[am] em |\bvai bem em |\bgosta de |\bprofessor[a]? de |\baula de "
    r"|\b(?:speak|in) |\b(?:respond\w+|fal[ae]|escrev[ae]|traduz\w*|dig[ao])(?: \w+){0,2} (?:em|para o) "
    r"|\b(?:prova|licao|tarefa|trabalho|dever) de |\bespecial(?:ista)? em )\s*(?:o |a |de |em )?$"
)
_TAKES_BACK = re.compile(r"\b(?:tir|retir|cancel|desist)")
_TAKEN_BACK = re.compile(rf"\b(?:(?:tir|retir|cancel)\w*|desist\w+ d[eo]) (?:o |a |de |so )?(?P<subject>{_WORDS})\b")
_REFUSED_AFTER = re.compile(r"^ (?:nao|ja faz|ele nao|ela nao|vai bem|nao precisa)\b")
# "vocês têm inglês?" asks what there is; it does not choose.
_ASKS_WHAT_THERE_IS = re.compile(
    r"(?:^|[.,!?\n] ?|\b(?:voces|ai|kumon|unidade|tambem|se|e) )(?:so )?"
    r"(?:tem(?! (?:\w+ )?(?:dificuldade|problema|duvida|interesse|facilidade))|teem|teria|oferecem?|ensinam?|dao|da"
    r"|trabalham?|existe|sao|e so|rola)\b(?:(?!vaga)[^.!?\n]){0,40}$"
)
_PLAINLY_ASKS = re.compile(
    r"\b(?:voces|ai|se|se ai|la)(?: tambem)? (?:tem|teem|oferecem?|ensinam?|dao"
    r"|trabalham?(?: com)?)(?: (?:aulas?|cursos?|de|o|so))* $"
)
_EVERY = re.compile(
    r"\b(?:as (?:3|tres)(?: materias| disciplinas)?|todas(?: as (?:3|tres|materias|disciplinas))?|tudo|os (?:3|tres))\b"
)
_FIRST_TWO = re.compile(r"\b(?:as|os) (?:duas|dois|2) primeir[oa]s\b|\b(?:a|o) primeir[oa] e (?:a|o) segund[oa]\b")
_EVERY_NAMED = re.compile(
    r"\b(?:as (?:3|tres) (?:materias|disciplinas)|todas as (?:materias|disciplinas)|as tres juntas)\b"
)
_COUNT = re.compile(
    r"\b(?P<n>[123]|um|uma|dois|duas|tres|so uma|apenas uma) (?:unica )?(?:materias?|disciplinas?|cursos?)\b"
    r"|\bas (?P<both>duas|2|tres|3)\b(?= ?(?:$|[?!.,]|juntas|materias|disciplinas|ficam?|sa[oi]))"
)
_WORTH = {"1": 1, "um": 1, "uma": 1, "so uma": 1, "apenas uma": 1, "2": 2, "dois": 2, "duas": 2, "3": 3, "tres": 3}


def find_subjects(page: Page, asked: str | None) -> list[Found[Subject]]:
    """Return the subjects chosen, in order of mention; refused ones and those only asked about are left out."""
    text = page.text
    found = [Found(_NAMES[match.group()[:3]], *match.span()) for match in _SUBJECT.finditer(text)]
    if not found and asked == "subjects" and "?" not in text:
        found = [Found(subject, *hit.span()) for subject, words in _LEARNED if (hit := words.search(text))]
    if not found and asked == "subjects" and (some := _FIRST_TWO.search(text)):
        return [Found(subject, *some.span()) for subject in SUBJECTS[:2]]
    if not found:
        every = (_EVERY if asked == "subjects" else _EVERY_NAMED).search(text)
        wants_all = every and "?" not in text
        return [Found(subject, *every.span()) for subject in SUBJECTS] if every and wants_all else []
    return [hit for hit in found if not _refused(text, hit) and not _only_asked(text, hit)]


def subjects_taken_back(text: str) -> tuple[Subject, ...]:
    """Return the subjects that what a parent wrote takes back ("tira matemática")."""
    said = normalise(text).text if _TAKES_BACK.search(text.lower()) else ""
    return tuple(_NAMES[match["subject"][:3]] for match in _TAKEN_BACK.finditer(said))


def _refused(text: str, hit: Found[Subject]) -> bool:
    before, after = text[max(0, hit.start - 40) : hit.start], text[hit.end : hit.end + 20]
    return bool(_REFUSED_BEFORE.search(before) or _REFUSED_AFTER.search(after))


def _only_asked(text: str, hit: Found[Subject]) -> bool:
    begin = max(text.rfind(mark, 0, hit.start) for mark in ".!?\n") + 1
    stop = text.find("?", hit.end)
    if _PLAINLY_ASKS.search(text[begin : hit.start]):
        return True
    return (
        stop >= 0
        and bool(_ASKS_WHAT_THERE_IS.search(text[begin : hit.start]))
        and not re.search(r"[.!\n]", text[hit.end : stop])
    )


def count_subjects(text: str) -> int | None:
    """How many subjects a price question speaks of when it names none ("quanto ficam 2 matérias?")."""
    match = _COUNT.search(text)
    return _WORTH[match["n"] or match["both"]] if match else None
