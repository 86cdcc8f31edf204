"""Ages of students in figures, words and months."""

import re
from dataclasses import dataclass
from itertools import pairwise

from dialogue_service.understanding.numerals import CARDINAL, cardinal
from dialogue_service.understanding.page import Found, Page
from dialogue_service.understanding.word_lists import GIVEN_NAMES

YOUNGEST, OLDEST = 2, 99
_YEARS = r"(?:anos|aninhos?|anhos|anoss|ano(?= e meio))"
_MORE = rf"(?: ?(?:, ?(?:e |ou )?|e |ou |/ ?)(?:(?:o |a )?outr[oa] )?(?:de |com |tem )?{CARDINAL})"
_LIST_OF_YEARS = re.compile(rf"(?<![\d,.$])\b(?P<list>{CARDINAL}(?: ?{_YEARS})?{_MORE}*) ?{_YEARS}\b(?P<half> e meio)?")
_ONE_OF_YEARS = re.compile(rf"\b(?:tem|fez|completou) (?P<list>{CARDINAL}) ano\b(?! (?:de|que|d[oa]))")
_MONTHS = re.compile(rf"\b(?:(?P<y>{CARDINAL}) anos? e )?(?P<m>\d{{1,3}}|{CARDINAL}) meses\b")
_NO_TIME = (
    r"(?! ?(?:h\b|hs\b|hrs?\b|horas?\b|:|\d|/|%|reais|filh|crianc|menin|vez|materia|disciplin|dias?\b|mes(?!es\b"
    r"| passado)|semana(?! passada| que vem|s? atras)|aula|irma|opc|pessoa|[oa]\b|ano\b)|,? uma? (?:de|com|tem)\b)"
)
_TELLS = (
    r"\b(?:(?:filh[oa]|menin[oa]|net[oa]|sobrinh[oa]|entead[oa]|irma[o]?|ele|ela|crianca|pequen[oa]"
    r"|bebe)(?: [a-z]+)?,? (?:ja )?tem(?: so| apenas)?"
    r"|(?:acabou de |ja )?(?:fez|completou|fazer)|idade(?: dele| dela)?(?: e| eh)?:?(?: de)?|tem idade de"
    r"|com idade de|tem(?= \d{1,2} para \d{1,2}\b)|(?:filh[oa]|menin[oa]|net[oa]|sobrinh[oa]|entead[oa]"
    r"|crianca) de|esta com|sao(?! (?:2|3|4|dois|duas|tres|quatro)\b(?! (?:e meio|anos)))|(?:um|uma|outr[oa]"
    r"|mais (?:velh|nov)[oa]) (?:de|com|tem))"
)
_TOLD = re.compile(rf"{_TELLS} (?P<list>{CARDINAL}{_MORE}*)\b{_NO_TIME}")
_BY_NAME = re.compile(
    rf"\b(?P<who>[a-z]{{2,}})(?: ?[,:(-])? ?(?:(?:ja |que |so )?(?:tem|fez|faz)|de|com"
    rf"|esta com) (?P<list>{CARDINAL})\b{_NO_TIME}"
)
_SEVERAL_BY_NAME = re.compile(
    rf"\b(?P<who>[a-z]{{2,}}),? (?P<list>{CARDINAL})(?= e [a-z]+,? \d|, ?[a-z]+,? \d| ?(?:$|[.,;!?\n]))"
)
_IN_BRACKETS = re.compile(rf"\b(?P<who>[a-z]{{2,}}) ?\( ?(?P<list>{CARDINAL})(?: {_YEARS})? ?\)")
_ALSO = re.compile(
    rf"\be (?:(?:para )?(?:ela|ele)|[oa] (?:menin[oa]|filh[oa]|outr[oa]|mais (?:velh|nov)[oa])) (?P<list>{CARDINAL})"
    r"(?= ?(?:$|[.,!\n]))"
)
_KIN_BY_NAME = re.compile(
    rf"\b(?:filh|net|sobrinh|entead|menin)[oa] (?P<who>[a-z]+),? (?P<list>{CARDINAL})(?= ?(?:$|[.!\n]|, ?[a-z]))"
)
# "Três filhos: 5, 8 e 12".
_COUNTED = re.compile(
    r"\b(?:[2-9]|dois|duas|tres|quatro) (?:filh[oa]s|criancas|menin[oa]s|net[oa]s|sobrinh[oa]s|entead[oa]s|gurizada)"
    rf"[ ,:(-]{{1,3}}(?:(?:de|com|um[a]? de|tem) )?(?P<list>{CARDINAL}{_MORE}+)\b{_NO_TIME}"
)
_BIRTHDAY = re.compile(
    rf"\b(?:vai (?:fazer|completar)|(?:faz|completa)(?= {CARDINAL} (?:{_YEARS} )?(?:em|no|na|dia|mes|amanha|semana"
    rf"|agora|hoje)\b)|quase|prestes a fazer|esta para fazer) (?P<list>{CARDINAL})\b(?: {_YEARS})?"
    r"(?: (?:em [a-z]+|no dia \d+|dia \d+(?: de [a-z]+)?|mes que vem|semana que vem|amanha|ano que vem"
    r"|agora em [a-z]+|no fim do ano|no final do ano))?"
)
_BARE = re.compile(
    r"^\W*(?:(?:tem|sao|e|de|com|faz|fez|ele|ela|so|ja|uns|acho que|a mais velha|o mais velho"
    rf"|idade) )*(?P<list>{CARDINAL}{_MORE}*)(?: ?(?:a|ano)\b)?\W*$"
)
_BARE_IN_CLAUSE = re.compile(rf"^ ?(?:(?:tem|sao|com|fez|ele|ela|de) )*(?P<list>{CARDINAL}{_MORE}*) ?$")
_NUMBER = re.compile(CARDINAL)
_BORN = re.compile(
    r"\b(?:nasc\w+|data de nascimento|nascimento)\D{0,12}(?P<d>\d{1,2})[/.-](?P<mo>\d{1,2})[/.-](?P<y>\d{4}|\d{2})\b"
)
_SPAN_OF_TIME_BEFORE = re.compile(
    r"\b(?:ha|por|durante|em|depois de|apos|partir d[eo]s?|acima de|abaixo de|ate(?: os)?|maior(?:es)? de"
    r"|menor(?:es)? de|mais de|menos de|entre(?: os)?|desde os|faz|quase|dura|leva|de \d+ a|\d+ a|por volta de"
    r"|(?:crianca|bebe|aluno|pessoa|adulto|adolescente|jovem)s (?:de|com)(?: ate)?)(?: uns| mais de| cerca de)? $"
)
_GENERIC_BEFORE = re.compile(
    r"\b(?:atend\w+|aceit\w+|pega[m]?|receb\w+|trabalha[m]?|tem|matricul\w+|da para"
    r"|pode)\b[^.!?\n]{0,25}\b(?:crianca|bebe|aluno|quem|menino|idade|gente)(?: a partir)?(?: de| com| tem)* $"
)
_SPAN_OF_TIME_AFTER = re.compile(
    r"^ (?:atras|de experiencia|de kumon|de curso|de casad|de mercado|de garantia|de contrato|no kumon|que (?:ele"
    r"|ela|nao|par|sai|fez|est|mor)|depois|de duracao|de empresa|de idade minima)"
)
_TAKES_BACK = re.compile(
    r"[^a-z]*(?:nao[^a-z]+)?(?:ops|opa|errei|desculpa|perdao|digo|alias|corrigindo|melhor dizendo|quer dizer"
    r"|na verdade)\b(?:[^a-z]|\b(?:na verdade|e|sao|tem|ele|ela|sao|ja|fez)\b)*"
)
_ONLY_SIGNS = re.compile(r"[^a-z]*")
_IN_TRUTH = re.compile(r"^[ ,]*na verdade\b")
_NOT_BEFORE = re.compile(r"\bnao (?:sao |tem |e |faz |esta com |com )?$")
_NOT_AFTER = re.compile(r"^,? nao(?=[,.]| (?:e|sao|tem)\b|$)")


