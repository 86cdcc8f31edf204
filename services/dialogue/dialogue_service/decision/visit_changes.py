"""What a parent does with a visit that stands: confirm it, cancel it, look for another time."""

from contracts.dialogue import CancellationRequested

from dialogue_service.decision.acts import KeepVisit, SayNoVisit, ThankForConfirming
from dialogue_service.decision.scene import Scene
from dialogue_service.decision.state import Requested


def change_visit(scene: Scene) -> Scene:
    """Carry out what was said about the booked visit; another time is scheduling's business."""
    if scene.has("cancel_visit"):
        return _cancel(scene)
    visit = scene.state.visit_ahead(scene.now)
    if scene.has("reschedule_visit") and not visit:
        choosing = scene.taken.state.offered or scene.taken.state.pending  # "muda pra segunda" is about these, then
        return scene if choosing else scene.say(SayNoVisit())
    if visit is None or scene.search:
        return scene
    if scene.asked == "confirm_visit" and scene.has("affirm"):
        confirmed = visit.model_copy(update={"confirmed": True})
        return scene.but(visit=confirmed, asked=None, said_goodbye=True).say(ThankForConfirming(slot=visit.slot))
    if scene.asked == "reschedule" and scene.has("deny"):
        return scene.but(asked=None).say(KeepVisit(slot=visit.slot))
    return scene


def _cancel(scene: Scene) -> Scene:
    visit = scene.state.visit_ahead(scene.now)
    if visit is None:
        return scene.but(asked=None).say(SayNoVisit()).end()
    fact = CancellationRequested(visit_id=visit.id, contact=scene.state.contact)
    requested = Requested(what="cancellation", slot=visit.slot, asked_at=scene.now)
    scene = scene.tell(fact).but(requested=requested, asked=None, offered=(), pending=None, rescheduling=False)
    return scene._replace(requested="cancellation").end("waiting")
