"""One turn, read: fields first, then what it wants. Pure; the same text, moment and context give the same reading."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from dialogue_service.understanding import names
from dialogue_service.understanding.ages import age_words, find_ages
from dialogue_service.understanding.email_address import find_email, refused_email
from dialogue_service.understanding.grades import find_grades
from dialogue_service.understanding.intents import Said, by_importance, read_intents
from dialogue_service.understanding.intents.rule import SURE
from dialogue_service.understanding.page import Found, Page, blank
from dialogue_service.understanding.phone import find_phone
from dialogue_service.understanding.slots import Chosen, choose
from dialogue_service.understanding.students import Students, Values, count_children, put_together
from dialogue_service.understanding.subjects import count_subjects, find_subjects
from dialogue_service.understanding.temporal import Wish
from dialogue_service.understanding.values import (
    Classifier,
    Context,
    Fields,
    Intent,
    Span,
    Understanding,
)
from dialogue_service.understanding.wanted_time import find_wish, may_wish
from dialogue_service.understanding.whose_name import tell_apart

NO_CONTEXT = Context()
Shift: TypeAlias = Literal["earlier", "later"] | None
# Said beside an answer ("bom dia! Ana Souza", "Ana, e quanto custa?") these do not make it less of an answer.
_BESIDE_AN_ANSWER = frozenset({"greeting", "thanks", "goodbye", "affirm", "correct"})
_ABOUT_STUDENTS = frozenset({"student_age", "school_grade", "subjects"})
_ABOUT_THE_VISIT = frozenset({"time_preference", "slot", "confirm_slot"})
GROWN_UP = 18
_LOST = Intent(name="not_understood", confidence=0.2)
_EARLIER = re.compile(
    r"\b(?:(?:um pouco |bem |ainda )?mais cedo(?! (?:possivel|ou mais|do que ele))|antes diss[oe]"
    r"|(?:um )?pouco antes|mais para cedo)\b"
)
_LATER = re.compile(
    r"\b(?:(?:um pouco |bem |ainda )?mais tarde(?! (?:eu|te|vejo|respondo|aviso|falo|volto|retorno|confirmo|ou))"
    r"|depois diss[oe]|(?:um )?pouco depois|mais para (?:tarde|frente|o fim|o final))\b"
)


@dataclass(frozen=True, slots=True)
class _Lead:
    """What was found of the lead, and the page with those places blanked."""

    page: Page
    parent: Found[str] | None
    email: Found[str] | None
    phone: Found[str] | None
    students: Students


def understand(
    text: str, now: dt.datetime, context: Context = NO_CONTEXT, classify: Classifier | None = None
) -> Understanding:
    """Read what a parent wrote.

    `now` is an aware time in the unit's zone; `classify` is asked only for a text in which the grammar finds nothing.
    Never raises, does no I/O.
    """
    page = Page.of(text)
    context = _local(context, now)
    said = read_intents(page.text, context)
    lead = _read_lead(page, now, context, said)
    wish = find_wish(lead.page, now, context) if may_wish(said) else None
    if wish and context.stage == "booked" and any(each.name == "goodbye" for each in said):
        wish = None  # "até quinta" to who expects them
    chosen = choose(lead.page.rest, wish, context)
    if chosen and any(each.name in {"reject_slots", "reschedule_visit", "cancel_visit"} for each in said):
        chosen = None
    fields = _fields(page, lead, wish, chosen)
    shift = _shift(page.text) if context.offered and not chosen else None
    if chosen:
        said = [*said, Said("choose_slot", 0, chosen.confidence)]
    intents = _intents(said, fields, shift, text=text, classify=classify)
    return Understanding(
        text=text,
        intents=intents,
        fields=fields,
        confidence=intents[0].confidence,
        shift=shift,
        subject_count=count_subjects(_beside_the_time(page.text, wish, chosen)),
        child_count=count_children(page.text),
    )


def _local(context: Context, now: dt.datetime) -> Context:
    """Return the offered slots on the reader's clock, on which a parent names them."""
    if now.tzinfo is None or not context.offered:
        return context
    offered = tuple(slot.astimezone(now.tzinfo) if slot.tzinfo else slot for slot in context.offered)
    return context.model_copy(update={"offered": offered})


