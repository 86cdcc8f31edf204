"""Brazilian Portuguese for values: money, days, hours, subjects, grades, and lists of them. Formats come from babel."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency
from contracts.dialogue import Grade, Subject
from contracts.rules import Opening

PT = Locale.parse("pt_BR")
BRAZIL = 55

_BRAZILIAN = re.compile(rf"\+{BRAZIL}([1-9]{{2}}\d{{8,9}})")

SUBJECTS: dict[Subject, str] = {"matematica": "Matemática", "portugues": "Português", "ingles": "Inglês"}
_SCHOOL: dict[Grade, str] = {
    "infantil": "educação infantil",
    "eja": "EJA",
    "faculdade": "faculdade",
    "nao_estuda": "não estuda no momento",
}
_WEEKDAYS = ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo")
_ORDINALS = ("primeira", "segunda", "terceira", "quarta", "quinta", "sexta")


@lru_cache(maxsize=64)
def money(amount: Decimal) -> str:
    """`R$ 375,00`, with a plain space."""
    return format_currency(amount, "BRL", locale=PT).replace("\u00a0", " ")


def hour(moment: datetime | time | str) -> str:
    """`14h30`, `9h`."""
    at = time.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{at.hour}h{at.minute:02d}" if at.minute else f"{at.hour}h"


def full_hour(moment: datetime) -> str:
    """`14h30`, `9h00`: for lists."""
    return f"{moment.hour}h{moment.minute:02d}"


def at_hour(moment: datetime | time | str) -> str:
    """`às 14h30`, `à 1h`."""
    said = hour(moment)
    return f"{'à' if said.startswith('1h') else 'às'} {said}"


def from_hour(moment: datetime | time | str) -> str:
    """`das 14h`, `da 1h`."""
    said = hour(moment)
    return f"{'da' if said.startswith('1h') else 'das'} {said}"


def weekday(day: date) -> str:
    """`terça-feira`, `sábado`."""
    return str(format_date(day, "EEEE", locale=PT))


def long_day(day: date) -> str:
    """`terça-feira, 24 de novembro`."""
    return str(format_date(day, "EEEE, d 'de' MMMM", locale=PT))


def day_and_month(day: date) -> str:
    """`24/11`."""
    return str(format_date(day, "dd/MM", locale=PT))


def short_day(day: date) -> str:
    """`terça-feira, 24/11`."""
    return str(format_date(day, "EEEE, dd/MM", locale=PT))


def on_day(day: date) -> str:
    """`na terça-feira, 24 de novembro`, `no sábado, 28 de novembro`."""
    return f"{'no' if day.weekday() >= 5 else 'na'} {long_day(day)}"


def on_short_day(day: date) -> str:
    """`na terça-feira, 24/11`, `no sábado, 28/11`."""
    return f"{'no' if day.weekday() >= 5 else 'na'} {short_day(day)}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`terça-feira, 24 de novembro, às 14h30`."""
    local = at.astimezone(zone)
    return f"{long_day(local.date())}, {at_hour(local)}"


def on_moment(at: datetime, zone: ZoneInfo) -> str:
    """`na terça-feira, 24 de novembro, às 14h30`."""
    local = at.astimezone(zone)
    return f"{on_day(local.date())}, {at_hour(local)}"


def slot_line(number: int, at: datetime, zone: ZoneInfo) -> str:
    """`1) terça-feira, 24/11, 14h30` (interfaces, section 6)."""
    local = at.astimezone(zone)
    return f"{number}) {short_day(local.date())}, {full_hour(local)}"


@lru_cache(maxsize=64)
def phone(number: str) -> str:
    """`+5551987650001` → `(51) 98765-0001`; a foreign number keeps its country code, one of no country is as it is."""
    brazilian = _BRAZILIAN.fullmatch(number)  # as nearly every number; parsing takes longer than all the rest
    try:
        parsed = (
            phonenumbers.PhoneNumber(country_code=BRAZIL, national_number=int(brazilian[1]))
            if brazilian
            else phonenumbers.parse(number)
        )
    except phonenumbers.NumberParseException:
        return number
    home = parsed.country_code == BRAZIL
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def listed(items: Sequence[str], *, either: bool = False) -> str:
    """Return `a, b e c`, or `a, b ou c`."""
    return str(format_list(list(items), style="or" if either else "standard", locale=PT))


def subjects(names: Sequence[Subject]) -> str:
    """`Matemática e Português`."""
    return listed([SUBJECTS[name] for name in names])


def count_of_subjects(number: int) -> str:
    """`1 matéria`, `2 matérias`."""
    return f"{number} matéria{'s' if number > 1 else ''}"


def years(age: int) -> str:
    """`8 anos`; nobody here is one year old."""
    return f"{age} anos"


def grade(code: Grade) -> str:
    """`3º ano`, `1ª série do ensino médio`, `educação infantil`."""
    if code in _SCHOOL:
        return _SCHOOL[code]
    if code.startswith("ef"):
        return f"{code[2:]}º ano"
    return f"{code[2:]}ª série do ensino médio"


def ordinal(number: int) -> str:
    """`primeira`, for a child (criança)."""
    return _ORDINALS[number - 1]


def hours(opening: Opening) -> str:
    """`de segunda a sexta-feira, das 9h às 12h e das 14h às 17h`."""
    periods = [f"{from_hour(start)} {at_hour(end)}" for start, end in opening.periods]
    return f"{weekdays(opening.weekdays)}, {listed(periods)}"


def weekdays(numbers: Sequence[int], *, either: bool = False) -> str:
    """`de segunda a sexta-feira`, `terça e quinta-feira`, `terça ou quinta-feira`; 0 = Monday."""
    days = sorted(numbers)
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"de {_WEEKDAYS[days[0]]} a {_with_feira(days[-1])}"
    return listed([*(_WEEKDAYS[day] for day in days[:-1]), _with_feira(days[-1])], either=either)


def _with_feira(day: int) -> str:
    return f"{_WEEKDAYS[day]}-feira" if day < 5 else _WEEKDAYS[day]
