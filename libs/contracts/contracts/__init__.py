"""The facts, the questions and the envelope: everything that services share, and nothing else.

One module per producer. Importing this package loads all of them, so that `all_facts()` is complete.
"""

from contracts import calendar, dialogue, frontdesk, ingress, llm_gateway, postprocessor, preprocessor, privacy, rules
from contracts.envelope import Event, Fact, Question, Value, all_facts, all_questions, conversation_id

__all__ = [
    "Event",
    "Fact",
    "Question",
    "Value",
    "all_facts",
    "all_questions",
    "calendar",
    "conversation_id",
    "dialogue",
    "frontdesk",
    "ingress",
    "llm_gateway",
    "postprocessor",
    "preprocessor",
    "privacy",
    "rules",
]
