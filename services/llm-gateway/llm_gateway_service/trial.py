"""One short call to each configured provider, for whoever sets the system up: does it answer, and for how much?

It is beside the day's budget, of which it would take less than a thousandth. The local transcriber hears a second of
silence: its model is loaded for that.
"""

import asyncio
import io
import time
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from contracts.llm_gateway import ChatMessage, Provider

from llm_gateway_service.catalogue import read_catalogue
from llm_gateway_service.policy import Kind
from llm_gateway_service.providers import completers
from llm_gateway_service.providers.answers import Completer, Patience, Prompt
from llm_gateway_service.providers.errors import ProviderFailed
from llm_gateway_service.providers.local import Local, why_unfit
from llm_gateway_service.settings import Settings

__all__ = ["Trial", "try_providers", "why_unfit"]

WITHIN_S = 15.0
LOADED_S = 60.0
"""For the local model, which is large and read from a disk."""
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
    """Ask every provider that the environment configures, all at the same time."""
    given = {name: environment[name.upper()] for name in Settings.model_fields if environment.get(name.upper())}
    settings = Settings(**{"rabbitmq_url": "unused", "database_url": "unused", **given})  # type: ignore[arg-type]  # text
    catalogue, today = read_catalogue(), datetime.now(UTC).date()
    usd_brl = settings.usd_brl or catalogue.dollar.brl
    trials = []
    for name, completer in completers(settings).items():
        usual = catalogue.serving(catalogue.tasks["understand"][name], today)
        trials.append(_try(completer, settings.model_for(name, "understand") or usual, usd_brl))
    if settings.whisper_model is not None and "local" in settings.listen_order:
        trials.append(_try_listening(settings.whisper_model, settings.whisper_longest_s))
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


async def _try_listening(folder: Path, longest_s: float) -> Trial:
    began = time.perf_counter()
    trouble: Kind | None = None
    transcriber = Local(folder, longest_s)
    try:
        await transcriber.transcribe(_silence(), "audio/wav", folder.name, Patience(LOADED_S, LOADED_S))
    except TimeoutError:
        trouble = "timeout"
    except ProviderFailed as error:
        trouble = error.kind
    finally:
        await transcriber.close()
    return Trial("local", folder.name, time.perf_counter() - began, Decimal(0), trouble)


def _silence() -> bytes:
    """Return a second of it, as a WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(1)
        writing.setsampwidth(2)
        writing.setframerate(16_000)
        writing.writeframes(bytes(32_000))
    return file.getvalue()
