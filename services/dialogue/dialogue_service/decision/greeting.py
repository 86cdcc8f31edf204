"""Good morning, once a session; and what is said first when an answer comes late or something could not be read."""

from dialogue_service.decision.acts import Apologise, DayPart, Greet, NoteCall, NoteMedia
from dialogue_service.decision.lead import first_name
from dialogue_service.decision.scene import Scene
from dialogue_service.understanding.values import IntentName

NEEDS_NO_ANSWER = {"sticker", "reaction"}
_ABOUT_THE_VISIT: tuple[IntentName, ...] = ("ask_visit_info", "reschedule_visit", "cancel_visit", "book")


def day_part(hour: int) -> DayPart:
    """Bom dia to 12, boa tarde to 18, then boa noite; before 5 it is still night."""
    if 5 <= hour < 12:
        return "morning"
    return "afternoon" if 12 <= hour < 18 else "evening"


def pass_over(scene: Scene) -> Scene:
    """Leave a sticker or a reaction without an answer."""
    wordless = not scene.turn.text.strip()
    kinds = {message.kind for message in scene.turn.messages}
    if wordless and kinds <= NEEDS_NO_ANSWER:
        return scene.end("ignored", scene.turn.messages[-1].kind)
    return scene


def greet(scene: Scene) -> Scene:
    """Greet somebody for the first time in a session; who only says thanks is not greeted."""
    if scene.state.greeted or (scene.only("thanks", "goodbye", "affirm") and scene.taken.before != "greeting"):
        return scene
    name = scene.taken.state.lead.parent_name
    known_before = not any(change.field == "parent_name" for change in scene.taken.changes)
    visit = None if scene.has(*_ABOUT_THE_VISIT) else scene.state.visit_ahead(scene.now)
    act = Greet(
        part=day_part(scene.now.astimezone(scene.zone).hour),
        name=first_name(name) if name and known_before else None,
        returning=bool(name and known_before),
        visit=visit.slot if visit else None,
    )
    return scene.but(greeted=True).say(act)


def apologise_for_delay(scene: Scene) -> Scene:
    """Say sorry when everything in the turn is old."""
    return scene.say(Apologise()) if scene.turn.stale else scene


def note_media(scene: Scene) -> Scene:
    """Acknowledge what has no words."""
    silent = [message for message in scene.turn.messages if not message.text.strip() or message.kind == "call"]
    kinds = list(dict.fromkeys(message.kind for message in silent))
    if not kinds:
        return scene
    spoken = len(silent) < len(scene.turn.messages)
    noted = [kind for kind in kinds if kind not in NEEDS_NO_ANSWER and (kind in {"audio", "call"} or not spoken)]
    if "call" in noted:
        scene = scene.say(NoteCall())
    if "audio" in noted:
        scene = scene.say(NoteMedia(kind="audio"))
        # What was said is unknown: the last question stands, and no other is asked.
        return scene if spoken else scene.end()
    others = [kind for kind in noted if kind not in {"audio", "call", "text"}]
    return scene.say(NoteMedia(kind=others[0])) if others else scene
