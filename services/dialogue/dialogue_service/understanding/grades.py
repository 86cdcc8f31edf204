"""School grades as Brazilian families name them."""

import re
from dataclasses import dataclass

from dialogue_service.understanding.numerals import ORDINAL_WORD, ORDINALS
from dialogue_service.understanding.page import Found, Page
from dialogue_service.understanding.values import Grade

_NUMBER = rf"(?P<n>[1-9])(?: ?[oa](?:\b|(?=ano|serie)))?|(?P<word>{ORDINAL_WORD})"
_MIDDLE = r"(?:ensino medio|medio|colegial|segundo grau|2o grau|em(?= ?(?:$|[.,;!?\n)])))"
_PRIMARY = r"(?:ensino fundamental|fundamental|fund|ef)\b(?: ?[12i]{1,2}\b)?"
_YEAR = re.compile(
    rf"\b(?:{_NUMBER}) ?(?:ano|serie)\b(?: (?:d[oae]|no) (?={_MIDDLE}|{_PRIMARY}))? ?(?:(?P<em>{_MIDDLE})"
    rf"|(?P<ef>{_PRIMARY}))?"
)
_LEVEL = re.compile(
    rf"\b(?:{_NUMBER}) ?(?:d[oe] |no )?(?:(?P<em>{_MIDDLE})|(?P<ef>{_PRIMARY}))|\b(?P<code>ef"
    r"|em) ?(?P<digit>[1-9])\b"
)
_OF_SOMEBODY = re.compile(rf"\b(?:ele|ela) (?:ja )?(?:esta|vai) (?:no|na) (?:{_NUMBER})(?= ?(?:$|[.,;!?\n]))")
"""A grade that is only a number ("ela tá no quinto")."""
_FIXED: tuple[tuple[Grade, re.Pattern[str]], ...] = (
    ("em3", re.compile(r"\bterceirao\b")),
    ("eja", re.compile(r"\beja\b|\bsupletivo\b")),
    (
        "faculdade",
        re.compile(
            r"(?<!entrar na )(?<!passar na )(?<!para a )(?<!fazer )(?<!prestar )\b(?:faculdade|universidade"
            r"|ensino superior|graduacao|universitari[oa])\b"
        ),
    ),
    (
        "infantil",
        re.compile(
            r"\b(?:(?:no |na |do |da |o |faz )?pre(?:zinho| ?-?escola(?:r)?)?(?: (?:[123]"
            r"|i{1,3}))?(?![\w-])(?! (?:matricula|vestibular|agendamento))"
            r"|jardim(?: de infancia| (?:[123]|i{1,3}|a|b)\b|zinho)?(?! d[aeo]s? )(?! (?!agora\b|ainda\b)[a-z]{4,})"
            r"|maternal(?: (?:[12]|i{1,2}))?|creche|bercario"
            r"|(?:educacao |ensino )?infantil(?: (?:[1-5]|i{1,3}v?|v)\b)?|emei)\b"
        ),
    ),
    (
        "nao_estuda",
        re.compile(
            r"\bnao (?:esta |estou |ta )?estud(?:a|o|ando)\b(?: mais| ainda)?"
            r"(?! (?:(?:de|a|em|n[ao]|com|por|bem)\b|nada|muito"
            r"|direito|sozinh|matem|portug|ingl|todo))"
            r"|\bainda nao (?:estuda|entrou|vai|foi|esta|frequenta|comecou)\b(?: (?:na|a|para a|em) (?:escola"
            r"|escolinha|creche|aula)s?)?"
            r"|\bnao (?:vai|esta|frequenta|foi)(?: a| na| para a| para| em)? (?:escola|escolinha)\b|\bfora da escola\b"
            r"|\b(?:ja )?(?:me formei|se formou|sou formad[oa]|e formad[oa]|terminei (?:a escola"
            r"|o ensino medio|os estudos|o colegio|o medio)"
            r"|terminou (?:a escola|o ensino medio|os estudos|o colegio|o medio))\b|\bpar(?:ou|ei) de estudar\b"
        ),
    ),
)
_BARE = re.compile(
    r"^\W*(?:(?:esta|e|ela|ele|vai|agora|ta|acho que|no|na|o|a|do|da|repetindo|cursando|fazendo|indo para|para"
    rf"|passou) )*(?:{_NUMBER})(?: [a-e]\b)?(?: agora| ainda)?\W*$"
)
# "Lara de 9 anos, 4º": only beside an age, and only behind a comma.
_OLD = re.compile(r"\d (?:anos|aninhos)\b|\b(?:de|tem|com) \d{1,2}(?=,)")
_ALONE = re.compile(
    rf"(?<=,) (?:no |ta no |esta no )?(?:(?P<n>[1-9])[oa]|(?P<word>{ORDINAL_WORD}))(?= ?(?:$|[,.;!?\n]))"
)
_THE_OTHERS = re.compile(r"\b(?:no|na|do|da) (?P<n>[1-9])[oa](?P<word>)(?= ?(?:$|[.,;!?\n]))")
"""A second grade beside one that was named in full ("o maior no 6º ano e o menor no 2º")."""
_SEVERAL = re.compile(r"^\W*[1-9][oa]?(?: ano)?(?:(?: ?, ?| e )(?:[oa] )?[1-9][oa]?(?: ano)?)+\W*$")
_EACH = re.compile(rf"{_NUMBER}")
_YEARS_OLD = re.compile(r"\d ano")  # "1 ano" in answer to the age, "ele tem 5 ano"
_TELLS_AGE = re.compile(r"\b(?:tem|fez|completou) $")
_DENIED = re.compile(r"\bnao (?:e|esta|ta|faz)(?: (?:o|no|na|do))? $")
_DENIED_AFTER = re.compile(r"^ ?nao\b(?=\W)")
_AFTER_NO = re.compile(rf"\bnao[,.]? (?:e |eh |esta )?(?:o |no )?(?:{_NUMBER})(?=\W|$)")
_INSTEAD = re.compile(rf"(?<!nao )\b(?:e|esta|mas|sim)(?: (?:o|no|na|e|sim))* (?:{_NUMBER})(?=\W|$)")
_NEXT_YEAR = re.compile(r"\b(?:ano que vem|proximo ano|em 20\d\d|vai entrar|vai comecar|vai ir)\b")
# "3º ano de Kumon", "segundo ano que tento": years that are no grade.
_NO_GRADE_AFTER = re.compile(r"^ (?:de kumon|de curso|que |de vida|letivo|seguido)")
# Ages above which "1º ano" is the one of the ensino médio.
MIDDLE_SCHOOL_FROM_AGE = 14


