"""Names of the responsible and of students, told apart by the words around them."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise, zip_longest

from dialogue_service.understanding.normaliser import Normalised
from dialogue_service.understanding.page import Found, Page
from dialogue_service.understanding.word_lists import COMMON_WORDS, GIVEN_NAMES, SURNAMES

# The assistant and the school. Their name is a person's only where somebody says so in full ("me chamo Cecília").
OURS = frozenset({"cecilia", "kumon", "cumon"})
_PARTICLES = frozenset({"da", "de", "do", "das", "dos"})
# Common words that are also given names or surnames: a name when written like one.
_BOTH = (GIVEN_NAMES | SURNAMES) & COMMON_WORDS
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_GAP = re.compile(r" ?$")
_JOINTS = (" ", "-")
"""What may stand between two words of a name ("Ana-Clara")."""
MOST_WORDS = 6

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
_AND = re.compile(r"^ ?(?:,|e|/|&|\+) ?(?:[oa] |(?:a |o )?outr[oa] (?:se )?chama |d[oa] |para [oa] )?")
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
_CORRECTED = re.compile(
    r"(?:^|[.!\n] ?)(?:(?:nao|ops|desculpa|perdao|errei"
    r"|na verdade),? )+(?:(?:[oa] )?(?:nome(?: del[ea])? )?(?:certo |correto )?(?:e|eh|se chama) )(?:[oa] )?"
    r"|\bnao e [a-z]+,? (?:e|mas|e sim) (?:[oa] )?|^\W*e (?:[oa] )?(?=[a-z]+,? nao [a-z]+\W*$)"
)
_CLOSE_DOUBLE = re.compile(r"^ com (?:dois|duas|2) ([a-z])\w*\b")
_WITH_LETTER = re.compile(r"^ com (th|ph|y|h|k|w|z|s|c|i)(?: no (?:lugar d[oe] [a-z]|final|fim|comeco|inicio|meio))?\b")


def find_parent(page: Page, asked: str | None, *, answers: bool) -> Found[str] | None:
    """Return the responsible's name. `answers`: the turn may be a bare answer to `asked`, as it says nothing else."""
    source = page.source
    for match in _PARENT_FULL.finditer(page.text):
        name = _read(source, match.end(), full=True)
        if name and not _about_child(page.text, match.start()):
            return name
    if _FORM_OF_CHILD.search(page.text) and (form := _FORM.search(page.text)):
        return _read(source, form.end(), full=True)
    for match in _PARENT_LIGHT.finditer(page.text):
        if match.group().startswith("e ") and not _introduces(page.text, asked):
            continue
        name = _read(source, match.end(), full=False)
        if name and not _is_ours(name.value) and page.text[name.end : name.end + 2].strip() != "?":
            return name
    after = _PARENT_AFTER.search(page.text)
    if after:
        name = _read(source, after.start("name"), full=False, stop=after.end("name"))
        if name and not _is_ours(name.value):
            return name
    if asked == "parent_name":
        bare = _bare_answers(page, answers=answers, of_parent=True)
        return bare[0] if bare else None
    return None


def leads_to(page: Page, name: Found[str], age_start: int) -> bool:
    """Whether a name stands right before an age, but for the words that lead to one."""
    return _LEADS_TO_AGE.fullmatch(page.text, name.end, age_start) is not None


def find_unasked(page: Page, *, known_child: bool) -> Found[str] | None:
    """Return a known name that stands alone where something else was asked ("Paula Lima" to "confirma?").

    A single word may be the child's where none is known (`known_child`).
    """
    named = _bare_answers(page, answers=False, of_parent=True)
    whole = len(named) == 1 and _is_given(named[0]) and (known_child or " " in named[0].value)
    return named[0] if whole else None


def find_students(page: Page, asked: str | None, ages: list[tuple[int, int]], *, answers: bool) -> list[Found[str]]:
    """Return the students' names in order. `ages` are the ranges of ages found: a name may stand right before one."""
    found: list[Found[str]] = []
    for pattern in (_STUDENT_FULL, _STUDENT_BY_KIN, _STUDENT_OF):
        for match in _not_of_a_child(page.text, pattern):
            named = _read_several(page.source, match.end(), full=pattern is _STUDENT_FULL)
            if match.group().endswith(" e "):  # "meu filho é Pedro", but "meu filho é Gremista"
                named = [name for name in named if _is_given(name)]
            _add(found, named)
    _add(found, _by_place(page))
    if ages and not _FORM_OF_CHILD.search(page.text):
        for match in _FORM.finditer(page.text):
            _add(found, _read_several(page.source, match.end(), full=True))
    for match in _STUDENT_LIGHT.finditer(page.text):
        named = [name for name in _read_several(page.source, match.end(), full=False) if not _is_ours(name.value)]
        if match.group().endswith("para "):  # "para Helena", but "para Porto Alegre"
            named = [name for name in named if _is_given(name)]
        _add(found, named)
    for start, _ in ages:
        name = _before(page, start)
        _add(found, [name] if name else [])
    if not found and asked in {"student_name", "student_names"}:
        _add(found, _bare_answers(page, answers=answers, of_parent=False))
    return sorted(found, key=lambda hit: hit.start)


