"""What a turn wants, by grammar alone: a rule for each intent of the closed list (interfaces, section 4)."""

from dialogue_service.understanding.intents.reading import by_importance, read_intents
from dialogue_service.understanding.intents.rule import Said

__all__ = ["Said", "by_importance", "read_intents"]
