"""One turn: from what it told and what was looked up to what is said and done."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.calendar import Availability
from contracts.dialogue import FieldChange, LeadQualified, LeadUpdated, Stage, Student, Subject
from contracts.rules import Assess, Assessment, QuoteFor

from dialogue_service.decision.acknowledging import acknowledge, move_on, note
from dialogue_service.decision.acts import Greet
from dialogue_service.decision.answers import answer, question_for_rules, turn_back
from dialogue_service.decision.closing import admit_confusion, close
from dialogue_service.decision.greeting import apologise_for_delay, greet, note_media, pass_over
from dialogue_service.decision.handoff import follow_verdict
from dialogue_service.decision.next_question import ask_next
from dialogue_service.decision.on_the_way import meet_on_the_way
from dialogue_service.decision.privacy import answer_privacy, respect_opt_out, respect_unit
from dialogue_service.decision.scene import Scene
from dialogue_service.decision.scheduling import schedule
from dialogue_service.decision.searching import search_for
from dialogue_service.decision.state import Hours
from dialogue_service.decision.turn import Known, SlotSearch, Step, Taken, topics_of
from dialogue_service.decision.visit_changes import change_visit

Part = Callable[[Scene], Scene]
MOST_SUBJECTS = 3

PARTS: tuple[Part, ...] = (
    respect_unit,
    respect_opt_out,
    answer_privacy,
    follow_verdict,
    pass_over,
    greet,
    apologise_for_delay,
    note_media,
    answer,
    turn_back,
    acknowledge,
    change_visit,
    meet_on_the_way,
    schedule,
    close,
    move_on,
    ask_next,
    note,
    admit_confusion,
)
"""In the order in which a reply is read: greeting, answers, acknowledgements, one step ahead, one question."""


def assess_for(taken: Taken, now: datetime) -> Assess:
    """Return what rules are to be asked for this turn."""
    understanding, state = taken.turn.understanding, taken.state
    return Assess(
        now=now,
        intents=understanding.names,
        topics=topics_of(understanding),
        question=question_for_rules(taken.turn),
        said=taken.turn.text or None,
        students=_quoted(taken) if understanding.has("ask_price", "object_price", "negotiate") else (),
        counters=state.counters.as_rules_know_them(),
    )


def _quoted(taken: Taken) -> tuple[QuoteFor, ...]:
    """List whom to quote for: the students with subjects, every one of several, or a bare number of subjects."""
    understanding, students = taken.turn.understanding, taken.state.students
    told = {student.subjects: None for student in understanding.fields.students if student.subjects}
    count = None if told or understanding.subject_count is None else min(understanding.subject_count, MOST_SUBJECTS)
    if len(students) > 1:
        same = next(iter(told)) if len(told) == 1 else ()
        return tuple(_quote_for(student, same, count) for student in students)
    if count:
        return (QuoteFor(subject_count=count),)
    if told:  # what is asked about now, whatever else interested them before
        subjects = tuple(dict.fromkeys(subject for each in told for subject in each))
        return (QuoteFor(name=students[0].name, subjects=subjects),)
    return tuple(QuoteFor(name=student.name, subjects=student.subjects) for student in students if student.subjects)


def _quote_for(student: Student, same: tuple[Subject, ...], count: int | None) -> QuoteFor:
    """Quote for one of several: their own subjects, else those asked about for all, else so many."""
    subjects = student.subjects or same
    return QuoteFor(name=student.name, subjects=subjects, subject_count=None if subjects else count or 1)


def questions_for_calendar(search: SlotSearch, conversation: str, now: datetime) -> tuple[Availability, ...]:
    """Return what the calendar is to be asked, one question for each alternative."""
    return tuple(Availability(conversation=conversation, now=now, wish=wish) for wish in search.wishes)


def search_in(taken: Taken, assessment: Assessment, now: datetime) -> SlotSearch | None:
    """Return which slots are wanted; none in a turn that ends with a handoff."""
    if assessment.verdict.handoff:
        return None
    return search_for(taken, now, ZoneInfo(assessment.unit.timezone))


def decide(taken: Taken, known: Known, search: SlotSearch | None, now: datetime) -> Step:
    """Return what follows from a turn: a new state, what is said, what happened, and how the turn ends."""
    assessment = known.assessment
    hours = Hours(opening=assessment.opening, closed_days=assessment.closed_days, timezone=assessment.unit.timezone)
    # Whoever goes on writing has not closed the conversation.
    stage = "discovery" if taken.state.stage == "closed" else taken.state.stage
    scene = Scene(taken=taken, known=known, search=search, now=now, state=taken.state.but(hours=hours, stage=stage))
    for part in PARTS:
        if scene.ended:
            break
        scene = part(scene)
    return _tell_of_lead(scene.but(stage=_stage(scene))).step()


def _stage(scene: Scene) -> Stage:
    """Return where the conversation stands after the turn."""
    state = scene.state
    if state.owner == "unit":
        return "handed_over"
    if scene.outcome == "ignored":
        return scene.taken.state.stage
    if state.stage == "closed":
        return "closed"
    return _stage_of_visit(scene) or _stage_before(scene)


def _stage_of_visit(scene: Scene) -> Stage | None:
    state = scene.state
    if state.requested or state.pending or (state.offered and state.stage == "scheduling"):
        return "scheduling"
    if state.visit_ahead(scene.now):
        return "booked"
    return "scheduling" if state.stage == "scheduling" or scene.has("book") else None


def _stage_before(scene: Scene) -> Stage:
    state = scene.state
    only_greets = all(isinstance(act, Greet) for act in scene.acts)
    return "greeting" if only_greets and state.stage == "greeting" else "discovery"


def _tell_of_lead(scene: Scene) -> Scene:
    """Tell what became known of the family, and when all of it is known for the first time."""
    state, before = scene.state, scene.taken.state
    changes = tuple(
        FieldChange(field=change.field, student=change.student, message=change.message)
        for change in scene.taken.changes
    )
    if state.lead.time_preference != before.lead.time_preference:
        changes = (*changes, FieldChange(field="time_preference", message=scene.turn.messages[-1].id))
    if not changes:
        return scene
    lead = state.lead
    scene = scene.tell(
        LeadUpdated(
            contact=state.contact, lead=lead, changes=changes, completeness=lead.completeness, stage=state.stage
        )
    )
    if lead.qualified and not state.qualified:
        return scene.but(qualified=True).tell(LeadQualified(contact=state.contact, lead=lead))
    return scene