def _by_place(page: Page) -> list[Found[str]]:
    """Return the names of "o mais velho é o Pedro, o outro João"."""
    named = (_read(page.source, match.end(), full=False) for match in _STUDENT_BY_PLACE.finditer(page.text))
    return [name for name in named if name and _is_given(name)]


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


def _is_given(name: Found[str]) -> bool:
    return fold(name.value).split()[0] in GIVEN_NAMES


def _is_ours(name: str) -> bool:
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


def _read(source: Normalised, start: int, *, full: bool, stop: int | None = None) -> Found[str] | None:
    """Return the name that starts exactly at `start`, or None. `full`: the words before leave no doubt."""
    words: list[re.Match[str]] = []
    particles: list[re.Match[str]] = []
    position = start
    limit = len(source.text) if stop is None else stop
    while len(words) < MOST_WORDS:
        word = _WORD.match(source.text, position, limit)
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


def _read_several(source: Normalised, start: int, *, full: bool) -> list[Found[str]]:
    names: list[Found[str]] = []
    first = _read(source, start, full=full)
    while first is not None and len(names) < MOST_WORDS:
        names.append(first)
        joint = _AND.match(source.text[first.end :])
        first = _read(source, first.end + joint.end(), full=False) if joint else None
    return names


def _before(page: Page, age_start: int) -> Found[str] | None:
    """Return the longest name that ends right before an age, but for the words that lead to the age."""
    offset = max(0, age_start - 60)
    lead = _LEADS_TO_AGE.search(page.text, offset, age_start)
    if lead is None:
        return None
    for word in _WORD.finditer(page.text, offset, lead.start()):
        name = _read(page.source, word.start(), full=False, stop=lead.start())
        if name and name.end == lead.start() and not _is_ours(name.value):
            return name
    return None


def _written(source: Normalised, words: list[re.Match[str]]) -> str:
    written = [_cased(source.source(word.start(), word.end()), word.group()) for word in words]
    joints = [source.text[word.end() : other.start()] for word, other in pairwise(words)]
    return "".join(map("".join, zip_longest(written, joints, fillvalue="")))


# What a keyboard offers for an apostrophe or an x ("Joana D´Arc").
_MARKS = str.maketrans("‘´`×", "'''x")


def _cased(written: str, plain: str) -> str:
    if plain in _PARTICLES:
        return plain
    letters = "".join(c for c in written.translate(_MARKS) if c.isalpha() or c in "'’-")
    if len(letters) > 1 and not letters.islower() and not letters.isupper():
        return letters[0].upper() + letters[1:]
    return "'".join(part[:1].upper() + part[1:].lower() for part in letters.split("'"))


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
        names = _whole(page.source, start + lead, start + lead + len(body), trust=answers and len(page.clauses) <= 2)
        names = [name for name in names if not _is_ours(name.value)]
        if names:
            return names
    return []


def _whole(source: Normalised, start: int, end: int, *, trust: bool) -> list[Found[str]]:
    """Names that together fill `text[start:end]`, joined by "e" or a comma; nothing when any word is no name."""
    names: list[Found[str]] = []
    position = start
    while position < end:
        name = _read_trusting(source, position, end) if trust else _read(source, position, full=False, stop=end)
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
    words = list(_WORD.finditer(source.text, start, end))
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
    word = _WORD.match(source.text, start, end)
    if word is None or word.group() not in GIVEN_NAMES | SURNAMES or word.group() in COMMON_WORDS:
        return None
    return _read(source, start, full=True, stop=end)


def find_corrected(page: Page) -> Found[str] | None:
    """Return the name of "não, é Mariana" or "é Mariana, não Maria"."""
    for match in _CORRECTED.finditer(page.text):
        name = _read(page.source, match.end(), full=False)
        if name and not _is_ours(name.value):
            return name
    return None


def find_spelled(page: Page) -> Found[str] | None:
    """Return a name with its spelling explained ("é Ana com dois n", "Thiago com h"), already spelled that way."""
    for word in _WORD.finditer(page.text):
        if word.group() in COMMON_WORDS and word.group() not in GIVEN_NAMES:
            continue
        tail = page.text[word.end() : word.end() + 30]
        double, letter = _CLOSE_DOUBLE.match(tail), _WITH_LETTER.match(tail)
        written = _cased(page.source.source(*word.span()), word.group())
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
