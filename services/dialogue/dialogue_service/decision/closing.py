"""Ending well: you are welcome, once; no means no; and when nothing was understood, saying so."""

from dialogue_service.decision.acts import (
    AcceptRefusal,
    AskHowToHelp,
    Greet,
    Polite,
    SayCalendarIsSlow,
    SayNotUnderstood,
    Welcome,
)
from dialogue_service.decision.lead import first_name
from dialogue_service.decision.putting_off import puts_off
from dialogue_service.decision.qualify import FIELDS
from dialogue_service.decision.scene import Scene
from dialogue_service.understanding.values import IntentName

_POLITE: tuple[IntentName, ...] = ("thanks", "goodbye", "affirm", "greeting")


def close(scene: Scene) -> Scene:
    """Answer thanks and good-byes shortly, at most once; then be silent."""
    if _declines(scene):
        return _let_go(scene)
    if not scene.only(*_POLITE) or _said_something(scene):
        return scene
    if scene.has("thanks", "goodbye"):
        return _welcome(scene)
    finished = scene.state.visit_ahead(scene.now) is not None or scene.state.said_goodbye or scene.state.declined
    # After a good-bye a thumb up answers no question about the lead any more.
    answers = scene.asked is not None and not (scene.state.said_goodbye and scene.asked in FIELDS)
    return _welcome(scene) if scene.has("affirm") and finished and not answers else scene


def _declines(scene: Scene) -> bool:
    """Whether somebody wants no visit for now: no to the invitation, or a no that leaves or puts it off."""
    if not scene.has("deny") or scene.asks or scene.state.visit_ahead(scene.now) or scene.turn.gives_no_email:
        return False
    if puts_off(scene.turn):
        return scene.only("deny", "provide", *_POLITE)  # "quem sabe ano que vem" names a time, and asks for none
    return scene.only("deny", *_POLITE) and (scene.asked == "time_preference" or scene.has("goodbye"))


def _let_go(scene: Scene) -> Scene:
    """Accept it, once."""
    if scene.state.said_goodbye:
        return scene.end("ignored", "closing")
    leaves = scene.has("goodbye")
    scene = scene.but(declined=True, asked=None, offered=(), pending=None, said_goodbye=leaves)
    scene = scene.but(stage="closed" if leaves else "discovery").say(AcceptRefusal())
    return scene.end() if leaves else scene


def _welcome(scene: Scene) -> Scene:
    if scene.state.said_goodbye:
        return scene.end("ignored", "closing")
    visit = scene.state.visit_ahead(scene.now)
    name = scene.state.lead.parent_name
    leaves = scene.has("goodbye") and not visit
    to: Polite = "thanks" if scene.has("thanks") else "goodbye" if scene.has("goodbye") else "affirm"
    act = Welcome(to=to, name=first_name(name) if name else None, visit=visit.slot if visit else None)
    return scene.but(said_goodbye=True, stage="closed" if leaves else scene.state.stage).say(act).end()


def _said_something(scene: Scene) -> bool:
    return any(not isinstance(act, Greet) for act in scene.acts)


def admit_confusion(scene: Scene) -> Scene:
    """Ask to say it another way, when nothing else is there to say."""
    if _said_something(scene) or scene.asks:
        return scene
    requested = scene.state.requested
    if requested and not scene.acts:
        return scene.say(SayCalendarIsSlow(slot=requested.slot))
    lost = scene.has("not_understood") and bool(scene.turn.text.strip())
    if lost and scene.taken.state.asked is None:
        return scene.say(SayNotUnderstood())
    if scene.acts:
        return scene
    return scene.say(SayNotUnderstood() if lost or scene.state.asked else AskHowToHelp())
