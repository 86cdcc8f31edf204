"""What other services would say, for tests, made by hand: readings, facts, verdicts, free slots.

Monday 23 November 2026, 10:12 in São Paulo; the shipped unit; nothing is booked; only Friday 4 December is closed.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from contracts.calendar import Offer, SlotWish
from contracts.dialogue import HandoffReason, Slot
from contracts.ingress import Address
from contracts.preprocessor import Contact
from contracts.rules import (
    Assess,
    Assessment,
    ClosedDay,
    Opening,
    Passage,
    PriceQuote,
    QuoteFor,
    QuoteLine,
    UnitFacts,
    Verdict,
)

from dialogue_service.understanding.values import Fields, Intent, IntentName, Student, TimePreference, Understanding

ZONE = ZoneInfo("America/Sao_Paulo")
MONDAY = dt.datetime(2026, 11, 23, 10, 12, tzinfo=ZONE)
UNIT = UnitFacts(
    name="Kumon Vila A",
    persona="Cecília",
    address="Rua Amoreira, 571, salas 6 e 7, Jardim das Laranjeiras",
    contact_phone="(51) 99692-1999",
    email="kumonvilaa@gmail.com",
    timezone="America/Sao_Paulo",
    subjects=("matematica", "portugues", "ingles"),
    min_age=2,
    notice_h=2,
    horizon_days=14,
)
PERIODS = (("09:00", "12:00"), ("14:00", "17:00"))
CLOSED = (ClosedDay(day=dt.date(2026, 12, 4), name="reforma"),)
CONTACT = Contact(phone="+5551987650001", address=Address(jid="5551987650001@s.whatsapp.net", phone="+5551987650001"))
KNOWLEDGE = {
    "ask_method": "Cada aluno começa no nível em que está hoje e avança no *próprio ritmo*. 📚",
    "ask_material": "O material já está *incluído na mensalidade*.",
    "ask_holidays": "A unidade não abre nos feriados nacionais e do estado.",
    "ask_visit_info": "Na visita você conhece o método e o aluno faz uma *avaliação diagnóstica gratuita*.",
    "ask_subjects": "Temos *Matemática, Português e Inglês*.",
}
_AT_ONCE: dict[str, HandoffReason] = {
    "insult": "abuse",
    "complain": "complaint",
    "class_admin": "class_admin",
    "request_person": "person_request",
}
_COUNTED: dict[str, tuple[int, HandoffReason]] = {
    "negotiation": (2, "negotiation"),
    "beyond_knowledge": (2, "beyond_knowledge"),
    "not_understood": (3, "not_understood"),
    "repeated_question": (4, "repeated_question"),
}


def slot(text: str) -> Slot:
    """`2026-11-24 14:30` in the unit's zone."""
    start = dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)
    return Slot(start=start, end=start + dt.timedelta(minutes=30))


def wish(kind: str = "window", **keys: Any) -> TimePreference:
    """Build a wish from its JSON keys."""
    return TimePreference.model_validate({"kind": kind, **keys})


def reading(text: str, *intents: IntentName, confidence: float = 1.0, **given: Any) -> Understanding:
    """Build the reading of a turn; `given` are fields, or `shift`, `subject_count`, `child_count`."""
    others = {key: given.pop(key) for key in ("shift", "subject_count", "child_count") if key in given}
    students = tuple(Student.model_validate(student) for student in given.pop("students", ()))
    return Understanding(
        text=text,
        intents=tuple(Intent(name=name, confidence=confidence) for name in intents),
        fields=Fields(students=students, **given),
        confidence=confidence,
        **others,
    )


def opening(now: dt.datetime) -> Opening:
    """Return the unit's hours as of a moment."""
    local = now.astimezone(ZONE)
    works = local.weekday() < 5 and any(start <= f"{local:%H:%M}" < end for start, end in PERIODS)
    days = (local.date() + dt.timedelta(days=ahead) for ahead in range(8))
    starts = (dt.datetime.combine(day, dt.time(hour), ZONE) for day in days if day.weekday() < 5 for hour in (9, 14))
    return Opening(
        weekdays=(0, 1, 2, 3, 4),
        periods=PERIODS,
        is_open_now=works,
        next_opening=next(start for start in starts if start > local),
        slot_minutes=30,
    )


