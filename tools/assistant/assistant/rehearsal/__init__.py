"""A conversation in one process, without broker or stores: the services' own minds, wired by hand.

Real are the cleaning of messages, the understanding, the decision, the words, the facts and knowledge of rules with its
review, and the calendar's rules about slots; only what carries and keeps them is memory. So a scenario takes a moment.
"""

from dialogue_service.asking_model import Ask

from assistant.rehearsal.parent import Rehearsal
from assistant.rehearsal.unit import Unit, the_unit

__all__ = ["Ask", "Rehearsal", "Unit", "the_unit"]
