"""Endings in words: to the unit, good-byes, and what the law gives a person."""

from collections.abc import Iterator
from typing import TypeAlias, assert_never

from contracts.dialogue import HandoffReason, Student

from dialogue_service import words
from dialogue_service.decision.acts import (
    AcceptRefusal,
    ConfirmErasure,
    ConfirmOptOut,
    ExcuseSilence,
    HandOver,
    Polite,
    ReportData,
    SlowDown,
    Welcome,
)
from dialogue_service.speech.lines import Line, Telling
from dialogue_service.speech.wishes import wish
from dialogue_service.understanding.values import TimePreference

Ending: TypeAlias = (
    HandOver | ConfirmOptOut | ReportData | ConfirmErasure | Welcome | AcceptRefusal | SlowDown | ExcuseSilence
)

_HANDOVER: dict[HandoffReason, str] = {
    "complaint": "handover_complaint",
    "abuse": "handover_complaint",
    "negotiation": "handover_negotiation",
    "no_slots": "handover_no_slots",
    "not_understood": "handover_lost",
    "repeated_question": "handover_lost",
    "failure": "handover_lost",
}
_POLITE: dict[Polite, str] = {"thanks": "Por nada", "affirm": "Combinado", "goodbye": "Até logo"}


def ending(act: Ending, telling: Telling) -> Iterator[Line]:
    """Yield the lines of an act."""
    phone = {"phone": telling.unit.contact_phone}
    match act:
        case HandOver():
            yield from _hand_over(act, telling)
        case ConfirmOptOut():
            yield Line("opted_out")
        case ReportData():
            yield Line("data", {"values": _data(act, telling)})
        case ConfirmErasure():
            yield Line("erased")
        case Welcome():
            yield _welcome(act, telling)
        case AcceptRefusal():
            yield Line("refusal")
        case SlowDown():
            yield Line("slow_down", phone)
        case ExcuseSilence():
            yield Line("excuse", phone)
        case _:
            assert_never(act)


def _hand_over(act: HandOver, telling: Telling) -> tuple[Line, ...]:
    name = "handover_calendar" if act.calendar else _HANDOVER.get(act.reason, "handover")
    lines = [Line(name, {"phone": telling.unit.contact_phone})]
    if act.opens_at:
        when = words.on_moment(act.opens_at, telling.zone)
        lines.append(Line("opens_again", {"when": when}, gap=" "))
    return tuple(lines)


def _welcome(act: Welcome, telling: Telling) -> Line:
    values = {"word": _POLITE[act.to], **({"name": act.name} if act.name else {})}
    if act.visit:
        day = words.on_day(act.visit.start.astimezone(telling.zone).date())
        return Line("welcome_visit_named" if act.name else "welcome_visit", {**values, "when": day})
    return Line("welcome_named" if act.name else "welcome", values)


def _data(act: ReportData, telling: Telling) -> str:
    """Every value that is known, one a line."""
    lead = act.lead
    known = (
        ("Nome", lead.parent_name),
        ("Telefone", lead.phone and words.phone(lead.phone)),
        ("E-mail", lead.email),
        *(("Aluno(a)", student) for student in map(_student, lead.students)),
        ("Preferência de horário", lead.time_preference and wish(TimePreference.model_validate(lead.time_preference))),
        ("Visita", act.visit and telling.when(act.visit)),
    )
    return "\n".join(f"• {name}: {value}" for name, value in known if value) or "• só este número de WhatsApp"


def _student(student: Student) -> str:
    parts = (
        student.name,
        student.age and words.years(student.age),
        student.grade and words.grade(student.grade),
        student.subjects and words.subjects(student.subjects),
    )
    return ", ".join(part for part in parts if part)
