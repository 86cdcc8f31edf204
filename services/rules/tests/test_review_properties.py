"""Whatever the slots and the amounts are: true ones leave, others do not."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from assistant.testing_volume import volume
from contracts.dialogue import ReplyProposed, Slot
from contracts.rules import QuoteFor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules_service.claims import UnitKnows, judge
from rules_service.facts import Facts
from rules_service.hours import Calendar
from rules_service.quote import quote
from rules_service.review import Reviewer
from rules_service.wording import money

Propose = Callable[..., ReplyProposed]
NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))
WEEKDAYS = ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo")
MONTHS = {9: "setembro", 10: "outubro", 11: "novembro", 12: "dezembro", 1: "janeiro"}
MORE = (
    "Amanhã, terça-feira, das 9h às 12h.",
    "Hoje a unidade abre às 14h.",
    "Dia 25/12 a unidade não abre.",
    "Thank you, the agente is here!",
    "Hello Ana, gracias y hola.",
    "Moro na Rua das Flores, 12, sala 3.",
    "Mensalidade de R$ 375,00.",
    "Ele tem 11 anos e vem às 15h30 na quarta.",
)
same_fixtures = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=volume(60, thorough=150),
)


def slots(facts: Facts, now: datetime) -> list[Slot]:
    """Every half hour that the unit could offer in the next 14 days."""
    calendar, half = Calendar(facts.file), timedelta(minutes=30)
    days = [calendar.local(now).date() + timedelta(days=n) for n in range(15)]
    return [
        Slot(start=start + n * half, end=start + (n + 1) * half)
        for day in days
        for start, end in calendar.periods(day)
        for n in range((end - start) // half)
        if start + n * half >= now + timedelta(hours=2)
    ]


def wordings(at: datetime) -> list[str]:
    """As dialogue's templates and people write a moment."""
    weekday, date = WEEKDAYS[at.weekday()], f"{at:%d/%m}"
    hour = f"{at.hour}h{at.minute:02d}" if at.minute else f"{at.hour}h"
    return [
        f"1) {weekday}, {date}, {at.hour}h{at.minute:02d}",
        f"Fica *{weekday}, {at.day} de {MONTHS[at.month]}, às {hour}* — confirma?",
        f"Posso marcar no dia {at.day}, às {at:%H:%M}?",
        f"Que tal {weekday.removesuffix('-feira')} ({date}) às {hour}?",
        f"Sua visita: {date}/{at.year}, {hour}.",
    ]


def test_every_slot_of_the_next_two_weeks_leaves_when_offered_or_booked_and_only_then(
    reviewer: Reviewer, propose: Propose, facts: Facts
) -> None:
    every = slots(facts, NOW)
    assert len(every) == 126
    for slot in every:
        others = [other for other in every if other != slot]
        for text in wordings(slot.start):
            for template in (True, False):
                assert reviewer.review(propose(text, template=template, offered_slots=(slot,))).replaced == (), text
                booked = propose(text, template=template, offered_slots=(), booked_slot=slot)
                assert reviewer.review(booked).replaced == (), text
                stranger = propose(text, template=template, offered_slots=(), own_data=("Ana",))
                assert reviewer.review(stranger).replaced, text
        near = propose(*wordings(slot.start), offered_slots=tuple(others[:3]), own_data=("Ana",))
        assert len(reviewer.review(near).replaced) == (5 if slot not in others[:3] else 0)


@same_fixtures
@given(ahead=st.timedeltas(timedelta(), timedelta(days=60)), picks=st.tuples(st.integers(0, 200), st.integers(1, 99)))
def test_a_slot_leaves_only_as_itself_whenever_it_is_offered(
    reviewer: Reviewer, propose: Propose, facts: Facts, ahead: timedelta, picks: tuple[int, int]
) -> None:
    now = NOW.replace(month=9, day=1, hour=0, minute=0) + ahead
    every = slots(facts, now)
    slot = every[picks[0] % len(every)]
    offered = propose(*wordings(slot.start), at=now, offered_slots=(slot,))
    assert reviewer.review(offered).replaced == ()
    wrong = every[sum(picks) % len(every)]
    if wrong != slot:
        mistaken = propose(*wordings(slot.start), at=now, offered_slots=(wrong,), own_data=("Ana",))
        assert len(reviewer.review(mistaken).replaced) == 5