def quote(students: Sequence[QuoteFor]) -> PriceQuote:
    """Price students as rules do."""
    lines = tuple(map(_line, students or (QuoteFor(),)))
    return PriceQuote(
        monthly_per_subject=Decimal(375),
        enrolment_per_student=Decimal(100),
        lines=lines,
        monthly_total=sum((line.monthly for line in lines), Decimal()),
        enrolment_total=sum((line.enrolment for line in lines), Decimal()),
        first_month_total=sum((line.first_month for line in lines), Decimal()),
    )


def _line(student: QuoteFor) -> QuoteLine:
    count = student.subject_count or len(student.subjects) or 1
    return QuoteLine(
        student=student.name,
        subjects=student.subjects,
        subject_count=count,
        monthly=Decimal(375) * count,
        enrolment=Decimal(100),
        first_month=Decimal(375) * count + 100,
    )


def assessment(question: Assess | None = None, *, now: dt.datetime = MONDAY, found: str | None = None) -> Assessment:
    """Answer as rules would; `found` is the passage that an open question finds."""
    asked = question or Assess(now=now)
    passage = Passage(id="p", topic="general", title="", text=found, score=0.9) if found else None
    topics = {
        topic: Passage(id=topic, topic=topic, title="", text=KNOWLEDGE[topic], score=1.0)
        for topic in asked.topics
        if topic in KNOWLEDGE
    }
    return Assessment(
        facts_version="0123456789ab",
        unit=UNIT,
        verdict=_verdict(asked),
        quote=quote(asked.students),
        opening=opening(now),
        closed_days=CLOSED,
        topics=topics,
        passages=(passage,) if passage and asked.question else (),
        confident=bool(passage and asked.question),
    )


def _verdict(asked: Assess) -> Verdict:
    for intent, reason in _AT_ONCE.items():
        if intent in asked.intents:
            return Verdict(handoff=True, reason=reason)
    for counter, (at_least, reason) in _COUNTED.items():
        if asked.counters.get(counter, 0) >= at_least:
            return Verdict(handoff=True, reason=reason)
    return Verdict()


def free_slots(now: dt.datetime) -> list[Slot]:
    """Every slot that may be offered."""
    days = [(now.astimezone(ZONE) + dt.timedelta(days=ahead)).date() for ahead in range(15)]
    hours = ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30")
    every = [slot(f"{day} {hour}") for day in days if day.weekday() < 5 and day != CLOSED[0].day for hour in hours]
    return [each for each in every if each.start >= now + dt.timedelta(hours=2)]


def offer(wanted: SlotWish, now: dt.datetime, taken: Sequence[dt.datetime] = ()) -> Offer:
    """Choose three slots as the calendar would, if less cleverly: the first of a day, day by day."""
    free = [each for each in free_slots(now) if each.start not in taken and each.start not in wanted.exclude]
    if wanted.exact:
        exact = [each for each in free if each.start == wanted.exact]
        others = sorted(free, key=lambda each: abs(each.start - (wanted.exact or now)))
        slots = (*exact, *(each for each in others if each not in exact))[:3]
        return Offer(slots=slots, matches_wish=bool(exact), exact_free=bool(exact))
    fitting = [each for each in free if _fits(each, wanted)]
    firsts = {each.start.date(): each for each in reversed(fitting or free)}
    spread = sorted(firsts.values(), key=lambda each: each.start)[:3]
    more = [each for each in fitting or free if each not in spread][: 3 - len(spread)]
    return Offer(slots=(*spread, *more), matches_wish=bool(fitting))


def _fits(each: Slot, wanted: SlotWish) -> bool:
    day, hour = each.start.date(), f"{each.start:%H:%M}"
    return (
        (not wanted.days or day in wanted.days)
        and (not wanted.weekdays or day.weekday() in wanted.weekdays)
        and day.weekday() not in wanted.exclude_weekdays
        and (wanted.earliest or day) <= day <= (wanted.latest or day)
        and (wanted.start or hour) <= hour <= (wanted.end or hour)
    )