@dataclass(frozen=True, slots=True)
class GradeReading:
    """A grade; `either` when "1º ano" may be the one of fundamental or of médio, which the age decides."""

    grade: Grade
    either: bool = False

    def at_age(self, age: int | None) -> Grade:
        """Return the grade once the age is known; without one, the fundamental, where nearly all students are."""
        if self.either and age is not None and age >= MIDDLE_SCHOOL_FROM_AGE:
            return _grade("em", int(self.grade[2]))
        return self.grade


def find_grades(page: Page, asked: str | None) -> list[Found[GradeReading]]:
    """Every grade named, in order. One that only comes next year is none."""
    text = page.rest
    found: list[Found[GradeReading]] = []
    for pattern in (_YEAR, _LEVEL, _OF_SOMEBODY):
        for match in pattern.finditer(text):
            if _YEARS_OLD.fullmatch(match.group().strip()) and (
                asked == "student_age" or _TELLS_AGE.search(text[: match.start()])
            ):
                continue
            reading = _reading(match)
            if reading and not _overlaps(found, match) and not _NO_GRADE_AFTER.match(text[match.end() :]):
                found.append(Found(reading, match.start(), match.end()))
    found.extend(_others(text, found))
    for grade, pattern in _FIXED:
        found.extend(
            Found(GradeReading(grade), *match.span()) for match in pattern.finditer(text) if not _overlaps(found, match)
        )
    if not found and asked == "school_grade" and _SEVERAL.match(text):
        readings = [(_reading(match), match) for match in _EACH.finditer(text)]
        found.extend(Found(reading, *match.span()) for reading, match in readings if reading)
    if not found and asked == "school_grade":
        bare = _BARE.match(text)
        reading = bare and _reading(bare)
        if bare and reading:
            found.append(Found(reading, bare.start("n") if bare["n"] else bare.start("word"), bare.end()))
    if not found and asked in {None, "student_name", "student_age", "school_grade"} and _OLD.search(page.text):
        found.extend(Found(reading, *match.span()) for match in _ALONE.finditer(text) if (reading := _reading(match)))
    found = _as_corrected(text, [hit for hit in found if not _only_next_year(text, hit)])
    return sorted(found, key=lambda hit: hit.start)


def _others(text: str, found: list[Found[GradeReading]]) -> list[Found[GradeReading]]:
    """Return the grades that are only numbers beside one that was named in full."""
    matches = _THE_OTHERS.finditer(text, found[0].end) if found else ()
    apart = (match for match in matches if not _overlaps(found, match))
    return [Found(reading, *match.span()) for match in apart if (reading := _reading(match))]


def _as_corrected(text: str, found: list[Found[GradeReading]]) -> list[Found[GradeReading]]:
    """Leave out what is denied, and read the number in its place ("não é 3º ano, é 4º")."""
    kept = [hit for hit in found if not (_DENIED.search(text[: hit.start]) or _DENIED_AFTER.match(text[hit.end :]))]
    instead = (_INSTEAD.search(text) or _AFTER_NO.search(text)) if len(kept) < len(found) and not kept else None
    reading = instead and _reading(instead)
    if instead and reading:
        group = "n" if instead["n"] else "word"
        return [Found(reading, *instead.span(group))]
    return kept


def _reading(match: re.Match[str]) -> GradeReading | None:
    groups = match.groupdict()
    if groups.get("code"):
        number, level = int(groups["digit"]), groups["code"]
    else:
        number = int(groups["n"]) if groups["n"] else ORDINALS[groups["word"]]
        level = "em" if groups.get("em") else "ef"
    if level == "em":
        return GradeReading(_grade("em", number)) if number <= 3 else None
    return GradeReading(_grade("ef", number), either=number <= 3 and not groups.get("ef") and not groups.get("code"))


def _grade(level: str, number: int) -> Grade:
    grades: dict[tuple[str, int], Grade] = {
        ("ef", 1): "ef1",
        ("ef", 2): "ef2",
        ("ef", 3): "ef3",
        ("ef", 4): "ef4",
        ("ef", 5): "ef5",
        ("ef", 6): "ef6",
        ("ef", 7): "ef7",
        ("ef", 8): "ef8",
        ("ef", 9): "ef9",
        ("em", 1): "em1",
        ("em", 2): "em2",
        ("em", 3): "em3",
    }
    return grades[level, number]


def _overlaps(found: list[Found[GradeReading]], match: re.Match[str]) -> bool:
    return any(hit.start < match.end() and match.start() < hit.end for hit in found)


def _only_next_year(text: str, hit: Found[GradeReading]) -> bool:
    return bool(_NEXT_YEAR.search(text[max(0, hit.start - 40) : hit.end + 20]))
