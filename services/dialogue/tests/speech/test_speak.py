import re
from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
from contracts.dialogue import Lead, Slot, Student
from contracts.ingress import MessageKind
from contracts.rules import QuoteFor
from dialogue_service.decision import acts as say
from dialogue_service.decision.acts import AnyAct
from dialogue_service.decision.state import Conversation, FieldTopic
from dialogue_service.decision.turn import Step
from dialogue_service.speech import Spoken, speak
from dialogue_service.speech.bubbles import Paragraph, bubbles
from dialogue_service.speech.lines import Telling
from dialogue_service.speech.rendering import lines_of
from dialogue_service.speech.templates import TEMPLATES
from dialogue_service.speech.wishes import wish as in_words
from dialogue_service.testing_facts import CONTACT, MONDAY, UNIT, assessment, opening, quote, slot, wish
from dialogue_service.understanding.values import TimePreference

SLOT, EARLY, THIRD = slot("2026-11-24 14:30"), slot("2026-11-25 09:00"), slot("2026-11-26 16:30")
PHONE, ADDRESS = UNIT.contact_phone, UNIT.address
LEAD = Lead(
    parent_name="Ana Souza",
    phone="+5551987650001",
    email="ana@example.com",
    students=(Student(name="Pedro Souza", age=8, grade="ef3", subjects=("matematica", "portugues")), Student()),
    time_preference={"kind": "period", "period": "afternoon"},
)
WHOSE = (
    say.Whose(),
    say.Whose(name="Pedro"),
    say.Whose(nth=2),
    say.Whose(age=6, nth=1),
    say.Whose(name="Ana", is_self=True),
)
WHYS = get_args(say.WhyOther)
TWO = (QuoteFor(name="Pedro", subjects=("matematica", "portugues")), QuoteFor(subject_count=1))
OPENING = opening(MONDAY)
ACTS: tuple[AnyAct, ...] = (
    *(
        say.Greet(part=part, name=name, returning=bool(name), visit=visit, alone=alone)
        for part in get_args(say.DayPart)
        for name in (None, "Ana")
        for visit in (None, SLOT)
        for alone in (False, True)
    ),
    say.Apologise(),
    *(say.GivePrices(quote=quote(students)) for students in ((), TWO, TWO[:1], (QuoteFor(subjects=("ingles",)),))),
    *(say.GivePrices(quote=quote((QuoteFor(subject_count=count),)), asked_count=count) for count in (1, 2, 3)),
    *(say.GiveHours(opening=OPENING, about=about) for about in (None, "now", "closed_day")),
    say.GiveHours(opening=OPENING.model_copy(update={"is_open_now": not OPENING.is_open_now}), about="now"),
    say.GiveAddress(),
    say.GiveHolidays(days=((date(2026, 12, 4), "reforma"), (date(2026, 12, 25), "Natal"))),
    say.GivePassage(topic="ask_method", text="Cada aluno avança no *próprio ritmo*. 📚"),
    say.GivePassage(topic="general", text="Dá para estacionar na rua.", open=True),
    say.GiveVisit(slot=SLOT),
    say.AdmitGap(),
    say.SayWhoIAm(),
    *(say.MeetObjection(objection=objection) for objection in get_args(say.Objection)),
    say.RefuseDiscount(),
    say.BackToKumon(),
    *(say.NoteMedia(kind=kind) for kind in get_args(MessageKind)),
    say.NoteCall(),
    say.Meet(name="Ana"),
    *(
        say.Noted(values=values, heard=heard, corrected=corrected)
        for values in (
            say.KnownValues(parent_name="Ana Souza", email="ana@example.com"),
            say.KnownValues(student_name="Pedro", age=8, grade="ef3", subjects=("matematica", "ingles")),
            say.KnownValues(time=wish("period", period="morning")),
        )
        for heard, corrected in ((True, False), (False, True), (False, False))
    ),
    say.GiveNotice(),
    *(
        say.AskField(topic=topic, whose=whose, again=again)
        for topic in get_args(FieldTopic)
        for whose in WHOSE
        for again in (False, True)
    ),
    say.AskField(topic="parent_name", hint="Ana Souza"),
    say.MoveOn(),
    say.InviteToVisit(),
    say.InviteToVisit(is_self=True),
    *(
        say.OfferSlots(slots=slots, why=why, opening=OPENING, holiday=holiday, day=day, email=email)
        for slots in ((SLOT, EARLY, THIRD), (SLOT,))
        for why in (None, *WHYS)
        for holiday, day in ((None, None), ("Natal", date(2026, 12, 25)), (None, date(2026, 11, 28)))
        for email in (False, True)
    ),
    say.OfferSlots(slots=(SLOT, EARLY), rescheduling=True),
    say.OfferSlots(slots=(SLOT, EARLY), others=True),
    *(say.AskWhichSlot(slots=(SLOT, EARLY), listed=how) for how in ("fitting", "unclear")),
    say.AskWhichSlot(slots=(SLOT, EARLY)),
    *(say.ConfirmSlot(slot=SLOT, email=email, rescheduling=move) for email in (False, True) for move in (False, True)),
    say.GoWithoutEmail(),
    say.NoteOnTheWay(),
    say.ClarifyTime(),
    say.ClarifyTime(open=True),
    say.ClarifyTime(readings=((date(2026, 11, 24), "07:00"), (date(2026, 11, 24), "19:00"))),
    say.ClarifyTime(readings=((None, "07:00"), (None, "19:00"))),
    say.ClarifyTime(readings=((date(2026, 11, 24), None), (date(2026, 12, 1), None))),
    say.SayAlreadyBooked(slot=SLOT),
    say.SayNoVisit(),
    say.KeepVisit(slot=SLOT),
    say.ConfirmBooking(slot=SLOT),
    say.ConfirmBooking(slot=EARLY),
    *(say.ConfirmReschedule(slot=SLOT, by=by) for by in ("parent", "unit")),
    *(say.ConfirmCancellation(slot=SLOT, by=by) for by in ("parent", "unit")),
    say.Remind(slot=SLOT),
    say.ThankForConfirming(slot=SLOT),
    say.SayCalendarIsSlow(slot=SLOT),
    *(
        say.HandOver(reason=reason, calendar=calendar, opens_at=opens_at)
        for reason in get_args(say.HandoffReason)
        for calendar in (False, True)
        for opens_at in (None, EARLY.start)
    ),
    say.ConfirmOptOut(),
    say.ReportData(lead=LEAD, visit=SLOT),
    say.ReportData(lead=Lead()),
    say.ConfirmErasure(),
    *(
        say.Welcome(to=to, name=name, visit=visit)
        for to in get_args(say.Polite)
        for name in (None, "Ana")
        for visit in (None, SLOT)
    ),
    say.AcceptRefusal(),
    say.SayNotUnderstood(),
    say.AskHowToHelp(),
    say.SlowDown(),
    say.ExcuseSilence(),
)
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
FORBIDDEN = re.compile(r"\b(human[oa]s?|atendentes?|agentes?|equipes?|consultor(?:a|es|as)?)\b", re.IGNORECASE)


