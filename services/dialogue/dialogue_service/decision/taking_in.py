"""What a turn changes in what is known, before anything is said."""

import re
from datetime import datetime, timedelta

from dialogue_service.decision.lead import merge, plain
from dialogue_service.decision.machine import asks_about_machine
from dialogue_service.decision.qualify import FIELDS, value_of
from dialogue_service.decision.session import arrive
from dialogue_service.decision.state import Conversation, Counters
from dialogue_service.decision.turn import Taken, Turn, topics_of
from dialogue_service.decision.wishes import resolved
from dialogue_service.understanding.values import Intent, IntentName

_AND_THAT = re.compile(r"\W*(e|ou|mas e|e se for)\b[^.!?\n]{0,50}\?+\W*")
_OF_THE_VISIT = re.compile(
    r"\W*(?:(?:e|isso e|a visita e) )?(?:gratis|de graca|gratuit[oa]|pag[oa])\W*\?\W*"
    r"|\W*(?:e )?quanto tempo (?:demora|dura|leva)(?: mais ou menos)?\W*"
)
"""What is asked of the visit while it is talked about, and of the classes otherwise."""
_A_NUMBER = re.compile(r"\W*(?:e|ou) (?:com|de|aos|para|se tiver) \d{1,2}(?: anos?)?\?+\W*")
_NO_OTHER_BUSINESS = {"provide", "affirm", "deny", "not_understood", "greeting", "thanks", "correct"}


LONGEST_NAME = 4
"""Words up to which what is no name was meant as one."""


def take_in(before: Conversation, turn: Turn, now: datetime, silence: timedelta) -> Taken:
    """Take a turn in: session, lead, tries, counts. `silence` ends a session; asks nobody, says nothing."""
    stage, asked_before = before.stage, before.asked
    state, new_session = arrive(before, now, silence)
    if state.contact.phone and not state.lead.phone:
        state = state.but(lead=state.lead.model_copy(update={"phone": state.contact.phone}))
    turn = _going_on(state, turn)
    preference = resolved(turn.understanding.fields.time_preference, state.readings)
    unanswered = state.counters.unanswered
    merged, changes = merge(state, turn, preference)
    answered = bool(asked_before and asked_before.topic in FIELDS and value_of(merged, asked_before))
    tried = not (answered or changes) and _has_tried(merged, turn)
    state = _with_failure(merged) if tried else merged
    topics = topics_of(turn.understanding) or state.topics
    state = state.but(counters=_counted(state, turn), readings=() if preference else state.readings, topics=topics)
    return Taken(
        state=state,
        turn=turn,
        changes=changes,
        answered=answered,
        tried=tried,
        new_session=new_session,
        unanswered=unanswered,
        preference=preference,
        before=stage,
    )


def _going_on(state: Conversation, turn: Turn) -> Turn:
    """Read "e português?" after a price as the price of that, and "e com 2?" after an age as another age."""
    understood, said = turn.understanding, plain(turn.text)
    if (state.offered or state.pending or state.visit) and _OF_THE_VISIT.fullmatch(said):
        return _asking(turn, "ask_visit_info")
    if not state.topics or _AND_THAT.fullmatch(said) is None:
        return turn
    topics = topics_of(understood)
    if state.topics[-1] == "ask_age_range" and _A_NUMBER.fullmatch(said):
        return _asking(turn, "ask_age_range")
    names_subjects = any(student.subjects for student in understood.fields.students) or understood.subject_count
    if "ask_price" in state.topics and names_subjects and set(topics) <= {"ask_subjects"}:
        return _asking(turn, "ask_price")
    return turn


def _asking(turn: Turn, topic: IntentName) -> Turn:
    understood = turn.understanding
    asks = Intent(name=topic, confidence=understood.confidence)
    others = (each for each in understood.intents if not each.name.startswith("ask_"))
    return turn.model_copy(update={"understanding": understood.model_copy(update={"intents": (asks, *others)})})


def _has_tried(state: Conversation, turn: Turn) -> bool:
    """Whether this was meant as an answer to our question, which neither a question of theirs nor other news is."""
    asks_for_field = state.asked is not None and state.asked.topic in FIELDS
    fields = turn.understanding.fields
    if fields.students or fields.parent_name or fields.email or turn.email_is_cut:
        return False  # something else was told, if nothing new
    if turn.understanding.has("thanks", "greeting"):
        return False
    about_name = state.asked is not None and state.asked.topic in {"parent_name", "student_name"}
    if "?" in turn.text:
        return False
    if about_name and (turn.understanding.names == ("affirm",) or len(turn.text.split()) > LONGEST_NAME):
        return False  # "certo" takes note of an answer
    return asks_for_field and bool(turn.text) and set(turn.understanding.names) <= _NO_OTHER_BUSINESS


def _with_failure(state: Conversation) -> Conversation:
    key = state.asked.key if state.asked else ""
    return state.but(failed={**state.failed, key: state.failed.get(key, 0) + 1})


def _counted(state: Conversation, turn: Turn) -> Counters:
    counters, understanding = state.counters, turn.understanding
    lost = understanding.names == ("not_understood",) and bool(turn.text) and not asks_about_machine(turn)
    questions = dict(counters.questions)
    for question in _questions(turn):
        questions[question] = questions.get(question, 0) + 1
    return counters.model_copy(
        update={
            "not_understood": counters.not_understood + 1 if lost else (0 if turn.text else counters.not_understood),
            "negotiation": counters.negotiation + understanding.has("negotiate"),
            "questions": questions,
        }
    )


def _questions(turn: Turn) -> set[str]:
    """Name the questions of a turn: the topic, with its subjects when it is about the price."""
    understanding = turn.understanding
    subjects = sorted({subject for student in understanding.fields.students for subject in student.subjects})
    about = ",".join(subjects) or str(understanding.subject_count or "")
    named = {f"{topic}:{about}" if topic == "ask_price" else topic for topic in topics_of(understanding)}
    if not named and understanding.has("off_topic", "not_understood") and "?" in turn.text:
        return {f"open:{plain(turn.text)[:80]}"}
    return named
