"""What must never be in a reply, judged from the owner's file and the conversation alone, not by the reviewing code."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rules_service.facts import UnitFile

from assistant.rehearsal.unit import Unit
from assistant.scenarios.seen import plain
from assistant.simulation.hearing import Heard
from assistant.simulation.parent import Parent

MOST_SUBJECTS, MOST_STUDENTS = 9, 4
WEEKDAYS = ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo")
MONTHS = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho",
    "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip
_MONEY = re.compile(r"R\$\s?([\d.]+(?:,\d{2})?)")
_DAY = re.compile(r"(\w+(?:-feira)?), (\d{1,2})(?:/(\d{1,2})| de (\w+))")
_ENGLISH = re.compile(
    r"\b(the|you|your|please|sorry|hello|thanks|and|is|are|what|error|none|null|undefined)\b", re.IGNORECASE
)
_ASKED_OF_CHILD = {"student_name", "age", "grade", "subjects"}


def flaws_in_reply(bubbles: Sequence[str], unit: Unit, now: dt.datetime) -> Iterator[str]:
    """Yield the rules that a reply breaks, each as a short name with what it was about."""
    said = plain(bubbles)
    if any(not bubble.strip() for bubble in bubbles):
        yield "empty text"
    if english := _ENGLISH.search(said):
        yield f"English text: {english[0]}"
    if re.search(r"[{}]|\bNone\b", said):
        yield "placeholder"
    yield from _wrong_prices(said, unit.facts.file)
    yield from _wrong_places(said, unit.facts.file)
    yield from _wrong_days(said, now)


def flaws_in_offers(heard: Heard, unit: Unit, now: dt.datetime) -> Iterator[str]:
    """Yield slots that the unit does not have."""
    offerable = {slot.start for slot in unit.opening.offerable(now)}
    yield from (f"impossible slot: {slot:%d/%m %H:%M}" for slot in heard.offers.values() if slot not in offerable)


def asked_again(heard: Heard, parent: Parent) -> str | None:
    """Return what is asked although it was said."""
    if heard.question in {"parent_name", "hint", "email"}:
        key = "email" if heard.question == "email" else "parent_name"
        return f"asked again: {key}" if key in parent.told else None
    if heard.question not in _ASKED_OF_CHILD:
        return None
    of_all = {f"{heard.question}:{nth}" for nth in range(len(parent.person.children))}
    named = [nth for nth, child in enumerate(parent.person.children) if re.search(rf"\b{child.name}\b", heard.sentence)]
    asked = {f"{heard.question}:{nth}" for nth in named} or of_all
    return f"asked again: {heard.question}" if asked <= parent.told else None


def _wrong_prices(said: str, file: UnitFile) -> Iterator[str]:
    monthly, enrolment = file.prices.monthly_per_subject, file.prices.enrolment_per_student
    right = {
        monthly * subjects + enrolment * students
        for subjects in range(MOST_SUBJECTS)
        for students in range(MOST_STUDENTS)
    }
    for found in _MONEY.findall(said):
        if Decimal(found.replace(".", "").replace(",", ".")) not in right:
            yield f"wrong price: R$ {found}"


def _wrong_places(said: str, file: UnitFile) -> Iterator[str]:
    unit = file.unit
    if re.search(r"\b(?:Rua|Avenida|Av\.)\b", said) and unit.address not in said:
        yield "wrong address"
    for phone in re.findall(r"\(\d{2}\) ?\d[\d -]+\d", said):
        if phone != unit.contact_phone:
            yield f"wrong phone: {phone}"


def _wrong_days(said: str, now: dt.datetime) -> Iterator[str]:
    """Yield days of the month that do not fall on the weekday that they are given."""
    for weekday, day, month, name in _DAY.findall(said):
        if weekday not in WEEKDAYS or not (month or name in MONTHS):
            continue
        number = int(month) if month else MONTHS.index(name) + 1
        year = now.year + (number < now.month - 6)
        try:
            right = WEEKDAYS[dt.date(year, number, int(day)).weekday()]
        except ValueError:
            yield f"no such day: {day}/{number}"
            continue
        if right != weekday:
            yield f"wrong weekday: {weekday}, {day}/{number}"