def said(*acts: AnyAct, conversation: str = "cnv_0", state: Conversation | None = None, **more: str) -> Spoken:
    known = state or Conversation(contact=CONTACT, instance="kumon", lead=LEAD)
    return speak(Step(state=known, acts=acts), assessment(), conversation, **more)


def text_of(spoken: Spoken) -> str:
    return "\n".join(bubble.text for bubble in spoken.bubbles)


def test_every_act_is_in_the_table() -> None:
    assert {type(act) for act in ACTS} == set(get_args(AnyAct))


def test_every_template_is_used_by_some_act() -> None:
    telling = [
        Telling(acts=(act,), assessment=assessment(), state=Conversation(contact=CONTACT, instance="x")) for act in ACTS
    ]
    used = {line.template for each in telling for line in lines_of(each.acts[0], each)}
    used |= {
        line.template for line in lines_of(ACTS[0], Telling((ACTS[0], say.SayWhoIAm()), assessment(), telling[0].state))
    }
    invited = telling[0].state.but(said={"invite": 1})
    used |= {line.template for line in lines_of(say.InviteToVisit(), Telling((), assessment(), invited))}
    assert used - {"passage"} == set(TEMPLATES)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: type(act).__name__)
@pytest.mark.parametrize("conversation", ["cnv_0", "cnv_1", "cnv_2", "cnv_3"])
def test_every_act_is_said_in_the_style_of_the_reception(act: AnyAct, conversation: str) -> None:
    (bubble,) = said(act, conversation=conversation).bubbles
    text = bubble.text
    assert bubble.template
    assert not re.search(r"[{}]|None|\bTrue\b|\*\*", text)
    assert not FORBIDDEN.search(text)
    assert len(EMOJI.findall(text)) <= 2
    assert len(text) < 400 or "\n1) " in text or "\n• " in text
    assert text == text.strip()
    assert not re.search(r"[ \n]{3,}|[.!?,]{2,}| [,.!?]|\n ", text)
    assert text.count("*") % 2 == 0
    assert text.count("?") == act.asks
    assert not act.asks or text.endswith("?")