students = st.lists(
    st.builds(
        QuoteFor, subjects=st.lists(st.sampled_from(["matematica", "portugues", "ingles"]), min_size=1).map(tuple)
    ),
    min_size=1,
    max_size=6,
)


@same_fixtures
@given(students=students)
def test_every_quote_may_be_said(reviewer: Reviewer, propose: Propose, facts: Facts, students: list[QuoteFor]) -> None:
    priced = quote(facts.file.prices, students)
    lines = [
        f"• {len(line.subjects)} matéria(s): {money(line.monthly)} por mês; "
        f"primeiro mês, com a matrícula, {money(line.first_month)}"
        for line in priced.lines
    ]
    total = (
        f"No total, são *{money(priced.monthly_total)}* por mês; no primeiro mês, com as matrículas, "
        f"*{money(priced.first_month_total)}*."
    )
    assert reviewer.review(propose("\n".join(lines), total)).replaced == ()


@same_fixtures
@given(cents=st.integers(1, 900_000))
def test_an_amount_that_no_quote_can_produce_never_leaves(
    reviewer: Reviewer, propose: Propose, facts: Facts, cents: int
) -> None:
    amount = Decimal(cents) / 100
    prices = facts.file.prices
    possible = {
        monthly * prices.monthly_per_subject + enrolled * prices.enrolment_per_student
        for monthly in range(19)
        for enrolled in range(7)
    }
    texts = (
        f"A mensalidade é de {money(amount)} por matéria.",
        f"O primeiro mês fica em *{money(amount)}*, já com a matrícula.",
        f"No total, {money(amount)}.",
        f"São {f'{amount:.2f}'.replace('.', ',')} reais.",
        f"Custa R${amount:.2f}",
    )
    if amount not in possible:
        for template in (True, False):
            reviewed = reviewer.review(propose(*texts, template=template))
            assert [each.claim for each in reviewed.replaced] == ["price"] * len(texts)


@pytest.mark.parametrize("noise", ["\u200b", "*", "_"])
@pytest.mark.parametrize(
    "text", ["A mensalidade é R$ 3{}50,00.", "Ligue para (51) 99692-1{}998.", "Às 1{}8h, pode vir!"]
)
def test_marks_inside_a_number_hide_nothing(reviewer: Reviewer, propose: Propose, text: str, noise: str) -> None:
    assert reviewer.review(propose(text.format(noise), template=False)).replaced


@same_fixtures
@given(text=st.text(max_size=200), template=st.booleans())
def test_any_text_is_reviewed_into_something_that_can_be_sent(
    reviewer: Reviewer, propose: Propose, text: str, template: bool
) -> None:
    reviewed = reviewer.review(propose(text, template=template))
    assert len(reviewed.bubbles) == 1
    assert reviewed.bubbles[0].strip()


@same_fixtures
@given(data=st.data(), strict=st.booleans())
def test_a_conversations_own_data_make_nothing_false(facts: Facts, data: st.DataObject, strict: bool) -> None:
    unit, near = UnitKnows.of(facts.file), Calendar(facts.file).near(NOW.date())
    sentences = [line for piece in facts.knowledge for line in re.split(r"(?<=[.!?]) ", piece.text)]
    words = [word for line in sentences for word in line.split()]
    text = " ".join(data.draw(st.lists(st.sampled_from([*sentences, *MORE]), min_size=1, max_size=4)))
    own = data.draw(st.lists(st.sampled_from([*sentences, *MORE, *words]) | st.text(max_size=20), max_size=4))
    if judge._may_always_say(text, unit, near, strict=strict):
        assert judge._false_claim(text, unit.on(near, own=own), strict=strict, counts=True) is None
