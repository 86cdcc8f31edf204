"""What a turn wants, by grammar alone: a rule for each intent of the closed list (interfaces, section 4)."""

from dialogue_service.understanding.intents.halves import halves
from dialogue_service.understanding.intents.reading import asked_in, by_importance, read_intents
from dialogue_service.understanding.intents.rule import Said

__all__ = ["Said", "asked_in", "by_importance", "halves", "read_intents"]
