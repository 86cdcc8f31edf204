"""The one thing to ask at the end of a reply."""

from dialogue_service.decision.acknowledging import note_unasked
from dialogue_service.decision.acts import (
    Apologise,
    AskField,
    AskHowToHelp,
    AskWhichSlot,
    ConfirmSlot,
    GiveNotice,
    Greet,
    InviteToVisit,
    NoteCall,
    NoteMedia,
)
from dialogue_service.decision.answers import OBJECTIONS
from dialogue_service.decision.qualify import FIELDS, having_asked, next_field, question_for
from dialogue_service.decision.scene import Scene
from dialogue_service.decision.state import Asked
from dialogue_service.understanding.values import IntentName

_NOTHING_SAID: tuple[IntentName, ...] = ("greeting", "thanks", "goodbye", "not_understood", "affirm", "deny")


def ask_next(scene: Scene) -> Scene:
    """Add the next question, unless the reply has one or nothing is left to ask."""
    told = any(change.field != "time_preference" for change in scene.taken.changes)
    if scene.asks or scene.state.requested or (scene.state.declined and not told):
        return scene
    if _only_greets(scene):
        return _open(scene)
    if _is_lost(scene):
        return scene
    scene = note_unasked(scene)
    if scene.turn.email_is_cut and not scene.state.lead.email:
        return scene.say(AskField(topic="email", again=True)).but(asked=Asked(topic="email"))
    return _about_visit(scene) or _about_lead(scene)


def _about_visit(scene: Scene) -> Scene | None:
    """Ask what the visit waits for: a choice, a yes, or what is missing once it is booked."""
    if scene.state.visit_ahead(scene.now) and not scene.state.rescheduling:
        return _complete_after_booking(scene)
    if scene.state.pending:
        read_back = ConfirmSlot(slot=scene.state.pending, rescheduling=scene.state.rescheduling)
        return scene.say(read_back).but(asked=Asked(topic="confirm_slot"))
    if scene.state.offered and scene.state.stage == "scheduling":
        unclear = not scene.acts and not scene.taken.changes and (scene.has("not_understood") or scene.only("affirm"))
        which = AskWhichSlot(slots=scene.state.offered, listed="unclear" if unclear else None)
        return scene.say(which).but(asked=Asked(topic="slot"))
    return None


def _about_lead(scene: Scene) -> Scene:
    """Ask for the next field, and for a visit when all is known or when somebody hesitates."""
    asked = next_field(scene.state)
    if asked is None or scene.has(*OBJECTIONS):
        return _invite(scene)
    return ask_field(scene, asked)


def ask_field(scene: Scene, asked: Asked) -> Scene:
    """Ask for a field; with the first question about a child goes the word about data."""
    before = scene.taken.state.asked
    again = before is not None and before.key == asked.key and scene.state.failed.get(asked.key, 0) > 0
    if asked.student is not None and not scene.state.noticed:
        scene = scene.say(GiveNotice()).but(noticed=True)
    question = question_for(scene.state, asked, again=again)
    return scene.say(question)._replace(state=having_asked(scene.state, asked))


def _only_greets(scene: Scene) -> bool:
    """Whether somebody only says hello, or nothing that could be taken up."""
    nothing_taken_up = all(isinstance(act, Greet | Apologise | NoteMedia | NoteCall) for act in scene.acts)
    nothing_said = scene.only(*_NOTHING_SAID) or not scene.turn.text.strip()
    speaks = bool(scene.acts) or scene.has("greeting")
    return nothing_taken_up and nothing_said and speaks and scene.taken.state.asked is None and not scene.taken.changes


def _is_lost(scene: Scene) -> bool:
    """Whether nothing was understood of what answers no question of ours: then that is said, and nothing is asked."""
    nothing_asked = scene.taken.state.asked is None and not scene.taken.state.offered
    return scene.only("not_understood") and not scene.acts and nothing_asked and bool(scene.turn.text.strip())


def _open(scene: Scene) -> Scene:
    """Ask the open question, in the greeting itself when there is one."""
    match scene.acts:
        case (Greet() as greeting,):
            return scene._replace(acts=(greeting.model_copy(update={"alone": True}),))
        case _:
            return scene.say(AskHowToHelp())


def _invite(scene: Scene) -> Scene:
    if scene.state.declined:
        return scene
    is_self = any(student.is_self for student in scene.state.lead.students)
    return scene.say(InviteToVisit(is_self=is_self)).but(asked=Asked(topic="time_preference"))


def _complete_after_booking(scene: Scene) -> Scene:
    """After a booking the record is completed only as long as the parent answers."""
    takes_note = scene.asked in FIELDS and scene.only("affirm")
    if not (scene.taken.answered or scene.taken.tried or takes_note):
        return scene.but(asked=None) if scene.asked not in {"confirm_visit", "reschedule"} else scene
    asked = next_field(scene.state, at_booking=True)
    return ask_field(scene, asked) if asked else scene.but(asked=None)
