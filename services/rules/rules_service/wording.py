"""How facts read in Portuguese: money, hours, lists."""

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal

from babel.numbers import format_currency
from contracts.dialogue import Subject

from rules_service.facts import Hours, UnitFile

SUBJECT_NAMES: dict[Subject, str] = {"matematica": "Matemática", "portugues": "Português", "ingles": "Inglês"}
WEEKDAY_NAMES = ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo")


def money(amount: Decimal) -> str:
    """`Decimal("1225")` → `R$ 1.225,00`, with a plain space."""
    return str(format_currency(amount, "BRL", locale="pt_BR")).replace("\xa0", " ")


def clock_time(moment: time) -> str:
    """09:00 → `9h`, 14:30 → `14h30`."""
    return f"{moment.hour}h{moment.minute:02d}" if moment.minute else f"{moment.hour}h"


def day_and_month(day: date) -> str:
    """2026-11-24 → `24/11`."""
    return f"{day.day:02d}/{day.month:02d}"


def listed(items: Iterable[str]) -> str:
    """Join as `a`, `a e b`, `a, b e c`."""
    *rest, last = items
    return f"{', '.join(rest)} e {last}" if rest else last


def opening_hours(hours: Hours) -> str:
    """`de segunda a sexta, das 9h às 12h e das 14h às 17h`."""
    numbers = hours.weekday_numbers
    consecutive = len(numbers) > 2 and numbers == tuple(range(numbers[0], numbers[-1] + 1))
    days = (
        f"de {WEEKDAY_NAMES[numbers[0]]} a {WEEKDAY_NAMES[numbers[-1]]}"
        if consecutive
        else listed(WEEKDAY_NAMES[number] for number in numbers)
    )
    return f"{days}, {listed(f'das {clock_time(p.start)} às {clock_time(p.end)}' for p in hours.periods)}"


def fillings(file: UnitFile) -> dict[str, str]:
    """Return what a knowledge text may name between braces, and what stands there instead."""
    unit, prices = file.unit, file.prices
    return {
        "name": unit.name,
        "persona": unit.persona,
        "address": unit.address,
        "contact_phone": unit.contact_phone,
        "email": unit.email,
        "monthly_per_subject": money(prices.monthly_per_subject),
        "enrolment_per_student": money(prices.enrolment_per_student),
        "min_age": str(file.ages.min),
        "subjects": listed(SUBJECT_NAMES[subject] for subject in file.subjects.offered),
        "hours": opening_hours(file.hours),
        "visit_minutes": str(file.visits.minutes),
    }
