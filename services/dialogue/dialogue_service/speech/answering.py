"""Answers in words: prices, hours, places, passages, objections."""

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias, assert_never

from contracts.rules import QuoteLine

from dialogue_service import words
from dialogue_service.decision.acts import (
    AdmitGap,
    GiveAddress,
    GiveHolidays,
    GiveHours,
    GivePassage,
    GivePrices,
    GiveVisit,
    MeetObjection,
    RefuseDiscount,
)
from dialogue_service.speech.lines import Line, Telling, capital

Answer: TypeAlias = (
    GivePrices
    | GiveHours
    | GiveAddress
    | GiveHolidays
    | GivePassage
    | GiveVisit
    | AdmitGap
    | MeetObjection
    | RefuseDiscount
)


def answering(act: Answer, telling: Telling) -> Iterator[Line]:
    """Yield the lines of an act."""
    unit = telling.unit
    match act:
        case GivePrices():
            yield from _prices(act)
        case GiveHours():
            yield _hours(act, telling)
        case GiveAddress():
            yield Line("address", {"address": unit.address})
        case GiveHolidays():
            yield Line("holidays", {"days": _days(act.days)})
        case GivePassage():
            yield Line("passage", text=act.text, open=act.open)
        case GiveVisit():
            yield Line("visit", {"when": telling.when(act.slot), "address": unit.address})
        case AdmitGap():
            yield Line("gap", {"phone": unit.contact_phone})
        case MeetObjection():
            yield Line(act.objection)
        case RefuseDiscount():
            yield Line("no_discount")
        case _:
            assert_never(act)


def _hours(act: GiveHours, telling: Telling) -> Line:
    hours = {"hours": words.hours(act.opening)}
    match act.about:
        case "closed_day":
            return Line("why_closed_weekday", hours)
        case "now" if act.opening.is_open_now:
            return Line("open_now", hours)
        case "now":
            return Line("closed_now", {**hours, "when": words.on_moment(act.opening.next_opening, telling.zone)})
        case _:
            return Line("hours", hours)


def _prices(act: GivePrices) -> tuple[Line, ...]:
    """Give the fees, then what they come to: for one student, or a line for each of several and the total."""
    quote = act.quote
    fees = Line(
        "prices",
        {"monthly": words.money(quote.monthly_per_subject), "enrolment": words.money(quote.enrolment_per_student)},
    )
    if len(quote.lines) > 1:
        values = {
            "lines": "\n".join(_line(line, nth) for nth, line in enumerate(quote.lines, start=1)),
            "monthly": words.money(quote.monthly_total),
            "first": words.money(quote.first_month_total),
        }
        return fees, Line("prices_several", values)
    if not quote.lines or not (quote.lines[0].subjects or act.asked_count):
        return (fees,)
    line = quote.lines[0]
    first = {"what": _what(line), "first": words.money(line.first_month)}
    if line.subject_count == 1:
        return fees, Line("prices_one", first, gap=" ")
    return fees, Line("prices_more", {**first, "monthly": words.money(line.monthly)}, gap=" ")


def _line(line: QuoteLine, nth: int) -> str:
    """`• Pedro (Matemática): R$ 375,00 por mês; primeiro mês R$ 475,00`."""
    who = line.student or f"{capital(words.ordinal(nth))} criança"
    return (
        f"• {who} ({_what(line)}): {words.money(line.monthly)} por mês; "
        f"primeiro mês, com a matrícula, {words.money(line.first_month)}"
    )


def _what(line: QuoteLine) -> str:
    return words.subjects(line.subjects) if line.subjects else words.count_of_subjects(line.subject_count)


def _days(days: tuple[tuple[date, str], ...]) -> str:
    return "\n".join(f"• {words.short_day(day)} ({name})" for day, name in days)
