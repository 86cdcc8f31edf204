"""Prices, worst costs, days, shares of time, and the one word for a refusal."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from contracts.llm_gateway import Refusal
from hypothesis import given
from hypothesis import strategies as st
from llm_gateway_service.domain import OVERHEAD_TOKENS, Usage, day_of, longest, most_used, share, verdict
from llm_gateway_service.prices import read_prices

PRICES, TRANSCRIBER = read_prices()
RATE = Decimal(6)
TOKENS = st.integers(0, 100_000)


@pytest.mark.parametrize(
    "model, usage, brl",
    [
        ("gpt-4o-mini", Usage(1_000_000, 0), "0.900000"),
        ("gpt-4o-mini", Usage(1000, 400), "0.002340"),
        ("gpt-4o-mini-2024-07-18", Usage(1000, 400), "0.002340"),
        ("claude-haiku-4-5", Usage(1000, 400), "0.018000"),
        ("claude-haiku-4-5-20251001", Usage(1000, 400), "0.018000"),
        ("gpt-4o-mini-transcribe", Usage(seconds=60), "0.018000"),
        ("gpt-4o-mini-realtime", Usage(1000, 400), "0.270000"),  # unknown: the default's
        ("gpt-4o-mini", Usage(1, 0), "0.000001"),  # rounded up
    ],
)
def test_a_call_costs_what_its_model_costs(model: str, usage: Usage, brl: str) -> None:
    assert PRICES.of(model).brl(usage, RATE) == Decimal(brl)


def test_an_unknown_model_is_dearer_than_every_known_one() -> None:
    for price in PRICES.models.values():
        assert (price.input, price.output, price.minute) <= (
            PRICES.default.input,
            PRICES.default.output,
            PRICES.default.minute,
        )
        assert price.output <= PRICES.default.output
        assert price.minute <= PRICES.default.minute


@pytest.mark.parametrize("model", ["gpt-4o-mini", "claude-haiku-4-5", TRANSCRIBER])
def test_the_models_of_the_defaults_have_prices_of_their_own(model: str) -> None:
    assert PRICES.of(model) != PRICES.default


@given(st.sampled_from([*PRICES.models, "unknown"]), TOKENS, TOKENS, TOKENS, TOKENS)
def test_who_uses_less_pays_no_more(model: str, read: int, more_read: int, made: int, more_made: int) -> None:
    price = PRICES.of(model)
    less, more = Usage(read, made), Usage(read + more_read, made + more_made)
    assert price.brl(less, RATE) <= price.brl(more, RATE)


@given(st.lists(st.text(max_size=200), max_size=5), st.integers(1, 4000))
def test_the_most_that_a_prompt_uses_is_a_token_a_byte_and_more(texts: list[str], max_tokens: int) -> None:
    most = most_used(texts, max_tokens)
    assert most.input_tokens >= len("".join(texts).encode()) + OVERHEAD_TOKENS
    assert most.output_tokens == max_tokens


@pytest.mark.parametrize(
    "said_seconds, size, seconds",
    [(7, 3000, 14), (None, 75_000, 200), (1, 75_000, 200), (600, 3000, 1200), (None, 0, 2)],
)
def test_the_most_that_can_be_heard_follows_from_the_bytes(said_seconds: int | None, size: int, seconds: float) -> None:
    assert longest(said_seconds, size) == Usage(seconds=seconds)


@pytest.mark.parametrize("hour, minute, day", [(2, 59, 23), (3, 0, 24), (23, 59, 24)])
def test_a_day_begins_at_midnight_in_sao_paulo(hour: int, minute: int, day: int) -> None:
    assert day_of(datetime(2026, 11, 24, hour, minute, tzinfo=UTC)) == date(2026, 11, day)


def test_who_is_asked_first_leaves_time_for_the_next() -> None:
    assert share(10, is_last=False) == 6
    assert share(4, is_last=True) == 4


@pytest.mark.parametrize(
    "refusals, word",
    [
        ([], "no_provider"),
        (["breakers_open", "breakers_open"], "breakers_open"),
        (["budget", "breakers_open"], "budget"),
        (["unusable_answer", "failed"], "failed"),
        (["unusable_answer", "breakers_open"], "unusable_answer"),
        (["failed", "deadline"], "deadline"),
    ],
)
def test_a_refusal_is_one_word(refusals: list[Refusal], word: Refusal) -> None:
    assert verdict(refusals) == word
