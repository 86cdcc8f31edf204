"""What frontdesk listens to: every fact that the read model is made from."""

from chassis.line import Line

from frontdesk_service.folding import Folding
from frontdesk_service.projections import PROJECTIONS

PREFETCH = 16


def register(line: Line, folding: Folding) -> None:
    """Put frontdesk on the line."""
    for fact in PROJECTIONS:
        line.stage(fact, prefetch=PREFETCH)(folding.fold)
