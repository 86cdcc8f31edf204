"""The providers that are configured; the client of one that is not is never loaded."""

import logging
from collections.abc import Mapping, Sequence

from chassis.errors import BadConfiguration
from contracts.llm_gateway import Provider

from llm_gateway_service.providers.answers import Completer, Transcriber
from llm_gateway_service.settings import Settings


def completers(settings: Settings) -> Mapping[Provider, Completer]:
    """Return the providers with a key."""
    configured: dict[Provider, Completer] = {}
    if settings.openai_api_key is not None:
        from llm_gateway_service.providers.openai import OpenAi

        configured["openai"] = OpenAi(settings.openai_api_key, settings.openai_base_url)
    if settings.anthropic_api_key is not None:
        from llm_gateway_service.providers.anthropic import Anthropic

        configured["anthropic"] = Anthropic(settings.anthropic_api_key, settings.anthropic_base_url)
    # At their finest level the clients log whole prompts.
    for name in ("openai", "anthropic", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return configured


def transcribers(settings: Settings, asked: Mapping[Provider, Completer]) -> Sequence[Transcriber]:
    """Return who listens, in turn. Raises `BadConfiguration` when the local one cannot."""
    found: dict[Provider, Transcriber] = {name: each for name, each in asked.items() if isinstance(each, Transcriber)}
    if settings.whisper_model is not None:
        from llm_gateway_service.providers.local import Local, why_unfit

        if unfit := why_unfit(settings.whisper_model):
            raise BadConfiguration(f"WHISPER_MODEL: {unfit}")
        found["local"] = Local(settings.whisper_model, settings.whisper_longest_s)
    return [found[name] for name in settings.listen_order if name in found]
