"""One turn, read: fields first, then what it wants. Pure; the same text, moment and context give the same reading."""

import datetime as dt
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from dialogue_service.understanding import names
from dialogue_service.understanding.ages import AgeReading, age_words, find_ages
from dialogue_service.understanding.email_address import find_email
from dialogue_service.understanding.grades import GradeReading, find_grades
from dialogue_service.understanding.intents import Said, by_importance, read_intents
from dialogue_service.understanding.intents.rule import SURE
from dialogue_service.understanding.page import Found, Page, blank
from dialogue_service.understanding.phone import find_phone
from dialogue_service.understanding.slots import Chosen, choose
from dialogue_service.understanding.students import Students, count_children, put_together
from dialogue_service.understanding.subjects import count_subjects, find_subjects
from dialogue_service.understanding.temporal import Almanac, Wish, read_wish
from dialogue_service.understanding.temporal.idioms import without_idioms
from dialogue_service.understanding.values import (
    Classifier,
    Context,
    Fields,
    Intent,
    Span,
    Subject,
    TimePreference,
    Understanding,
)

NO_CONTEXT = Context()
# From this likeness on, 0 to 1, a corrected name is taken for a known one ("Maria" and "Mariana": 0.83).
ALIKE = 0.6
# Said beside an answer ("bom dia! Ana Souza", "Ana, e quanto custa?") these do not make it less of an answer.
_BESIDE_AN_ANSWER = frozenset({"greeting", "thanks", "goodbye", "affirm", "correct"})
_LOST = Intent(name="not_understood", confidence=0.2)
_EARLIER = re.compile(r"\b(?:(?:um pouco |bem |ainda )?mais cedo(?! (?:possivel|ou mais|do que ele))|antes diss[oe]|(?:um )?pouco antes|mais para cedo)\b")
_LATER = re.compile(r"\b(?:(?:um pouco |bem |ainda )?mais tarde(?! (?:eu|te|vejo|respondo|aviso|falo|volto|retorno|confirmo|ou))|depois diss[oe]|(?:um )?pouco depois|mais para (?:tarde|frente|o fim|o final))\b")
_BOTH_SUBJECTS = re.compile(r"\bas (?:duas|2|tres|3)\b")
_LONE_NUMBER = re.compile(r"^\D{0,12}?(?P<n>\d{1,2})\D{0,3}$")


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
    wish = _read_wish(lead.page, now, context) if _may_wish(said) else None
    chosen = choose(lead.page.rest, wish, context)
    if chosen and any(each.name in {"reject_slots", "reschedule_visit", "cancel_visit"} for each in said):
        chosen = None
    fields = _fields(page, lead, wish, chosen)
    shift = _shift(page.text) if context.offered and not chosen else None
    intents = _intents(text, said, fields, chosen, shift, classify)
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
    """The offered slots on the reader's clock, on which a parent names them."""
    if now.tzinfo is None or not context.offered:
        return context
    offered = tuple(slot.astimezone(now.tzinfo) if slot.tzinfo else slot for slot in context.offered)
    return context.model_copy(update={"offered": offered})


def _read_lead(page: Page, now: dt.datetime, context: Context, said: list[Said]) -> _Lead:
    """Each reader sees what those before it left over."""
    asked = context.asked
    email = find_email(page)
    page = _without(page, email)
    phone = find_phone(page)
    page = _without(page, phone)
    today = (now.year, now.month, now.day)
    grades = find_grades(page, asked)
    ages = find_ages(page.without((each.start, each.end) for each in grades), asked, today)
    subjects = find_subjects(page, asked)
    answers = _is_an_answer(page, said) and not (email or phone or ages or grades or subjects)
    parent = names.find_parent(page, asked, answers=answers)
    students = names.find_students(page, asked, [(age.start, age.end) for age in ages], answers=answers)
    parent, students = _tell_apart(page, parent, students, context)
    together = put_together(page, students, ages, grades, subjects, asked)
    read = [*students, *ages, *grades, *subjects, *([parent] if parent else [])]
    page = page.without([*((each.start, each.end) for each in read), *age_words(page)])
    return _Lead(page, parent, email, phone, together)


def _may_wish(said: list[Said]) -> bool:
    """A day beside a cancellation, a class or a complaint is theirs."""
    wanted = {each.name for each in said}
    return bool(wanted & {"book", "reschedule_visit"}) or not wanted & {"cancel_visit", "class_admin", "complain", "insult"}


def _without(page: Page, found: Found[str] | None) -> Page:
    return page.without([(found.start, found.end)]) if found else page


def _is_an_answer(page: Page, said: list[Said]) -> bool:
    """Whether a turn may be a bare answer: it wants nothing of its own."""
    return "?" not in page.text and {each.name for each in said} <= _BESIDE_AN_ANSWER


