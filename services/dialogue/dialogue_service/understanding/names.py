"""Names of the responsible and of students, told apart by the words around them."""

import re
from collections.abc import Iterator

from dialogue_service.understanding.name_words import (
    WORD,
    is_given,
    is_ours,
    read_name,
    read_names,
    whole_names,
)
from dialogue_service.understanding.page import Found, Page

_RELATIVE = (
    r"(?:filh[oa]s?|bebe|menin[oa]s?|garot[oa]s?|net[oa]s?|sobrinh[oa]s?|entead[oa]s?|afilhad[oa]s?|irma[o]?s?"
    r"|criancas?|pequen[oa]s?|alun[oa]s?|prim[oa]s?|espos[oa]|marido|cacula|gemeos|gemeas)"
)
_KIND = r"(?: (?:mais (?:velh|nov)[oa]s?|cacula|menor|maior|do meio|pequen[oa]|querid[oa]|unic[oa]))?"
_NAMED = (
    r"(?: ?[,:(-] ?| )(?:(?:que )?(?:se )?chamam? ?|chama-se |(?:o )?nome(?: del[ea])?(?: e|:)? |e (?=[oa] "
    r"|[a-z]+$)|e:? |sao (?:os |as |o |a )?|[oa]s? )?(?:[oa]s? )?"
)
_PARENT_FULL = re.compile(
    r"\b(?:(?<!filha )(?<!filho )(?:meu|o meu) nome (?:completo )?(?:e|eh|para|:)? ?:? ?|(?:eu )?me chamo "
    r"|chamo-me |pode(?:m)? me chamar de |pode anotar o meu: "
    r"|(?:nome d[oa] )?(?:responsavel|mae|pai)(?: e|:| -) ?(?:[oa] )?|em nome de )"
    r"(?:(?:[oa] )?(?:dona|seu|senhora?|sra?|dra?) )?"
)
_PARENT_LIGHT = re.compile(
    r"\b(?:aqui (?:e|quem fala e|fala|quem e) (?:[oa] )?|quem (?:fala|esta falando) (?:aqui )?e (?:[oa] )?"
    r"|(?<!nao )(?:eu )?sou (?:eu,? )?(?:[oa] )?|(?:^|(?<=[.,!?\n] )|(?<=^oi )|(?<=^ola )|(?<=bom dia )|(?<=boa tarde )"
    r"|(?<=boa noite ))e [oa] |falando com (?:[oa] )?)(?:mae |pai |dona |senhora |senhor )?"
)
_PARENT_AFTER = re.compile(
    r"(?:^|[.,!?\n] ?|\b(?:oi|ola|bom dia|boa tarde|boa noite)[,!]? )(?P<name>[a-z]+(?: [a-z]+)?) (?:aqui"
    r"|falando)(?= ?(?:$|[.,!?\n]))"
)
_STUDENT_FULL = re.compile(
    rf"\bnome d(?:[oa]s?|el[ea]s?)(?: (?:meu|minha|nosso|nossa)s?)?(?: {_RELATIVE})?{_KIND}(?: ?(?:e|eh|sao"
    r"|sera|:|-) ?| )(?::? ?)(?:[oa] )?"
    r"|\b(?:el[ea]s?) (?:se )?(?:chamam?|chama-se) (?:[oa] )?|\bchamam?-se |(?<!me )\bse chamam? (?:[oa] )?"
    r"|\balun[oa]s?(?: e|:) ?(?:[oa] )?|\b(?:filh[oa]|crianca)s?: ?|\bnome da crianca:? ?"
    r"|\b(?:o|a) (?:dele|dela) e (?:[oa] )?"
)
_STUDENT_BY_KIN = re.compile(
    rf"\b(?:meus?|minhas?|nossos?|nossas?|uma?|dois|duas|tres|outr[oa]) {_RELATIVE}{_KIND}{_NAMED}"
    rf"|(?:^|[.,;!?\n] ?|\be )(?:[oa]s? )?{_RELATIVE}{_KIND} (?:e (?=[oa] )|sao |(?:se )?chamam? )(?:[oa]s? )?"
)
_STUDENT_BY_PLACE = re.compile(
    r"\b[oa] (?:mais (?:velh|nov)[oa]|cacula|do meio|menor|maior|outr[oa])"
    r" (?:(?:e|se chama|chama|e que e|seria) )?(?:[oa] )?(?=[a-z])"
)
_CHILD_OF = re.compile(r"\bfilh[oa]s? d[aeo]s? $")
"""Before the parents of a grandchild ("filho da minha filha Patrícia")."""
_STUDENT_OF = re.compile(
    r"\b(?:sou (?:[oa] )?)?(?:mae|pai|avo|tia|tio|madrinha|padrinho|madrasta|padrasto|responsavel|vovo|irma"
    r"|irmao|mamae|papai) (?:e responsavel )?(?:d[oae]s? |pel[oa] )(?:minha |meu )?"
)
_STUDENT_LIGHT = re.compile(
    r"\b(?:matricular|inscrever|levar|colocar|avaliar|trazer|por) (?:[oa]s? )(?:meu |minha )?|\b(?:e |seria "
    r"|vaga |aula |curso |visita |avaliacao |horario )?para (?:[oa] )?(?:minha |meu )?|\b(?:a visita"
    r"|a avaliacao|a aula|avaliacao) d[oa] "
)
_LEADS_TO_AGE = re.compile(
    r"(?: ?[,:(\n-] ?| )(?:(?:que |ja |so |e )*(?:tem|fez|de|com|esta com|faz|vai fazer|completou|e|idade|idade de) )*$"
)
_GREETING = re.compile(
    r"^(?:oi+|ola|bom dia|boa tarde|boa noite|opa|entao|claro|ok|sim|certo|tudo bem|pois nao|com certeza|isso"
    r"|beleza)\b[,!. ]*(?!$)"
)
_ANSWER_LEAD = re.compile(
    r"^(?:(?:o )?(?:meu |nome (?:del[ea] |da crianca |completo )?|nome )?(?:e|eh|chama|se chama|sou|seria"
    r"|pode colocar|coloca)(?: [oa])? |[oa] |dona |aqui |para [oa] |: ?)+(?=[a-z])"
)
_OF_CHILD = re.compile(r"\bnome (?:del[ea]|da crianca)\b")
_SIGNS_BEHIND = re.compile(r"[^a-z0-9]+$")  # full stops, brackets, emojis
_ANSWER_TAIL = re.compile(
    r"(?: (?:por favor|mesmo|obrigad[oa]|e o nome(?: del[ea])?|o nome(?: del[ea])?|e voce|aqui|e o meu nome))+$"
)
_FORM_OF_CHILD = re.compile(r"(?:^|\n)\W*(?:nome )?(?:d[oa] )?(?:filh[oa]|alun[oa]|crianca)\b[^:\n]{0,12}[:-]")
_FORM = re.compile(r"(?:^|\n)\W*nome(?: completo)? ?[:-] ?")  # a form with an age in it is about the student
_ANSWER_ENDS = re.compile(r",? (?:e )?(?=(?:ele|ela|eles|elas|tem|esta|mas|que|quero|queria)\b)")


