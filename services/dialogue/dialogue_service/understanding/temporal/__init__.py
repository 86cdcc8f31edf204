"""Wishes about time, resolved against a clock by the conventions of interfaces, section 4."""

from dialogue_service.understanding.temporal.almanac import Almanac
from dialogue_service.understanding.temporal.wish import Wish, may_have_wish, read_wish

__all__ = ["Almanac", "Wish", "may_have_wish", "read_wish"]
