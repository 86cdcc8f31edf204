"""What providers must not learn of people: hidden before a prompt leaves, put back in the answer. Pure."""

from llm_gateway_service.privacy.masking import Mask

__all__ = ["Mask"]
