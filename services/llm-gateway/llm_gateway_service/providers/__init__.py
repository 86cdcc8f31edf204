"""The providers that are configured; the client of one that is not is never loaded."""

import logging

from llm_gateway_service.providers.answers import Completer, Transcriber
from llm_gateway_service.providers.errors import Refused, Unusable
from llm_gateway_service.settings import Settings

NO_TROUBLE: tuple[type[Exception], ...] = (Refused, Unusable)
"""Failures that say nothing about the health of a provider; breakers do not count them."""


def completers(settings: Settings, transcriber: str) -> tuple[Completer, ...]:
    """Return the providers with a key, in the order in which they are asked."""
    configured: list[Completer] = []
    if settings.openai_api_key is not None:
        from llm_gateway_service.providers.openai import OpenAi

        key, url = settings.openai_api_key, settings.openai_base_url
        configured.append(OpenAi(key, url, settings.openai_model, transcriber))
    if settings.anthropic_api_key is not None:
        from llm_gateway_service.providers.anthropic import Anthropic

        configured.append(Anthropic(settings.anthropic_api_key, settings.anthropic_base_url, settings.anthropic_model))
    # At their finest level the clients log whole prompts.
    for name in ("openai", "anthropic", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return tuple(configured)


def transcriber_among(providers: tuple[Completer, ...]) -> Transcriber | None:
    """Return the provider that can listen."""
    return next((each for each in providers if isinstance(each, Transcriber)), None)
