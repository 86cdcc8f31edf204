"""What parents write, read by grammar: the fields of the lead, the wish about time, the intents. Needs no model."""

from dialogue_service.understanding.reading import understand

__all__ = ["understand"]
