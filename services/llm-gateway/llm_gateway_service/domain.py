"""What calls cost, at worst and in the end; whose day it is; how time is shared: pure, time is an argument."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_UP, Decimal
from math import ceil
from zoneinfo import ZoneInfo

from contracts.llm_gateway import Refusal

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
    """What a call used: tokens read and written; seconds listened to where the provider counts those."""

    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Price:
    """USD per million tokens read and written, and per minute listened to."""

    input: Decimal
    output: Decimal
    minute: Decimal

    def brl(self, usage: Usage, usd_brl: Decimal) -> Decimal:
        """Return what a usage costs in BRL, rounded up."""
        tokens = (usage.input_tokens * self.input + usage.output_tokens * self.output) / _MILLION
        listening = Decimal(str(usage.seconds)) / 60 * self.minute
        return ((tokens + listening) * usd_brl).quantize(GRAIN, ROUND_UP)


@dataclass(frozen=True)
class PriceList:
    """The prices of models by name, and of any other."""

    models: Mapping[str, Price]
    default: Price

    def of(self, model: str) -> Price:
        """Return a model's price; a dated name has its model's."""
        return self.models.get(model) or self.models.get(_DATED.sub("", model)) or self.default


def most_used(texts: Sequence[str], max_tokens: int) -> Usage:
    """Return the most that a completion can use: no tokeniser makes more tokens than there are bytes."""
    return Usage(sum(len(text.encode()) + 16 for text in texts) + OVERHEAD_TOKENS, max_tokens)


def longest(said_seconds: int | None, size: int) -> Usage:
    """Return the most that can be heard in so many bytes; what the sender says may only add to it.

    Twice over, since transcribers that count tokens come to the minute's price only about.
    """
    return Usage(seconds=2 * max(said_seconds or 0, ceil(size / FEWEST_BYTES_A_SECOND), 1))


def day_of(now: datetime) -> date:
    """Return the São Paulo day whose budget pays."""
    return now.astimezone(SAO_PAULO).date()


def share(left_s: float, *, is_last: bool) -> float:
    """Return how much of the time one provider gets: the last all of it, others leave some for the next."""
    return left_s if is_last else left_s * SHARE_OF_THE_FIRST


def verdict(refusals: Sequence[Refusal]) -> Refusal:
    """Say in one word why nobody answered: what went wrong counts more than what was not tried."""
    order: tuple[Refusal, ...] = ("deadline", "failed", "unusable_answer", "budget", "breakers_open")
    return next((refusal for refusal in order if refusal in refusals), "no_provider")
