"""What a person may ask about their data (LGPD, art. 18), and to be left alone."""

from contracts.dialogue import OptedOut
from contracts.privacy import ErasureRequested

from dialogue_service.decision.acts import ConfirmErasure, ConfirmOptOut, ReportData
from dialogue_service.decision.scene import Scene
from dialogue_service.understanding.values import IntentName

_LEAVES_IT_AT_THAT: tuple[IntentName, ...] = (
    "opt_out",
    "thanks",
    "goodbye",
    "affirm",
    "deny",
    "insult",
    "not_understood",
)


def answer_privacy(scene: Scene) -> Scene:
    """Stop writing, erase or report; nothing else is said in such a reply."""
    if scene.has("erase_request"):
        phone = scene.state.contact.phone or scene.state.contact.address.jid
        scene = scene.tell(ErasureRequested(phone=phone, asked_by="parent"))
        return scene.but(stage="closed", asked=None).say(ConfirmErasure()).end()
    if scene.has("opt_out"):
        scene = scene.tell(OptedOut(contact=scene.state.contact))
        return (
            scene.but(opted_out=True, stage="closed", asked=None, offered=(), pending=None).say(ConfirmOptOut()).end()
        )
    if scene.has("data_request"):
        visit = scene.state.visit_ahead(scene.now)
        return scene.but(greeted=True).say(ReportData(lead=scene.state.lead, visit=visit.slot if visit else None)).end()
    return scene


def respect_opt_out(scene: Scene) -> Scene:
    """Stay silent towards somebody who does not want messages, until they write on their own account again."""
    if not scene.state.opted_out:
        return scene
    if scene.only(*_LEAVES_IT_AT_THAT) or not scene.turn.text.strip():
        return scene.end("ignored", "opted_out")
    return scene.but(opted_out=False)


def respect_unit(scene: Scene) -> Scene:
    """Stay silent towards somebody whom the unit serves; what the law gives a person is done all the same."""
    if scene.state.owner != "unit":
        return scene
    asked = answer_privacy(scene) if scene.has("erase_request", "opt_out") else scene
    state = scene.state.but(opted_out=asked.state.opted_out)
    return scene._replace(state=state, facts=asked.facts).end("ignored", "served_by_unit")
