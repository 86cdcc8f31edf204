"""Recognising that somebody puts the matter off."""

from dialogue_service.decision.lead import plain
from dialogue_service.decision.turn import Turn
from dialogue_service.understanding.intents.social import POSTPONE


def puts_off(turn: Turn) -> bool:
    """Whether it is a "vou pensar e te aviso" or an "então deixa"."""
    return turn.understanding.has("deny") and POSTPONE.search(plain(turn.text)) is not None