@dataclass(frozen=True, slots=True)
class AgeReading:
    """Years; `own` when the speaker says it of themself ("tenho 40 anos")."""

    years: int
    own: bool = False


def find_ages(page: Page, asked: str | None, today: tuple[int, int, int]) -> list[Found[AgeReading]]:
    """Every student's age in order. Durations, age limits and ages outside 2-99 are left out.

    `today` is (year, month, day), for dates of birth.
    """
    text = page.rest
    if not _NUMBER.search(text):
        return []
    found: list[Found[AgeReading]] = []
    _add(found, [_born(match, today) for match in _BORN.finditer(text)])
    _add(found, [_months(match) for match in _MONTHS.finditer(text)])
    _add(found, [age for match in _ONE_OF_YEARS.finditer(text) for age in _each(match)])
    for match in _BIRTHDAY.finditer(text):
        _add(found, _each(match, minus=1, whole=True))
    for match in _LIST_OF_YEARS.finditer(text):
        if not _is_span_of_time(text, match):
            _add(found, _each(match, own=bool(re.search(r"\b(?:tenho|eu com|fiz) $", text[: match.start()]))))
    for match in (*_COUNTED.finditer(text), *_TOLD.finditer(text)):
        _add(found, _each(match))
    for match in _beside_names(text):
        _add(found, _each(match))
    if found:
        for match in _ALSO.finditer(text):
            _add(found, _each(match))
    if not found and asked == "student_age":
        _add(found, _bare(text))
    kept = [hit for hit in found if YOUNGEST <= hit.value.years <= OLDEST and not _refused(text, hit)]
    return _as_corrected(text, _once(sorted(kept, key=lambda hit: hit.start)))