def _read_lead(page: Page, now: dt.datetime, context: Context, said: list[Said]) -> _Lead:
    """Each reader sees what those before it left over."""
    asked = context.asked
    email = find_email(page)
    page = _without(page, email)
    if refused := refused_email(page.text):
        page = page.without([refused])
    phone = find_phone(page)
    page = _without(page, phone)
    today = (now.year, now.month, now.day)
    grades = find_grades(page, asked)
    ages = find_ages(page.without((each.start, each.end) for each in grades), asked, today)
    subjects = find_subjects(page, asked)
    answers = _is_an_answer(page, said) and not (email or phone or ages or grades or subjects)
    parent = names.find_parent(page, asked, answers=answers)
    if parent and any(names.leads_to(page, parent, age.start) for age in ages if age.value.years < GROWN_UP):
        parent = None  # "o Lucas, de 6": the child's
    students = names.find_students(page, asked, [(age.start, age.end) for age in ages], answers=answers)
    knows_child = bool(context.student_names or students)
    other_asked = asked in _ABOUT_THE_VISIT or (asked in _ABOUT_STUDENTS and knows_child)
    if parent is None and context.parent_name is None and other_asked:
        parent = names.find_unasked(page, students, knows_child=knows_child)
    parent, students = tell_apart(page, parent, students, context)
    together = put_together(page, Values(students, ages, grades, subjects), asked)
    read: list[Found[Any]] = [*students, *ages, *grades, *subjects, *([parent] if parent else [])]
    page = page.without([*((each.start, each.end) for each in read), *age_words(page)])
    return _Lead(page, parent, email, phone, together)


def _without(page: Page, found: Found[str] | None) -> Page:
    return page.without([(found.start, found.end)]) if found else page


def _is_an_answer(page: Page, said: list[Said]) -> bool:
    """Whether a turn may be a bare answer: it wants nothing of its own."""
    return "?" not in page.text and {each.name for each in said} <= _BESIDE_AN_ANSWER


def _beside_the_time(text: str, wish: Wish | None, chosen: Chosen | None) -> str:
    """Return the text without its hours: "às duas" counts no subjects."""
    spans = [*(wish.spans if wish else ()), *([(chosen.start, chosen.end)] if chosen else [])]
    return blank(text, spans)


def _fields(page: Page, lead: _Lead, wish: Wish | None, chosen: Chosen | None) -> Fields:
    spans: list[Span] = list(lead.students.spans)
    for field, found in (("parent_name", lead.parent), ("email", lead.email), ("phone", lead.phone)):
        if found:
            spans.append(page.span(field, found.start, found.end))
    if chosen:
        spans.append(page.span("slot", chosen.start, chosen.end))
        wish = None
    elif wish:
        spans.extend(page.span("time_preference", start, end) for start, end in wish.spans)
    return Fields(
        parent_name=lead.parent.value if lead.parent else None,
        students=lead.students.students,
        email=lead.email.value if lead.email else None,
        phone=lead.phone.value if lead.phone else None,
        time_preference=wish.preference if wish else None,
        slot=chosen.slot if chosen else None,
        slot_candidates=chosen.candidates if chosen else (),
        spans=tuple(sorted(spans, key=lambda span: (span.start, span.end, span.field))),
    )


def _shift(text: str) -> Shift:
    if _EARLIER.search(text):
        return "earlier"
    return "later" if _LATER.search(text) else None


def _intents(
    said: list[Said], fields: Fields, shift: Shift, *, text: str, classify: Classifier | None
) -> tuple[Intent, ...]:
    said = list(said)
    if fields.slot:
        said = [each for each in said if each.name not in {"book", "deny", "affirm"}]
    if shift:
        said.append(Said("reject_slots", 0, SURE))
    if _gives(fields):
        said.append(Said("provide", 0, SURE))
    if said:
        return by_importance(said)
    known = classify(text) if classify and text.strip() else ()
    return tuple(known) or (_LOST,)


def _gives(fields: Fields) -> bool:
    return bool(fields.parent_name or fields.students or fields.email or fields.phone or fields.time_preference)
