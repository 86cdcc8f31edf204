"""Recognising that somebody writes from the way to their visit, late or lost."""

import re
from datetime import timedelta

from dialogue_service.decision.acts import NoteOnTheWay
from dialogue_service.decision.lead import plain
from dialogue_service.decision.scene import Scene

_ON_THE_WAY = re.compile(
    r"\b(?:vou (?:me )?atrasar|(?:vou|devo) chegar (?:um pouco |um pouquinho )?(?:atrasad|mais tarde|depois|uns?\b)"
    r"|atrasad[oa]s?(?= ?(?:$|[,.!\n]| uns?\b| \d))|(?:a|no) caminho|chegando|ja chego|me perdi|perdid[oa]|no transito"
    r"|(?:estou|to) (?:indo|saindo))\b"
)
LATE = timedelta(hours=1)
"""How long after its beginning somebody may still be on the way to a visit."""


def meet_on_the_way(scene: Scene) -> Scene:
    """Thank who says that they come late, and send them to the unit, who should hear of it."""
    return scene.say(NoteOnTheWay()) if _is_on_the_way(scene) else scene


def _is_on_the_way(scene: Scene) -> bool:
    visit = scene.state.visit
    if visit is None or scene.search or scene.has("reschedule_visit"):
        return False
    begins, now = visit.slot.start.astimezone(scene.zone), scene.now.astimezone(scene.zone)
    today = begins.date() == now.date() and now < begins + LATE
    return today and _ON_THE_WAY.search(plain(scene.turn.text)) is not None
