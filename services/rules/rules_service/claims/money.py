"""Prices in a text: every amount must be one that a quote can produce, in the role that the text gives it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from rules_service.claims.plain import remembered

Role = Literal["monthly", "enrolment", "first_month"]
ROLES: tuple[Role, ...] = ("monthly", "enrolment", "first_month")
MOST_STUDENTS = 6

_NUMBER = r"\d[\d.,]*\d|\d"
_OF_SOMETHING_ELSE = (
    r"(?!\s*(?:h\b|hs\b|horas?|:|/|[ºª%]|[oa]\b|anos?|min|vezes|mes|dias?|semanas?|materias?|disciplinas?|alun|filh|crianc"
    r"|salas?|visitas?|x\b|\)|metros|km|quadras|e\smeia|da\s(?:manha|tarde|noite)|de\s[jfmasond][aeou]))(?![\d:/])"
)
_AMOUNT = re.compile(
    r"(?P<foreign>us\$|u\$|€|£|\beuros?\b|\bdolar(?:es)?\b|\busd\b)"
    rf"|(?:\br\$|(?<!\w)\$|\bbrl\b)\s*(?P<sign>{_NUMBER})(?P<thousand>\s*mil\b)?"
    rf"|\b(?P<word>{_NUMBER})\s*(?:reais\b|real\b|contos?\b|pilas?\b)"
    r"|(?<![\d.,])(?P<cents>\d{1,3}(?:\.?\d{3})*,\d{2})(?![\d%])"
    r"|(?<![\d.,/])(?P<rate>\d{2,5})\s*(?=(?:por|ao|/)\s*mes\b|mensais\b|(?:por|cada)\s*(?:materia|disciplina)\b)"
    r"|\b(?:mensalidades?|matriculas?|valor(?:es)?|precos?|taxas?|investimento|custam?|total|fica(?:m|ria)?|sai(?:em)?)"
    r"(?:\s(?:e|sao|era|sera|de|por|em|so|apenas|hoje|mensal|atual|mensalidade|matricula|fica|custa))*\s*:?\s*"
    rf"(?P<after>(?<![\d.,/])\d[\d.,]*\d){_OF_SOMETHING_ELSE}"
)
_FOLLOWING: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        "monthly",
        re.compile(r"\s*\(?(?:(?:por|ao|/)\s*mes\b|mensais\b|de\smensalidade|(?:por|cada)\s(?:materia|disciplina))"),
    ),
    ("enrolment", re.compile(r"\s*\(?(?:d[ae]|na|pela|para\sa)\s(?:taxa\sde\s)?matricula")),
    ("first_month", re.compile(r"\s*\(?(?:no|do|para\so)\s(?:primeiro|1o)\smes")),
)
_PRECEDING: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("monthly", re.compile(r"\bmensal(?:idades?|mente)?\b|\bmensais\b|\b(?:por|ao|a\scada)\smes\b")),
    ("enrolment", re.compile(r"\bmatriculas?\b")),
    ("first_month", re.compile(r"\b(?:primeiro|1o)\smes\b")),
)
_SUM = re.compile(r"\b(?:total|soma|junto|ao\stodo|no\stodo|tudo)\b|=")
_EACH_AFTER = re.compile(r"\s*(?:por|cada|em\scada|por\scada)\s(?:materia|disciplina)\b|\s*cada\b")
_EACH_BEFORE = re.compile(
    r"(?:\b[\dx]\s*x|×|\bvezes|\bcada(?:\s(?:1|uma?))?(?:\s(?:materia|disciplina))?(?:\s(?:custa|sai|fica|e|por))*:?)\s*$"
)
_COUNT = re.compile(r"\b(\d)\s(?:materias?|disciplinas?)\b")
_SEVERAL_SUBJECTS = re.compile(
    r"\b[2-9]\s(?:materias|disciplinas)\b|\b(?:com|para|por|em)\s(?:as\s)?[23]\b(?!\s\w)|\bambas\b"
)
_SEVERAL_STUDENTS = re.compile(
    r"\b(?:[2-9]|1\d)\s(?:alun|filh|crianc|irma|pesso|estudant)|\b(?:ambos|irmaos|filhos|filhas)\b"
)
_SUBJECT = re.compile(r"\b(?:matematica|portugues|ingles)\b")
_STOP = re.compile(r"[\n!?;]|\.(?!\d)")


@dataclass(frozen=True)
class Fees:
    """The amounts that exist, in BRL: one subject's month, one enrolment, and how many subjects there are."""

    monthly: Decimal
    enrolment: Decimal
    subjects: int

    def amounts(self, roles: frozenset[Role], subjects: int | None = None) -> frozenset[Decimal]:
        """Every amount in one of these roles (none: any) that a quote for up to six students can show.

        `subjects` narrows it to one student with that many (none when so many are not taught).
        """
        if subjects is not None and subjects > self.subjects:
            return frozenset()
        return _amounts(self, roles or frozenset(ROLES), subjects)


