"""Puts names, ages, grades and subjects together: one student each, in the order of the text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from dialogue_service.understanding.ages import AgeReading
from dialogue_service.understanding.grades import GradeReading
from dialogue_service.understanding.normaliser import normalise
from dialogue_service.understanding.page import Found, Page
from dialogue_service.understanding.values import Span, Student, Subject

_FOR_ALL = re.compile(
    r"\b(?:para tod[oa]s(?! [oa]s)|os dois|as duas|os tres|as tres|ambos|ambas|todos eles|todas elas|para os dois"
    r"|para as duas|para ambos|cada um|os 2|as 2|os 3|as 3|eles|elas|gemeos|gemeas)\b"
)
_SELF = re.compile(
    r"\b(?:(?:e |seria |sou |quero |queria |curso |aula |aulas |kumon |gostaria |vaga |visita |no caso (?:e )?"
    r"|somente |so |tambem )?(?:para )(?:mim|eu)(?: mesm[oa]| propri[oa])?(?= ?(?:$|[^a-z0-9 ]|estudar|fazer"
    r"|aprender|quero|que|tambem|tenho|sou|e nao|,|mesm|propri|voltar|em|no|na|e (?:para|meu|minha|o meu"
    r"|a minha)))(?! (?:buscar|levar|pagar"
    r"|decidir|ver|pensar|ir|sair|anotar|mandar|te))"
    r"|(?:sou )?eu mesm[oa](?! que (?:levo|vou levar|respondo|pago))|sou eu (?:que|quem) (?:quero|vou|quer"
    r"|vai) (?:estudar|fazer|aprender)|eu (?:que )?(?:vou|quero|queria|gostaria de) (?:estudar|aprender"
    r"|fazer (?:o )?(?:kumon|curso|aulas?|matematica|ingles|portugues))|o alun[oa] sou eu|a alun[oa] sou eu"
    r"|eu sou [oa] alun[oa]|serei eu|proprio aluno sou eu|(?:quero|queria|gostaria de|preciso) (?:aprender"
    r"|estudar|melhorar (?:meu|minha))(?! com| como))\b"
)
# After these "pra mim" is a manner of speaking.
_NOT_SELF = re.compile(
    r"\b(?:faz|faca|fazer um|escreve|conta|manda|envia|passa|fala|diz|explica|mostra|liga|responde|confirma"
    r"|marca|agenda|ve|verifica|anota|melhor|bom|ruim|dificil|facil|serve|da|fica|otimo|caro|longe|cara"
    r"|possivel|tanto faz|serviria|complicado|puxado|perfeito|horario|funciona|pode|mandar|enviar|passar|falar"
    r"|dizer|explicar|marcar|agendar|reserva|separa|rola|certo|tranquilo|importante|novidade|ja|pesado|pesa"
    r"|esclarecer|atende|tirar|informar|informa|repete|nada|esta (?:bom|otimo)|inviavel|perto)(?: \w+){0,3} $"
)
_GOES_ALONE = re.compile(r"\b(?:ir|vou|levar|levo|buscar|busco|falar|falo|resolver|resolvo) $")
_CHILD_WORD = re.compile(
    r"\b(?:filh[oa]s?|crianc\w+|menin[oa]s?|net[oa]s?|sobrinh[oa]s?|entead[oa]s?|irma(?:o|s|os)?|bebe|gemeos"
    r"|gemeas|afilhad[oa]s?|ele|ela|eles|elas|esposa|marido|mae dele|prim[oa])\b"
)
_CHILDREN = re.compile(
    r"\b(?:(?P<n>\d|dois|duas|tres|quatro|cinco|seis) (?:filh[oa]s?|crianc\w+|menin[oa]s?|net[oa]s"
    r"|sobrinh[oa]s|alun[oa]s|irma(?:o|s|os)|guris|gurias|pequen[oa]s|entead[oa]s)|(?:meus|minhas|nossos"
    r"|nossas|os|esses) (?P<m>dois|duas|tres|quatro|2|3|4)(?! (?:materias?|disciplinas?|dias?|horarios?|opc"
    r"|vezes|anos?))|(?P<pair>gemeos|gemeas|um casal(?: de filhos)?|casal de (?:filhos|gemeos))"
    r"|(?P<triplets>trigeme[oa]s))\b"
)
_TWINS = re.compile(
    r"\b(?:gemeos|gemeas|(?P<three>trigeme[oa]s))\b(?!.*\b(?:so|apenas|somente) (?:um|uma|o|a|para o|para a)\b)"
)
_FOR = re.compile(r" (?:para|com)(?: [oa])?(?: (?:meu|minha|filh[oa]|menin[oa]))* ")
_NUMBERS = {"um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6}
_UNIT_ASKED = re.compile(r"\b(?:voces|unidade|kumon|turma|sala|aceita\w*|atende\w*)\b[^.!?\n]{0,30}$|\bquantos\b")
_ELDER = re.compile(r"\b(?:(?P<elder>mais velh[oa]|maior|primogenit[oa])|mais nov[oa]|menor|cacula)\b")
MOST_STUDENTS = 6

Value = Found[Any]


@dataclass
class _Row:
    """One student while values are handed out."""

    name: Found[str] | None = None
    age: Found[AgeReading] | None = None
    grade: Found[GradeReading] | None = None
    subjects: list[Found[Subject]] = field(default_factory=list)
    is_self: bool = False
    elder: bool | None = None

    @property
    def start(self) -> int:
        """Where the first of its values stands."""
        return min((each.start for each in (self.name, self.age, self.grade, *self.subjects) if each), default=0)


@dataclass(frozen=True, slots=True)
class Values:
    """What was found in a turn, each in the order of the text."""

    names: list[Found[str]]
    ages: list[Found[AgeReading]]
    grades: list[Found[GradeReading]]
    subjects: list[Found[Subject]]


@dataclass(frozen=True, slots=True)
class Students:
    """The students of a turn with their spans; `is_self` when the speaker is the student."""

    students: tuple[Student, ...]
    spans: tuple[Span, ...]


def count_children(text: str) -> int | None:
    """How many children the speaker has in mind, when the text counts them."""
    match = _CHILDREN.search(text)
    if match is None or _UNIT_ASKED.search(text[: match.start()]):
        return None
    if match["pair"]:
        return 2
    if match["triplets"]:
        return 3
    written = match["n"] or match["m"]
    number = _NUMBERS.get(written) or int(written)
    return number if 1 <= number <= MOST_STUDENTS else None


def speaks_of_self(text: str) -> bool:
    """Whether the student is the one who writes ("é pra mim mesmo")."""
    for match in _SELF.finditer(text):
        if "para mim" in match.group() and _NOT_SELF.search(text[max(0, match.start() - 40) : match.start()]):
            continue
        if text.startswith(" nao", match.end()):
            continue  # "pra mim não, pra minha filha"
        if match.group().startswith("eu mesm") and _GOES_ALONE.search(text[: match.start()]):
            continue
        if re.search(r"\b(?:nao|se|sera que) (?:e |seria |sou )?$", text[max(0, match.start() - 15) : match.start()]):
            continue
        return True
    return False


def speaks_of_all(text: str) -> bool:
    """Whether what a text says is said of each child ("primeiro ano os dois")."""
    return _FOR_ALL.search(normalise(text).text) is not None


def put_together(page: Page, values: Values, asked: str | None) -> Students:
    """Hands every value to its student. What the text does not say of a student stays unknown."""
    text = page.text
    itself = speaks_of_self(text)
    ages, owned = _own_ages(text, values.ages, asked, itself=itself)
    rows = _rows(text, replace(values, ages=ages))
    _mark_elders(text, rows)
    if itself or owned:
        _mark_self(text, rows)
    students = tuple(_student(row) for row in rows[:MOST_STUDENTS])
    spans = chain.from_iterable(_spans(page, index, row) for index, row in enumerate(rows[:MOST_STUDENTS]))
    return Students(students, tuple(spans))


def _own_ages(
    text: str, ages: list[Found[AgeReading]], asked: str | None, *, itself: bool
) -> tuple[list[Found[AgeReading]], bool]:
    """Keep "tenho 40 anos" only when the speaker is the student: nobody else is spoken of, or they say so."""
    others = [age for age in ages if not age.value.own]
    if len(others) == len(ages):
        return ages, False
    if itself:
        return ages, True
    if others or _CHILD_WORD.search(text):
        return others, False
    return ages, asked == "student_age" or bool(re.search(r"\b(?:quero|queria|posso|gostaria|preciso)\b", text))


def _rows(text: str, found: Values) -> list[_Row]:
    names, ages, grades = found.names, found.ages, found.grades
    count = max(len(names), len(ages), 0)
    if count <= 1 and len(grades) > 1 and len({each.value.grade for each in grades}) > 1:
        count = len(grades)
    if count <= 1:
        return _alike(text, _single(found))
    rows = [_Row() for _ in range(count)]
    anchors: Sequence[Value] = next(each for each in (names, ages, grades) if len(each) == count)
    for key, values in (("name", names), ("age", ages), ("grade", grades)):
        _hand_out(text, rows, anchors, key, values)
    _hand_out_subjects(text, rows, anchors, found.subjects)
    return rows


def _single(found: Values) -> list[_Row]:
    if not (found.names or found.ages or found.grades or found.subjects):
        return []
    return [
        _Row(
            name=found.names[0] if found.names else None,
            age=found.ages[0] if found.ages else None,
            grade=found.grades[-1] if found.grades else None,
            subjects=found.subjects,
        )
    ]


def _alike(text: str, rows: list[_Row]) -> list[_Row]:
    """Make twins of one age ("são gêmeos de 8 anos") two students of whom all is said but the name."""
    born_together = _TWINS.search(text)
    if not born_together or not rows or not (rows[0].age or rows[0].grade):
        return rows
    others = 2 if born_together["three"] else 1
    return [*rows, *(replace(rows[0], name=None, subjects=list(rows[0].subjects)) for _ in range(others))]


def _hand_out(text: str, rows: list[_Row], anchors: Sequence[Value], key: str, values: Sequence[Value]) -> None:
    if len(values) == len(rows):
        for row, value in zip(rows, values, strict=True):
            setattr(row, key, value)
    elif len(values) == 1 and _for_all(text, values[0]):
        for row in rows:
            setattr(row, key, values[0])
    else:
        for value in values:
            row = rows[_owner(anchors, value)]
            if getattr(row, key) is None:
                setattr(row, key, value)


def _for_all(text: str, value: Value) -> bool:
    return bool(_FOR_ALL.search(text[max(0, value.start - 40) : value.end + 25]))


def _owner(anchors: Sequence[Value], value: Value) -> int:
    """Return the last anchor that begins before the value; the first when none does."""
    before = [index for index, anchor in enumerate(anchors) if anchor.start <= value.start]
    return before[-1] if before else 0


def _hand_out_subjects(text: str, rows: list[_Row], anchors: Sequence[Value], subjects: list[Found[Subject]]) -> None:
    followed = [_for_whom(text, anchors, subject) for subject in subjects]
    named_after = {nth: owner for nth, owner in enumerate(followed) if owner >= 0}
    if len(set(named_after.values())) > 1:
        for nth, subject in enumerate(subjects):
            rows[named_after.get(nth, _owner(anchors, subject))].subjects.append(subject)
        return
    owners = [_owner(anchors, subject) for subject in subjects]
    before_all = [subject.start < anchors[0].start for subject in subjects]
    only_last = bool(owners) and set(owners) == {len(rows) - 1}
    if all(before_all) or only_last or any(_for_all(text, subject) for subject in subjects):
        for row in rows:
            row.subjects = list(subjects)
        return
    for owner, subject in zip(owners, subjects, strict=True):
        rows[owner].subjects.append(subject)


def _for_whom(text: str, anchors: Sequence[Value], subject: Value) -> int:
    """Return who follows a subject ("português para a Helena"), -1 when nobody does."""
    follows = (nth for nth, anchor in enumerate(anchors) if _FOR.fullmatch(text[subject.end : anchor.start]))
    return next(follows, -1)


def _mark_elders(text: str, rows: list[_Row]) -> None:
    """Note who is called the elder or the younger: the one of whom the next value speaks."""
    for match in _ELDER.finditer(text):
        following = [row for row in rows if row.start >= match.start() and row.elder is None]
        if following:
            min(following, key=lambda row: row.start).elder = match["elder"] is not None


def _mark_self(text: str, rows: list[_Row]) -> None:
    if not rows:
        rows.append(_Row(is_self=True))
        return
    own = [row for row in rows if row.age and row.age.value.own]
    if own:
        own[0].is_self = True
    elif len(rows) == 1 and not (_CHILD_WORD.search(text) and (rows[0].name or rows[0].age)):
        rows[0].is_self = True
    else:
        rows.append(_Row(is_self=True))


def _student(row: _Row) -> Student:
    age = row.age.value.years if row.age else None
    return Student(
        name=row.name.value if row.name else None,
        age=age,
        grade=row.grade.value.at_age(age) if row.grade else None,
        subjects=tuple(dict.fromkeys(subject.value for subject in row.subjects)),
        is_self=row.is_self,
        elder=row.elder,
    )


def _spans(page: Page, index: int, row: _Row) -> Iterable[Span]:
    single: tuple[tuple[str, Value | None], ...] = (("name", row.name), ("age", row.age), ("grade", row.grade))
    for key, value in single:
        if value:
            yield page.span(f"students[{index}].{key}", value.start, value.end)
    for subject in row.subjects:
        yield page.span(f"students[{index}].subjects", subject.start, subject.end)
