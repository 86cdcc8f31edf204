"""`doctor` asks each configured model one short thing, as llm-gateway would, and says what that cost.

These calls are beside the day's budget: together they cost less than a tenth of a cent.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.doctor import Problem

if TYPE_CHECKING:
    from llm_gateway_service.providers.answers import Completer

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
WITHIN_S = 15.0
MOST_TOKENS = 16
SOON = timedelta(days=90)


@dataclass(frozen=True)
class Word:
    """What a provider's answer showed, for people: `problem` when there was none."""

    provider: str
    model: str
    took_s: float
    brl: Decimal
    retires: date | None = None
    successor: str | None = None
    problem: Problem | None = None

    def __str__(self) -> str:
        said = f"{self.provider}: {self.model} answered in {self.took_s:.1f} s for R$ {self.brl:.6f}"
        if self.retires is None or self.retires > datetime.now(UTC).date() + SOON:
            return said
        return f"{said}; it is served until {self.retires}, then {self.successor} takes its place"


def words(environment: Mapping[str, str]) -> list[Word]:
    """Ask every provider that has a key, at the same time; without a key nothing is loaded."""
    if not any(environment.get(key) for key in KEYS):
        return []
    return asyncio.run(_ask_all(environment))


async def _ask_all(environment: Mapping[str, str]) -> list[Word]:
    from llm_gateway_service.catalogue import read_catalogue
    from llm_gateway_service.providers import completers
    from llm_gateway_service.settings import Settings

    given = {name: environment[name.upper()] for name in Settings.model_fields if environment.get(name.upper())}
    settings = Settings(**{"rabbitmq_url": "unused", "database_url": "unused", **given})  # type: ignore[arg-type]  # text
    catalogue = read_catalogue()
    asked = []
    for name, completer in completers(settings).items():
        usual = catalogue.serving(catalogue.tasks["understand"][name], datetime.now(UTC).date())
        asked.append(_ask(completer, settings.model_for(name, "understand") or usual, environment))
    return list(await asyncio.gather(*asked))


async def _ask(completer: "Completer", model: str, environment: Mapping[str, str]) -> Word:
    from contracts.llm_gateway import ChatMessage
    from llm_gateway_service.catalogue import read_catalogue
    from llm_gateway_service.providers.answers import Patience, Prompt
    from llm_gateway_service.providers.errors import ProviderFailed

    catalogue, began = read_catalogue(), time.perf_counter()
    prompt = Prompt("check", (ChatMessage(role="user", content="Responda só: ok"),), None, MOST_TOKENS)
    usd_brl = Decimal(environment.get("USD_BRL") or catalogue.dollar.brl)
    problem, usage = None, None
    try:
        usage = (await completer.complete(prompt, model, Patience(WITHIN_S, WITHIN_S))).usage
    except TimeoutError:
        problem = _problem(completer.name, "timeout", model, environment)
    except ProviderFailed as error:
        usage = error.usage
        if error.kind != "truncated":  # a talkative model is a working one
            problem = _problem(completer.name, error.kind, model, environment)
    finally:
        await completer.close()
    known = catalogue.of(model)
    brl = known.price.brl(usage, usd_brl) if usage else Decimal(0)
    took_s = time.perf_counter() - began
    return Word(completer.name, model, took_s, brl, known.retires, known.successor, problem)


def _problem(provider: str, kind: str, model: str, environment: Mapping[str, str]) -> Problem:
    """Say which variable is to be looked at."""
    name = provider.upper()
    host = urlsplit(environment.get(f"{name}_BASE_URL", "")).hostname or "the provider's address"
    match kind:
        case "auth":
            return Problem(f"{name}_API_KEY", "the provider refuses this key; check it, and that its account is paid")
        case "rate_limited":
            return Problem(f"{name}_API_KEY", "the provider takes no more calls now; check the account's limits")
        case "bad_request":
            return Problem(f"{name}_MODEL", f"the provider does not take a question for {model}; check the name")
        case "connection" | "timeout":
            return Problem(f"{name}_BASE_URL", f"nothing answers at {host}; check the address and the network")
        case _:
            return Problem(f"{name}_API_KEY", f"the provider answers with an error ({kind}); try again later")