@lru_cache(maxsize=128)
def _amounts(fees: Fees, roles: frozenset[Role], subjects: int | None) -> frozenset[Decimal]:
    every = ((k, n) for n in range(1, MOST_STUDENTS + 1) for k in range(n, n * fees.subjects + 1))
    loads = tuple(every) if subjects is None else ((subjects, 1),)
    by_role: dict[Role, set[Decimal]] = {
        "monthly": {fees.monthly * k for k, _ in loads},
        "enrolment": {fees.enrolment * n for _, n in loads},
        "first_month": {fees.monthly * k + fees.enrolment * n for k, n in loads},
    }
    return frozenset().union(*(by_role[role] for role in roles))


@dataclass(frozen=True)
class Amount:
    """An amount as the text has it: its value (None: not one in BRL), and the span it takes."""

    value: Decimal | None
    start: int
    end: int


@remembered
def amounts(text: str) -> tuple[Amount, ...]:
    """Find every amount of money in a plain text."""
    return tuple(map(_amount, _AMOUNT.finditer(text)))


def _amount(match: re.Match[str]) -> Amount:
    name = "sign" if match["thousand"] else match.lastgroup
    if name is None or name == "foreign":
        return Amount(None, *match.span())
    value = _value(match[name])
    if value is not None and match["thousand"]:
        value *= 1000
    return Amount(value, match.start(name if name == "after" else 0), match.end())


@remembered
def false_price(text: str, fees: Fees, *, strict: bool) -> bool:
    """Whether an amount in a plain text is no fact.

    `strict` (a text that no template made) also refuses totals for several subjects or students when the text speaks
    of one.
    """
    several_students = bool(_SEVERAL_STUDENTS.search(text))
    speaks_of_one = not (
        several_students or _SEVERAL_SUBJECTS.search(text) or _SUM.search(text) or len(_SUBJECT.findall(text)) > 1
    )
    last_end = 0
    for amount in amounts(text):
        before = _STOP.split(text[last_end : amount.start])[-1]
        after = text[amount.end : amount.end + 40]
        roles = _roles(before, after)
        counted = None if several_students else _count(before)
        if strict and speaks_of_one and counted is None:
            counted = 1
        allowed = _one_each(fees, roles) if _is_each(before, after) else fees.amounts(roles, counted)
        if amount.value not in allowed:
            return True
        last_end = amount.end + max((m.end() for _, pattern in _FOLLOWING if (m := pattern.match(after))), default=0)
    return False


def _count(before: str) -> int | None:
    """How many subjects an amount is for, when the words before it say so."""
    counts = _COUNT.findall(before)
    return int(counts[-1]) if counts else None


def _is_each(before: str, after: str) -> bool:
    return bool(_EACH_AFTER.match(after) or _EACH_BEFORE.search(before))


def _one_each(fees: Fees, roles: frozenset[Role]) -> frozenset[Decimal]:
    """One subject's month; one enrolment where the text may mean that."""
    month = {fees.monthly} if not roles or "monthly" in roles else set[Decimal]()
    return frozenset(month | ({fees.enrolment} if roles != {"monthly"} else set()))


def _roles(before: str, after: str) -> frozenset[Role]:
    """Say what the text calls an amount: by the words right behind it, else by all those before it (none: anything).

    "Mensalidade e matrícula: R$ 475,00" names two and may mean their sum.
    """
    for role, pattern in _FOLLOWING:
        if pattern.match(after):
            return frozenset({role})
    named: frozenset[Role] = frozenset(role for role, pattern in _PRECEDING if pattern.search(before))
    return named if len(named) == 1 and not _SUM.search(before) else named and frozenset(ROLES)


def _value(written: str) -> Decimal | None:
    """`1.225,00`, `1225`, `375.00`, `1.225` (thousands) → Decimal; anything else → None."""
    if re.fullmatch(r"\d+", written):
        return Decimal(written)
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d{1,2})?|\d+,\d{1,2}", written):
        return Decimal(written.replace(".", "").replace(",", "."))
    return Decimal(written) if re.fullmatch(r"\d+\.\d{1,2}", written) else None
