"""What a text claims, and whether it is true: prices, days, hours, contacts, addresses, numbers, promises, manner.

Every module finds one kind of claim in the plain form of a text (plain.py) and compares it with what may be said
(known.py); judge.py asks them in the order in which they must not mistake each other's numbers for their own.
"""

from rules_service.claims.grounding import is_grounded
from rules_service.claims.judge import Claim, false_claim, flaw_in_knowledge
from rules_service.claims.known import Conversation, Moment, UnitKnows
from rules_service.claims.timetable import NearDays

__all__ = [
    "Claim",
    "Conversation",
    "Moment",
    "NearDays",
    "UnitKnows",
    "false_claim",
    "flaw_in_knowledge",
    "is_grounded",
]