def _as_corrected(text: str, found: list[Found[AgeReading]]) -> list[Found[AgeReading]]:
    """Leave out an age that the next one takes back ("tem 6 anos, ops, 7 anos na verdade")."""
    taken_back = {
        earlier
        for earlier, later in pairwise(found)
        if _TAKES_BACK.fullmatch(text[earlier.end : later.start])
        or (_ONLY_SIGNS.fullmatch(text[earlier.end : later.start]) and _IN_TRUTH.match(text[later.end :]))
    }
    return [hit for hit in found if hit not in taken_back]


def _once(found: list[Found[AgeReading]]) -> list[Found[AgeReading]]:
    """Read "tem 7, quase 8", which says seven twice, once."""
    said_again = {
        later
        for earlier, later in pairwise(found)
        if earlier.value == later.value and later.start - earlier.end <= 3 and later.end - later.start > 5
    }
    return [hit for hit in found if hit not in said_again]


def _beside_names(text: str) -> list[re.Match[str]]:
    """Find "Pedro de 8", and without any word between only where several are listed ("Pedro 8 e Ana 5")."""
    told = [match for match in _BY_NAME.finditer(text) if match["who"] in GIVEN_NAMES]
    listed = [match for match in _SEVERAL_BY_NAME.finditer(text) if match["who"] in GIVEN_NAMES]
    kin = [match for match in _KIN_BY_NAME.finditer(text) if match["who"] in GIVEN_NAMES]
    told += [match for match in _IN_BRACKETS.finditer(text) if match["who"] in GIVEN_NAMES]
    return told + kin + (listed if len(listed) + len(told) > 1 else [])


def age_words(page: Page) -> list[tuple[int, int]]:
    """Everything that speaks of years, used or not: never a time of the visit."""
    if not _NUMBER.search(page.rest):
        return []
    patterns = (_BORN, _MONTHS, _BIRTHDAY, _LIST_OF_YEARS, _TOLD)
    spans = [match.span() for pattern in patterns for match in pattern.finditer(page.rest)]
    return spans + [match.span() for match in _beside_names(page.rest)]


def _add(found: list[Found[AgeReading]], more: list[Found[AgeReading]]) -> None:
    for hit in more:
        if not any(hit.start < other.end and other.start < hit.end for other in found):
            found.append(hit)


def _each(match: re.Match[str], *, own: bool = False, minus: int = 0, whole: bool = False) -> list[Found[AgeReading]]:
    begin = match.start("list")
    numbers = list(_NUMBER.finditer(match["list"]))
    if whole:
        return [Found(AgeReading(cardinal(numbers[0].group()) - minus), match.start(), match.end())]
    hits = [
        Found(AgeReading(cardinal(number.group()), own), begin + number.start(), begin + number.end())
        for number in numbers
    ]
    # The last one carries the word "anos", so that its span reads as the parent wrote it.
    hits[-1] = Found(hits[-1].value, hits[-1].start, match.end())
    return hits


def _months(match: re.Match[str]) -> Found[AgeReading]:
    months = int(match["m"]) if match["m"].isdigit() else cardinal(match["m"])
    years = cardinal(match["y"]) if match["y"] else months // 12
    return Found(AgeReading(years), match.start(), match.end())


def _born(match: re.Match[str], today: tuple[int, int, int]) -> Found[AgeReading]:
    year = int(match["y"])
    if year < 100:
        year += 2000 if year <= today[0] % 100 else 1900
    before_birthday = (today[1], today[2]) < (int(match["mo"]), int(match["d"]))
    return Found(AgeReading(today[0] - year - before_birthday), match.start(), match.end())


def _bare(text: str) -> list[Found[AgeReading]]:
    match = _BARE.match(text)
    if match:
        return _each(match)
    for part in re.finditer(r"[^,.!?;\n]+", text):
        inside = _BARE_IN_CLAUSE.match(part.group())
        if inside:
            return [Found(hit.value, hit.start + part.start(), hit.end + part.start()) for hit in _each(inside)]
    told = re.search(rf"\b(?:tem|tenho) (?P<list>{CARDINAL}{_MORE}*)\b{_NO_TIME}", text)
    return _each(told, own=told.group().startswith("tenho")) if told else []


def _is_span_of_time(text: str, match: re.Match[str]) -> bool:
    before, after = text[: match.start("list")][-60:], text[match.end() :]
    return bool(
        _SPAN_OF_TIME_BEFORE.search(before) or _GENERIC_BEFORE.search(before) or _SPAN_OF_TIME_AFTER.match(after)
    )


def _refused(text: str, hit: Found[AgeReading]) -> bool:
    return bool(
        _NOT_BEFORE.search(text[max(0, hit.start - 20) : hit.start]) or _NOT_AFTER.match(text[hit.end : hit.end + 12])
    )