def find_parent(page: Page, asked: str | None, *, answers: bool) -> Found[str] | None:
    """Return the responsible's name. `answers`: the turn may be a bare answer to `asked`, as it says nothing else."""
    source = page.source
    for match in _PARENT_FULL.finditer(page.text):
        name = read_name(source, match.end(), full=True)
        if name and not _about_child(page.text, match.start()):
            return name
    if _FORM_OF_CHILD.search(page.text) and (form := _FORM.search(page.text)):
        return read_name(source, form.end(), full=True)
    for match in _PARENT_LIGHT.finditer(page.text):
        if match.group().startswith("e ") and not _introduces(page.text, asked):
            continue
        name = read_name(source, match.end(), full=False)
        if name and not is_ours(name.value) and page.text[name.end : name.end + 2].strip() != "?":
            return name
    after = _PARENT_AFTER.search(page.text)
    if after:
        name = read_name(source, after.start("name"), full=False, stop=after.end("name"))
        if name and not is_ours(name.value):
            return name
    if asked == "parent_name":
        bare = _bare_answers(page, answers=answers, of_parent=True)
        return bare[0] if bare else None
    return None


def leads_to(page: Page, name: Found[str], age_start: int) -> bool:
    """Whether a name stands right before an age, but for the words that lead to one."""
    return _LEADS_TO_AGE.fullmatch(page.text, name.end, age_start) is not None


