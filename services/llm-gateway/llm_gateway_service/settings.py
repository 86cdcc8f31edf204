"""What llm-gateway reads from the environment."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from chassis.settings import Postgres, ServiceSettings
from contracts.llm_gateway import Provider
from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

COMPLETERS = ("openai", "anthropic")
TRANSCRIBERS = ("openai", "local")


def _order(written: Any) -> Any:
    """Read `openai=3,anthropic=1`: who is asked, in turn, and by what weight first; without weights the first is."""
    if not isinstance(written, str):
        return written
    order: list[tuple[str, float]] = []
    for word in filter(None, written.replace(" ", "").split(",")):
        name, _, weight = word.partition("=")
        if name not in COMPLETERS:
            raise ValueError(f"providers are {', '.join(COMPLETERS)}")
        order.append((name, float(weight) if weight else float(not order)))
    if not any(weight > 0 for _, weight in order) or any(weight < 0 for _, weight in order):
        raise ValueError("no weight is below zero, and one is above")
    return tuple(order)


def _listeners(written: Any) -> Any:
    """Read `openai,local`: who listens to voice notes, in turn."""
    if not isinstance(written, str):
        return written
    names = tuple(filter(None, written.replace(" ", "").split(",")))
    if not names or not set(names) <= set(TRANSCRIBERS):
        raise ValueError(f"transcribers are {', '.join(TRANSCRIBERS)}")
    return names


Order = Annotated[tuple[tuple[Provider, float], ...], NoDecode, BeforeValidator(_order)]
Listeners = Annotated[tuple[Provider, ...], NoDecode, BeforeValidator(_listeners)]


class Settings(ServiceSettings, Postgres):
    """A provider without a key is not asked. Models that are not given are those of `models.toml`, by task.

    `usd_brl` is what a US dollar costs in BRL, better too dear; `llm_order` who is asked first. Without Redis nothing
    is cached, and copies do not learn of each other's breakers. `whisper_model` is the folder of a local transcriber's
    model, `whisper_longest_s` the longest voice note that it listens to, in seconds.
    """

    redis_url: SecretStr | None = None
    unit_file: Path | None = None
    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    openai_model: str | None = None
    openai_phrase_model: str | None = None
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = "https://api.anthropic.com"
    anthropic_model: str | None = None
    anthropic_phrase_model: str | None = None
    usd_brl: Decimal | None = Field(default=None, gt=0, le=100)
    llm_order: Order = (("openai", 1.0), ("anthropic", 0.0))
    llm_hedge: bool = True
    listen_order: Listeners = ("openai", "local")
    whisper_model: Path | None = None
    whisper_longest_s: float = Field(default=60, gt=0, le=300)

    def model_for(self, provider: Provider, task: str) -> str | None:
        """Return the model that the owner chose for a task, `None` when they did not."""
        phrase, others = {
            "openai": (self.openai_phrase_model, self.openai_model),
            "anthropic": (self.anthropic_phrase_model, self.anthropic_model),
        }[provider]
        return (phrase or others) if task == "phrase" else others

    def secrets(self) -> tuple[str, ...]:
        """Return every secret that this service knows; addresses are known by their passwords."""
        found = [each.get_secret_value() for each in self.__dict__.values() if isinstance(each, SecretStr)]
        passwords = [unquote(urlsplit(each).password or "") if "://" in each else each for each in found]
        return tuple(sorted({each for each in passwords if len(each) >= 6}))