@pytest.mark.parametrize("act", [act for act in ACTS if isinstance(act, say.HandOver)], ids=lambda act: act.reason)
def test_a_handover_gives_the_number_and_says_when_the_unit_opens(act: say.HandOver) -> None:
    text = text_of(said(act))
    assert PHONE in text
    assert ("na quarta-feira, 25 de novembro, às 9h" in text) == (act.opens_at is not None)


@pytest.mark.parametrize(
    "act", [say.AdmitGap(), say.NoteCall(), say.SlowDown(), say.ExcuseSilence(), say.ConfirmBooking(slot=SLOT)]
)
def test_the_contact_number_is_where_it_must_be(act: AnyAct) -> None:
    assert PHONE in text_of(said(act))


@pytest.mark.parametrize("act", [say.ConfirmBooking(slot=SLOT), say.ConfirmReschedule(slot=SLOT)])
def test_a_confirmation_has_day_time_address_reminder_and_number(act: AnyAct) -> None:
    text = text_of(said(act))
    assert "terça-feira, 24 de novembro, às 14h30" in text
    assert ADDRESS in text
    assert "2 horas antes" in text
    assert PHONE in text


def test_an_early_visit_is_reminded_the_day_before() -> None:
    assert "na véspera" in text_of(said(say.ConfirmBooking(slot=EARLY)))
    assert "na véspera" not in text_of(said(say.ConfirmBooking(slot=SLOT)))


def test_slots_are_offered_one_a_line() -> None:
    text = text_of(said(say.OfferSlots(slots=(SLOT, EARLY, THIRD), email=True)))
    assert "\n1) terça-feira, 24/11, 14h30\n2) quarta-feira, 25/11, 9h00\n3) quinta-feira, 26/11, 16h30\n" in text
    assert "e-mail" in text


def test_slots_keep_the_numbers_under_which_they_were_offered() -> None:
    state = Conversation(contact=CONTACT, instance="kumon", offered=(SLOT, EARLY, THIRD))
    text = text_of(said(say.AskWhichSlot(slots=(SLOT, THIRD), listed="fitting"), state=state))
    assert "1) terça-feira, 24/11, 14h30\n3) quinta-feira, 26/11, 16h30" in text


@pytest.mark.parametrize(
    "students,asked_count,money",
    [
        ((), None, {"375,00", "100,00"}),
        ((QuoteFor(subjects=("matematica",)),), None, {"375,00", "100,00", "475,00"}),
        ((QuoteFor(subjects=("matematica", "portugues")),), None, {"375,00", "100,00", "750,00", "850,00"}),
        ((QuoteFor(subject_count=3),), 3, {"375,00", "100,00", "1.125,00", "1.225,00"}),
        (TWO, None, {"375,00", "100,00", "750,00", "850,00", "475,00", "1.125,00", "1.325,00"}),
    ],
)
def test_a_price_answer_names_the_fees_and_the_right_totals(
    students: tuple[QuoteFor, ...], asked_count: int | None, money: set[str]
) -> None:
    for conversation in ("cnv_0", "cnv_1", "cnv_2"):
        text = text_of(said(say.GivePrices(quote=quote(students), asked_count=asked_count), conversation=conversation))
        assert set(re.findall(r"R\$ ([\d.]+,\d\d)", text)) == money


