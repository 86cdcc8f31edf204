"""Prices, worst costs, days, shares of time, and the one word for a refusal."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from contracts.llm_gateway import Refusal
from hypothesis import given
from hypothesis import strategies as st
from llm_gateway_service.catalogue import read_catalogue
from llm_gateway_service.domain import OVERHEAD_TOKENS, Usage, day_of, in_turn, longest, most_used, share, verdict
from llm_gateway_service.pace import ENOUGH, LEAST_S, MOST_S, Pace

MODELS = read_catalogue()
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
    assert MODELS.of(model).price.brl(usage, RATE) == Decimal(brl)


def test_an_unknown_model_is_dearer_than_every_known_one() -> None:
    most = MODELS.unknown.price
    for price in (model.price for model in MODELS.models.values()):
        assert max(price.input, price.cached, price.stored) <= most.input <= most.stored
        assert (price.output, price.minute) <= (most.output, most.minute)
        assert price.minute <= most.minute


def test_the_models_of_the_defaults_have_prices_of_their_own() -> None:
    chosen = {MODELS.transcriber, *(model for models in MODELS.tasks.values() for model in models.values())}
    assert chosen <= MODELS.models.keys()


def test_a_model_that_has_retired_is_succeeded() -> None:
    assert MODELS.serving("gpt-4o-mini", date(2027, 1, 13)) == "gpt-4o-mini"
    assert MODELS.serving("gpt-4o-mini", date(2027, 1, 14)) == "gpt-6-luna"
    assert MODELS.serving("of-somebody-else", date(2027, 1, 14)) == "of-somebody-else"
    for name, model in MODELS.models.items():
        assert MODELS.serving(name, date.max) in MODELS.models
        assert (model.retires is None) == (model.successor is None)


def test_what_the_provider_had_read_before_is_cheaper_and_what_it_keeps_dearer() -> None:
    price = MODELS.of("claude-haiku-4-5").price
    plain, cached, stored = (
        Usage(1000, 0, cached_tokens=c, stored_tokens=s) for c, s in ((0, 0), (1000, 0), (0, 1000))
    )
    assert [price.brl(each, RATE) for each in (plain, cached, stored)] == [
        Decimal("0.006000"),
        Decimal("0.000600"),
        Decimal("0.007500"),
    ]


@given(st.sampled_from([*MODELS.models, "unknown"]), TOKENS, TOKENS, TOKENS, TOKENS)
def test_who_uses_less_pays_no_more(model: str, read: int, more_read: int, made: int, more_made: int) -> None:
    price = MODELS.of(model).price
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


WORST = {"openai": Decimal(2), "anthropic": Decimal(1)}


@pytest.mark.parametrize(
    "order, luck, thrifty, asked",
    [
        ((("openai", 1), ("anthropic", 0)), 0.999, False, ["openai", "anthropic"]),
        ((("anthropic", 1), ("openai", 0)), 0.0, False, ["anthropic", "openai"]),
        ((("openai", 3), ("anthropic", 1)), 0.74, False, ["openai", "anthropic"]),
        ((("openai", 3), ("anthropic", 1)), 0.76, False, ["anthropic", "openai"]),
        ((("openai", 3), ("anthropic", 1)), 0.0, True, ["anthropic", "openai"]),
        ((("anthropic", 1),), 0.5, False, ["anthropic"]),
    ],
)
def test_providers_are_asked_in_the_order_of_the_owner(
    order: Any, luck: float, thrifty: bool, asked: list[str]
) -> None:
    assert in_turn(order, luck, WORST, thrifty=thrifty) == asked


def test_a_provider_without_a_key_is_not_in_turn() -> None:
    assert in_turn((("openai", 1), ("anthropic", 0)), 0.5, {"anthropic": Decimal(1)}, thrifty=False) == ["anthropic"]


def test_slow_is_who_takes_longer_than_nineteen_of_twenty_answers_did() -> None:
    pace = Pace()
    assert pace.slow_after_s("phrase m") == MOST_S
    for nth in range(100):
        pace.note("phrase m", 1 + nth / 100)
    assert 1.9 < pace.slow_after_s("phrase m") < 2.0
    for _ in range(ENOUGH):
        pace.note("understand m", 0.01)
    assert pace.slow_after_s("understand m") == LEAST_S


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
