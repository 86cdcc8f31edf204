"""What calls cost, at worst and in the end; which model does what; whose day it is: pure, time is an argument."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_UP, Decimal
from math import ceil
from zoneinfo import ZoneInfo

from contracts.llm_gateway import Provider, Refusal

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
GRAIN = Decimal("0.000001")
"""Of the ledger, in BRL."""
OVERHEAD_TOKENS = 1000
"""What a provider may add to a prompt by itself (tool and schema instructions), with much to spare."""
FEWEST_BYTES_A_SECOND = 750
"""Speech at 6 kbit/s, the least that Opus can do (RFC 6716); WhatsApp's voice notes have thrice as much."""
SHARE_OF_THE_FIRST = 0.6
"""Of the time that is left, while somebody else could still be asked."""
_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Usage:
    """What a call used: tokens read and written; seconds listened to where the provider counts those.

    Of the tokens read, `cached_tokens` came from the provider's cache and `stored_tokens` were put into it.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cached_tokens: int = 0
    stored_tokens: int = 0


@dataclass(frozen=True)
class Price:
    """USD per million tokens, and per minute listened to."""

    input: Decimal
    output: Decimal
    minute: Decimal
    cached: Decimal
    stored: Decimal

    def brl(self, usage: Usage, usd_brl: Decimal) -> Decimal:
        """Return what a usage costs in BRL, rounded up."""
        plain = usage.input_tokens - usage.cached_tokens - usage.stored_tokens
        tokens = plain * self.input + usage.cached_tokens * self.cached + usage.stored_tokens * self.stored
        tokens += usage.output_tokens * self.output
        listening = Decimal(str(usage.seconds)) / 60 * self.minute
        return ((tokens / _MILLION + listening) * usd_brl).quantize(GRAIN, ROUND_UP)


FREE = Price(*(Decimal(0) for _ in range(5)))


@dataclass(frozen=True)
class Model:
    """What is known of a model; `reasoning` is the effort to ask for, `logprobs` whether a transcriber gives them."""

    price: Price
    retires: date | None = None
    successor: str | None = None
    reasoning: str | None = None
    logprobs: bool = False


@dataclass(frozen=True)
class Dollar:
    """What a dollar costs in BRL, and since when (`None`: the owner said so)."""

    brl: Decimal
    on: date | None = None


@dataclass(frozen=True)
class Catalogue:
    """The models by name and any other; which model of which provider does which task; the dollar."""

    models: Mapping[str, Model]
    unknown: Model
    tasks: Mapping[str, Mapping[str, str]]
    transcriber: str
    dollar: Dollar

    def of(self, name: str) -> Model:
        """Return what is known of a model; a dated name has its model's price."""
        return self.models.get(name) or self.models.get(_DATED.sub("", name)) or self.unknown

    def serving(self, name: str, day: date) -> str:
        """Return the model that is served under a name on a day: its successor once it has retired."""
        model = self.of(name)
        retired = model.retires is not None and model.retires <= day
        return self.serving(model.successor, day) if retired and model.successor else name


@dataclass(frozen=True)
class Choice:
    """A provider and its model."""

    provider: Provider
    model: str


def most_used(texts: Sequence[str], max_tokens: int) -> Usage:
    """Return the most that a completion can use: no tokeniser makes more tokens than there are bytes."""
    tokens = sum(len(text.encode()) + 16 for text in texts) + OVERHEAD_TOKENS
    return Usage(tokens, max_tokens, stored_tokens=tokens)


def longest(said_seconds: int | None, size: int) -> Usage:
    """Return the most that can be heard in so many bytes; what the sender says may only add to it.

    Twice over, since transcribers that count tokens come to the minute's price only about.
    """
    return Usage(seconds=2 * max(said_seconds or 0, ceil(size / FEWEST_BYTES_A_SECOND), 1))


def day_of(now: datetime) -> date:
    """Return the São Paulo day whose budget pays."""
    return now.astimezone(SAO_PAULO).date()


def in_turn(
    order: Sequence[tuple[Provider, float]], luck: float, worst: Mapping[Provider, Decimal], *, thrifty: bool
) -> list[Provider]:
    """Return the providers in the order in which they are asked.

    `order` has their weights, `luck` is a draw from 0 to 1: the first is drawn by weight, the others follow as they
    are written. `thrifty` puts whoever is cheapest at worst first instead.
    """
    names = [name for name, _ in order if name in worst]
    if thrifty:
        return sorted(names, key=lambda name: worst[name])
    weights = [weight for name, weight in order if name in worst]
    reach = luck * sum(weights)
    for name, weight in zip(names, weights, strict=True):
        reach -= weight
        if reach < 0:
            return [name, *(other for other in names if other != name)]
    return names


def share(left_s: float, *, is_last: bool) -> float:
    """Return how much of the time one provider gets: the last all of it, others leave some for the next."""
    return left_s if is_last else left_s * SHARE_OF_THE_FIRST


def verdict(refusals: Sequence[Refusal]) -> Refusal:
    """Say in one word why nobody answered: what went wrong counts more than what was not tried."""
    order: tuple[Refusal, ...] = ("deadline", "failed", "unusable_answer", "budget", "breakers_open")
    return next((refusal for refusal in order if refusal in refusals), "no_provider")
