"""One short call to each configured provider, for whoever sets the system up: does it answer, and for how much?

It is beside the day's budget, of which it would take less than a thousandth.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from contracts.llm_gateway import ChatMessage, Provider

from llm_gateway_service.catalogue import read_catalogue
from llm_gateway_service.policy import Kind
from llm_gateway_service.providers import completers
from llm_gateway_service.providers.answers import Completer, Patience, Prompt
from llm_gateway_service.providers.errors import ProviderFailed
from llm_gateway_service.settings import Settings

WITHIN_S = 15.0
PROMPT = Prompt("check", (ChatMessage(role="user", content="Responda só: ok"),), None, 16)


@dataclass(frozen=True)
class Trial:
    """What a provider did: `trouble` when it gave no answer; `retires` when its model will not be served any more."""

    provider: Provider
    model: str
    took_s: float
    brl: Decimal
    trouble: Kind | None = None
    retires: date | None = None
    successor: str | None = None


async def try_providers(environment: Mapping[str, str]) -> list[Trial]:
    """Ask every provider with a key in the environment, all at the same time."""
    given = {name: environment[name.upper()] for name in Settings.model_fields if environment.get(name.upper())}
    settings = Settings(**{"rabbitmq_url": "unused", "database_url": "unused", **given})  # type: ignore[arg-type]  # text
    catalogue, today = read_catalogue(), datetime.now(UTC).date()
    usd_brl = settings.usd_brl or catalogue.dollar.brl
    trials = []
    for name, completer in completers(settings).items():
        usual = catalogue.serving(catalogue.tasks["understand"][name], today)
        trials.append(_try(completer, settings.model_for(name, "understand") or usual, usd_brl))
    return list(await asyncio.gather(*trials))


async def _try(completer: Completer, model: str, usd_brl: Decimal) -> Trial:
    began, known = time.perf_counter(), read_catalogue().of(model)
    trouble: Kind | None = None
    try:
        usage = (await completer.complete(PROMPT, model, Patience(WITHIN_S, WITHIN_S))).usage
    except TimeoutError:
        usage, trouble = None, "timeout"
    except ProviderFailed as error:
        usage, trouble = error.usage, error.kind if error.kind != "truncated" else None  # talkative, and working
    finally:
        await completer.close()
    brl = known.price.brl(usage, usd_brl) if usage else Decimal(0)
    took_s = time.perf_counter() - began
    return Trial(completer.name, model, took_s, brl, trouble, known.retires, known.successor)
