"""From speech acts to WhatsApp bubbles in Brazilian Portuguese."""

from dialogue_service.speech.rendering import Purpose
from dialogue_service.speech.speaking import Spoken, speak

__all__ = ["Purpose", "Spoken", "speak"]