def test_each_of_several_students_has_a_line() -> None:
    text = text_of(said(say.GivePrices(quote=quote(TWO))))
    assert "• Pedro (Matemática e Português): R$ 750,00 por mês" in text
    assert "• Segunda criança (1 matéria): R$ 375,00 por mês" in text


def test_variants_take_turns_and_the_count_goes_on_in_the_state() -> None:
    first = said(say.GiveAddress())
    second = said(say.GiveAddress(), state=first.state)
    third = said(say.GiveAddress(), state=second.state)
    assert text_of(first) != text_of(second)
    assert text_of(first) == text_of(third)
    assert third.state.said == {"address": 3}


def test_several_corrections_are_one_sentence() -> None:
    own = say.Noted(values=say.KnownValues(parent_name="Ana"), corrected=True)
    child = say.Noted(values=say.KnownValues(student_name="Pedro", age=9), corrected=True)
    text = text_of(said(own, child))
    assert "seu nome é *Ana*; *Pedro*, *9 anos*." in text


def test_a_short_reply_is_one_bubble_that_names_its_templates() -> None:
    greeting = say.Greet(part="morning")
    (bubble,) = said(greeting, say.GiveAddress(), say.AskField(topic="parent_name")).bubbles
    assert bubble.template == "greeting+address+ask_parent_name"


def test_a_long_reply_is_at_most_three_bubbles_with_two_emojis_and_the_question_last() -> None:
    passages = tuple(say.GivePassage(topic=str(nth), text=f"{'muito a dizer ' * 24}📚") for nth in range(6))
    spoken = said(say.Greet(part="morning"), *passages, say.AskField(topic="parent_name"))
    assert len(spoken.bubbles) == 3
    assert len(EMOJI.findall(text_of(spoken))) == 2
    assert text_of(spoken).endswith("?")


@pytest.mark.parametrize("length,count", [(100, 1), (190, 2), (399, 3)])
def test_bubbles_are_filled_and_not_overfilled(length: int, count: int) -> None:
    made = bubbles([Paragraph("x" * length, "x" * length, ("t",))] * 3)
    assert len(made) == count
    assert all(len(bubble.text) < 400 for bubble in made)


def test_an_emoji_too_many_leaves_no_hole() -> None:
    texts = ("Um 😊", "Dois 😊", "Três 😊.", "📍 Quatro", "Cinco\n📅 seis")
    made = bubbles(Paragraph(text, text, ("t",)) for text in texts)
    assert made[0].text == "Um 😊\n\nDois 😊\n\nTrês.\n\nQuatro\n\nCinco\nseis"


def test_a_phrased_answer_carries_the_safe_text() -> None:
    passage = say.GivePassage(topic="general", text="A rua tem vagas.", open=True)
    (bubble,) = said(passage, say.AskHowToHelp(), phrasing="Dá para parar na rua, sim.").bubbles
    assert bubble.template is None
    assert bubble.text.startswith("Dá para parar na rua, sim.\n\n")
    assert bubble.safe_text is not None
    assert bubble.safe_text.startswith("A rua tem vagas.\n\n")
    assert bubble.text.rsplit("\n", 1)[1] == bubble.safe_text.rsplit("\n", 1)[1]


def test_who_asks_for_the_truth_is_told_once_that_she_is_an_assistant() -> None:
    text = text_of(said(say.Greet(part="morning"), say.SayWhoIAm()))
    assert text.count("assistente virtual") == 1


def test_the_free_assessment_is_told_once() -> None:
    text = text_of(said(say.MeetObjection(objection="object_price"), say.InviteToVisit()))
    assert text.count("avaliação diagnóstica") == 1


@pytest.mark.parametrize(
    "act,purpose",
    [
        (say.GiveAddress(), "answer"),
        (say.AskHowToHelp(), "question"),
        (say.OfferSlots(slots=(SLOT,)), "offer"),
        (say.ConfirmBooking(slot=SLOT), "confirmation"),
        (say.Remind(slot=SLOT), "reminder"),
        (say.ConfirmErasure(), "notice"),
        (say.HandOver(reason="complaint"), "handoff"),
        (say.Welcome(), "closing"),
    ],
)
def test_the_weightiest_act_says_what_a_reply_is_for(act: AnyAct, purpose: str) -> None:
    assert said(say.Greet(part="morning"), act).purpose == purpose


