"""Giving a conversation to the unit, on the verdict of rules or because nothing else is left."""

from contracts.dialogue import HandoffReason

from dialogue_service.decision.acts import HandOver
from dialogue_service.decision.machine import asks_about_machine
from dialogue_service.decision.scene import Scene
from dialogue_service.decision.session import taken_over


def follow_verdict(scene: Scene) -> Scene:
    """Hand over when rules say so; an answer that was found after all is an understanding."""
    verdict = scene.assessment.verdict
    if not verdict.handoff or verdict.reason is None:
        return scene
    if verdict.reason == "not_understood" and scene.assessment.confident:
        return scene
    if verdict.reason in {"person_request", "not_understood"} and asks_about_machine(scene.turn):
        return scene
    return hand_over(scene, verdict.reason)


def hand_over(scene: Scene, reason: HandoffReason, *, calendar: bool = False) -> Scene:
    """Apologise, give the number, and be silent from now on."""
    opening = scene.assessment.opening
    act = HandOver(reason=reason, calendar=calendar, opens_at=None if opening.is_open_now else opening.next_opening)
    scene = scene.but(greeted=True).say(act)
    state = taken_over(scene.state, scene.now)
    return scene._replace(state=state, handoff=reason).end("handed_over", reason)