def find_unasked(page: Page, students: list[Found[str]], *, knows_child: bool) -> Found[str] | None:
    """Return the responsible's name that stands alone where something else was asked ("Paula Lima" to "confirma?").

    A single word may be the child's, unless `knows_child` or one of the `students` says their name.
    """
    named = _bare_answers(page, answers=False, of_parent=True)
    if len(named) != 1 or not is_given(named[0]) or not (knows_child or " " in named[0].value):
        return None
    name = named[0]
    return name if all(name.end <= each.start or each.end <= name.start for each in students) else None


def find_students(page: Page, asked: str | None, ages: list[tuple[int, int]], *, answers: bool) -> list[Found[str]]:
    """Return the students' names in order. `ages` are the ranges of ages found: a name may stand right before one."""
    found: list[Found[str]] = []
    for pattern in (_STUDENT_FULL, _STUDENT_BY_KIN, _STUDENT_OF):
        for match in _not_of_a_child(page.text, pattern):
            named = read_names(page.source, match.end(), full=pattern is _STUDENT_FULL)
            if match.group().endswith(" e "):  # "meu filho é Pedro", but "meu filho é Gremista"
                named = [name for name in named if is_given(name)]
            _add(found, named)
    _add(found, _by_place(page))
    if ages and not _FORM_OF_CHILD.search(page.text):
        for match in _FORM.finditer(page.text):
            _add(found, read_names(page.source, match.end(), full=True))
    for match in _STUDENT_LIGHT.finditer(page.text):
        named = [name for name in read_names(page.source, match.end(), full=False) if not is_ours(name.value)]
        if match.group().endswith("para "):  # "para Helena", but "para Porto Alegre"
            named = [name for name in named if is_given(name)]
        _add(found, named)
    for start, _ in ages:
        name = _before(page, start)
        _add(found, [name] if name else [])
    if not found and asked in {"student_name", "student_names"}:
        _add(found, _bare_answers(page, answers=answers, of_parent=False))
    return sorted(found, key=lambda hit: hit.start)


def _by_place(page: Page) -> list[Found[str]]:
    """Return the names of "o mais velho é o Pedro, o outro João"."""
    named = (read_name(page.source, match.end(), full=False) for match in _STUDENT_BY_PLACE.finditer(page.text))
    return [name for name in named if name and is_given(name)]


def _not_of_a_child(text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    return (match for match in pattern.finditer(text) if not _CHILD_OF.search(text, 0, match.start()))


def _add(found: list[Found[str]], more: list[Found[str]]) -> None:
    for hit in more:
        same = any((hit.start < other.end and other.start < hit.end) or hit.value == other.value for other in found)
        if not same:
            found.append(hit)


def _introduces(text: str, asked: str | None) -> bool:
    """Whether "é a Rosa" presents the speaker: after a greeting, or when their name was asked for."""
    return asked == "parent_name" or (asked != "student_name" and bool(_GREETING.match(text)))


def _about_child(text: str, start: int) -> bool:
    return bool(re.search(rf"{_RELATIVE} $", text[max(0, start - 12) : start]))


def _before(page: Page, age_start: int) -> Found[str] | None:
    """Return the longest name that ends right before an age, but for the words that lead to the age."""
    offset = max(0, age_start - 60)
    lead = _LEADS_TO_AGE.search(page.text, offset, age_start)
    if lead is None:
        return None
    for word in WORD.finditer(page.text, offset, lead.start()):
        name = read_name(page.source, word.start(), full=False, stop=lead.start())
        if name and name.end == lead.start() and not is_ours(name.value):
            return name
    return None


def _bare_answers(page: Page, *, answers: bool, of_parent: bool) -> list[Found[str]]:
    """Clauses that are a name and nothing else. Unknown lower-case words pass only when nothing else was said."""
    for start, end in page.clauses:
        text = page.text[start:end]
        lead = len(text) - len(text.lstrip(" -*\"'("))
        greeting = _GREETING.match(text[lead:])
        lead += greeting.end() if greeting else 0
        answer = _ANSWER_LEAD.match(text[lead:])
        if answer and of_parent and _OF_CHILD.search(answer.group()):
            continue
        lead += answer.end() if answer else 0
        body = _SIGNS_BEHIND.sub("", text[lead:])
        body = _ANSWER_TAIL.sub("", _ANSWER_ENDS.split(body)[0])
        names = whole_names(
            page.source, start + lead, start + lead + len(body), trust=answers and len(page.clauses) <= 2
        )
        names = [name for name in names if not is_ours(name.value)]
        if names:
            return names
    return []