def test_a_reply_may_name_its_own_slots_and_the_values_of_the_conversation() -> None:
    state = Conversation(contact=CONTACT, instance="kumon", lead=LEAD, offered=(SLOT,), pending=EARLY)
    spoken = said(say.ConfirmSlot(slot=THIRD), state=state)
    assert spoken.offered_slots == (SLOT, EARLY, THIRD)
    assert {"Ana Souza", "Ana", "Pedro", "ana@example.com", "8 anos", "3º ano", "(51) 98765-0001"} <= set(
        spoken.own_data
    )
    assert "à tarde" in spoken.own_data


@pytest.mark.parametrize(
    "act,named",
    [
        (say.OfferSlots(slots=(SLOT,), why="holiday", holiday="Natal", day=date(2026, 12, 25)), "sexta-feira, 25/12"),
        (say.ClarifyTime(readings=((None, "07:00"), (None, "19:00"))), "às 19h"),
        (say.AskField(topic="parent_name", hint="Bia Lima"), "Bia Lima"),
        (say.HandOver(reason="abuse", opens_at=EARLY.start), "quarta-feira, 25 de novembro, às 9h"),
        (say.GiveHolidays(days=((date(2026, 12, 4), "reforma"),)), "sexta-feira, 04/12 (reforma)"),
    ],
)
def test_days_and_names_that_an_act_repeats_are_own_data(act: AnyAct, named: str) -> None:
    assert named in said(act).own_data


@pytest.mark.parametrize("act", [say.GiveVisit(slot=SLOT), say.Welcome(visit=SLOT), say.Remind(slot=SLOT)])
def test_the_visit_that_a_reply_is_about_is_its_booked_slot(act: AnyAct) -> None:
    assert said(act).booked_slot == SLOT


def test_a_step_without_acts_has_no_bubbles() -> None:
    assert said().bubbles == ()


@pytest.mark.parametrize(
    "preference,expected",
    [
        (wish("period", period="morning"), "de manhã"),
        (wish("weekdays", weekdays=["tue", "thu"], period="afternoon"), "terça ou quinta-feira, à tarde"),
        (wish("window", exclude_weekdays=["mon"], exclude_period="morning"), "menos segunda-feira, menos de manhã"),
        (wish("instant", date="2026-11-24", start="14:30"), "terça-feira, 24/11, às 14h30"),
        (
            wish("window", earliest="2026-11-30", latest="2026-12-04", start="14:00"),
            "de 30/11 a 04/12, a partir das 14h",
        ),
        (wish("window", earliest="2026-11-30", end="16:00"), "a partir de 30/11, até 16h"),
        (wish("window", latest="2026-11-30", start="14:00", end="16:00"), "até 30/11, das 14h às 16h"),
        (wish("window"), "qualquer horário"),
        (
            wish(
                "window", options=[{"kind": "weekdays", "weekdays": ["mon"]}, {"kind": "period", "period": "evening"}]
            ),
            "segunda-feira ou à noite",
        ),
    ],
)
def test_a_wish_is_told_in_words(preference: TimePreference, expected: str) -> None:
    assert in_words(preference) == expected


def test_everything_that_is_known_is_reported() -> None:
    text = text_of(said(say.ReportData(lead=LEAD, visit=SLOT)))
    for value in (
        "Ana Souza",
        "(51) 98765-0001",
        "ana@example.com",
        "Pedro Souza, 8 anos, 3º ano",
        "à tarde",
        "24 de novembro",
    ):
        assert value in text


def test_money_is_exact() -> None:
    expensive = quote((QuoteFor(subjects=("matematica",)),)).model_copy(
        update={"monthly_per_subject": Decimal("389.90")}
    )
    assert "R$ 389,90" in text_of(said(say.GivePrices(quote=expensive)))


def test_a_slot_in_another_zone_is_told_in_the_zone_of_the_unit() -> None:
    moved = Slot(start=SLOT.start.astimezone(tz=None), end=SLOT.end)
    assert "14h30" in text_of(said(say.ConfirmBooking(slot=moved)))
