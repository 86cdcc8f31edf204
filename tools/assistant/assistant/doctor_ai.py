"""`doctor` asks each configured AI provider one short thing, as llm-gateway would, and says what that cost.

The local transcriber gets a second of silence to hear, which loads its model.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.doctor import Problem

if TYPE_CHECKING:
    from llm_gateway_service.trial import Trial

CONFIGURED = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "WHISPER_MODEL")
SOON = timedelta(days=90)


def trials(environment: Mapping[str, str]) -> list["Trial"]:
    """Ask every provider that is configured; without one nothing is loaded."""
    if not any(environment.get(name) for name in CONFIGURED):
        return []
    from llm_gateway_service.trial import try_providers

    return asyncio.run(try_providers(environment))


def in_words(trial: "Trial") -> str:
    """Say how an answer went, for people."""
    said = f"{trial.provider}: {trial.model} answered in {trial.took_s:.1f} s for R$ {trial.brl:.6f}"
    if trial.retires is None or trial.retires > datetime.now(UTC).date() + SOON:
        return said
    return f"{said}; it is served until {trial.retires}, then {trial.successor} takes its place"


def problem_of(trial: "Trial", environment: Mapping[str, str]) -> Problem | None:
    """Say which variable is to be looked at, `None` when there was an answer."""
    if trial.trouble is None:
        return None
    if trial.provider == "local":
        return Problem("WHISPER_MODEL", f"hears nothing ({trial.trouble}); check that {trial.model} is a whole model")
    return _of_provider(trial, environment)


def _of_provider(trial: "Trial", environment: Mapping[str, str]) -> Problem:
    name = trial.provider.upper()
    host = urlsplit(environment.get(f"{name}_BASE_URL", "")).hostname or "the provider's address"
    match trial.trouble:
        case "auth":
            return Problem(f"{name}_API_KEY", "the provider refuses this key; check it, and that its account is paid")
        case "rate_limited":
            return Problem(f"{name}_API_KEY", "the provider takes no more calls now; check the account's limits")
        case "bad_request":
            return Problem(f"{name}_MODEL", f"the provider does not take a question for {trial.model}; check the name")
        case "connection" | "timeout":
            return Problem(f"{name}_BASE_URL", f"nothing answers at {host}; check the address and the network")
        case kind:
            return Problem(f"{name}_API_KEY", f"the provider answers with an error ({kind}); try again later")