def _tell_apart(
    page: Page, parent: Found[str] | None, students: list[Found[str]], context: Context
) -> tuple[Found[str] | None, list[Found[str]]]:
    """A name spelled out belongs to whom that name is known of; a name read as both is the one that leads."""
    spelled = names.find_spelled(page)
    if spelled:
        return _spelled_for(spelled, parent, students, context)
    if parent:
        students = [each for each in students if each.end <= parent.start or parent.end <= each.start]
    corrected = None if parent or students else names.find_corrected(page)
    if corrected:
        return _corrected_for(corrected, context)
    return parent, students


def _spelled_for(
    spelled: Found[str], parent: Found[str] | None, students: list[Found[str]], context: Context
) -> tuple[Found[str] | None, list[Found[str]]]:
    def same(known: str | None) -> bool:
        return known is not None and _skeleton(known.split()[0]) == _skeleton(spelled.value.split()[0])

    others = [each for each in students if not same(each.value) and each.start != spelled.start]
    of_student = any(same(each) for each in context.student_names) or any(same(each.value) for each in students)
    of_parent = same(context.parent_name) or (parent is not None and same(parent.value))
    if not (of_student or of_parent):
        of_student = (context.asked or "").startswith(("student", "school", "subjects"))
        of_parent = not of_student
    if of_student and not of_parent:
        kept = parent if parent and not same(parent.value) else None
        return kept, sorted([*others, spelled], key=lambda each: each.start)
    return spelled, others


def _corrected_for(name: Found[str], context: Context) -> tuple[Found[str] | None, list[Found[str]]]:
    """ "Não, é Mariana": the name that it resembles, else the one that was asked for last."""
    resembles_student = max((_likeness(name.value, each) for each in context.student_names), default=0.0)
    resembles_parent = _likeness(name.value, context.parent_name) if context.parent_name else 0.0
    if max(resembles_parent, resembles_student) > ALIKE:
        return (name, []) if resembles_parent >= resembles_student else (None, [name])
    if context.asked == "parent_name":
        return name, []
    return None, [name] if context.asked in {"student_name", "student_age", "school_grade"} else []


def _likeness(one: str, other: str) -> float:
    first, second = (_skeleton(each.split()[0]) for each in (one, other))
    return SequenceMatcher(None, first, second).ratio()


def _skeleton(name: str) -> str:
    """The sound of a name, more or less: without doubled letters, h, and the letters that stand for each other."""
    plain = re.sub(r"(.)\1", r"\1", names.fold(name).replace("h", ""))
    return plain.translate(str.maketrans("ykwz", "icvs"))


def _calm(page: Page, asked: str | None) -> str:
    """What is left for a time; "as duas" in answer to "which subjects?" is no hour."""
    text = without_idioms(page.rest)
    return _BOTH_SUBJECTS.sub(lambda match: "#" * len(match.group()), text) if asked == "subjects" else text


def _read_wish(page: Page, now: dt.datetime, context: Context) -> Wish | None:
    almanac = Almanac(now, tuple(slot.date() for slot in context.offered))
    wish = read_wish(_calm(page, context.asked), almanac)
    if wish is None and context.asked == "time_preference":
        return _lone_number(page.rest, almanac)
    return wish


def _beside_the_time(text: str, wish: Wish | None, chosen: Chosen | None) -> str:
    """The text without its hours: "às duas" counts no subjects."""
    spans = [*(wish.spans if wish else ()), *([(chosen.start, chosen.end)] if chosen else [])]
    return blank(text, spans)


def _lone_number(text: str, almanac: Almanac) -> Wish | None:
    """ "15" in answer to "when?": an hour or a day, which must be asked; above 23 it is a day."""
    match = _LONE_NUMBER.match(text)
    day = almanac.day_of_month(int(match["n"])) if match else None
    if match is None or day is None:
        return None
    kind = "window" if int(match["n"]) > 23 else "ambiguous"
    preference = TimePreference(kind="window", date=day) if kind == "window" else TimePreference(kind="ambiguous")
    return Wish(preference, (match.span("n"),))


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


def _shift(text: str) -> "Shift":
    if _EARLIER.search(text):
        return "earlier"
    return "later" if _LATER.search(text) else None


def _intents(
    text: str, said: list[Said], fields: Fields, chosen: Chosen | None, shift: "Shift", classify: Classifier | None
) -> tuple[Intent, ...]:
    said = list(said)
    if chosen:
        said.append(Said("choose_slot", 0, SURE))
        said = [each for each in said if each.name not in {"book", "deny"}]
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


Shift = str | None
_Readings = AgeReading | GradeReading | Subject
