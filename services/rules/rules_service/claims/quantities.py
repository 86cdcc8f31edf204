"""Numbers that are no price, day, hour or contact: how long, how often, how old, how many."""

import re

from rules_service.claims.plain import remembered

_UNITS: tuple[tuple[str, str], ...] = (
    ("percent", r"%|por\scento"),
    ("minute", r"min(?:utos?|utinhos?)?\b"),
    ("hour", r"h\b|horas?\b|hrs?\b"),
    ("visit", r"vez(?:es)?\b|idas?\b|visitas?\b|aulas?\b|encontros?\b|sess(?:ao|oes)\b"),
    ("day", r"dias?\b"),
    ("week", r"semanas?\b"),
    ("month", r"mes(?:es)?\b"),
    ("year", r"anos?\b|aninhos?\b"),
    ("subject", r"materias?\b|disciplinas?\b|cursos?\b"),
    ("student", r"alun[oa]s?\b|filh[oa]s?\b|criancas?\b|irma(?:o|os|s|)\b|pessoas?\b|estudantes?\b"),
)
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS)
_QUANTITY = re.compile(
    rf"(?<![\d/.,:$#+-])(?P<value>\d+(?:[.,]\d+)?)(?![\d/:]|[.,]\d|[oaº]\b|\))(?:\s?(?:e|a|ate|ou|-|–|x)\s?(?P<other>\d+)(?![\d/:]|[.,]\d))?"
    rf"\s?(?:{_UNIT})?"
)
_ENUMERATION = re.compile(r"(?m)^\s*\d{1,2}\s?[).:–-]\s")
FREE_UP_TO = {"subject": 3, "student": 6, "none": 3}
"""Small counts that need no fact: subjects, children, "1 confirmo, 2 quero remarcar"."""


@remembered
def quantities(text: str) -> frozenset[tuple[str, str]]:
    """Find every (unit, number) pair in a plain text; in "de 20 a 30 minutos" both are minutes."""
    found: set[tuple[str, str]] = set()
    for match in _QUANTITY.finditer(_ENUMERATION.sub(" ", text)):
        unit = match.lastgroup if match.lastgroup not in {None, "value", "other"} else "none"
        found.update((str(unit), number) for number in (match["value"], match["other"]) if number)
    return frozenset(found)


def false_quantity(text: str, known: frozenset[tuple[str, str]]) -> bool:
    """Whether a plain text, without its prices, days, hours and contacts, counts something that no fact counts."""
    numbers = {number for unit, number in known if unit == "none"}
    any_number = {number for _, number in known}
    for unit, number in quantities(text):
        small = number.isdecimal() and int(number) <= FREE_UP_TO.get(unit, 0)
        if small or (unit, number) in known or number in (any_number if unit == "none" else numbers):
            continue
        return True
    return False
