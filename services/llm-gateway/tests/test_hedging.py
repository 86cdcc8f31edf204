"""Who is slower than usual gets company; whoever answers first counts, and both are paid."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from contracts.llm_gateway import ChatMessage, Complete, CompletionServed
from llm_gateway_service.breakers import THRESHOLD
from llm_gateway_service.pace import ENOUGH, MOST_S

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]
QUESTION = Complete(task="understand", messages=(ChatMessage(role="user", content="oi"),))


async def used_to(running: Any, seconds: float = 0.05) -> None:
    """Let the first provider have a usual pace."""
    for _ in range(6 * ENOUGH):
        running.gateway.asking.calling.pace.note("understand gpt-4o-mini", seconds)


async def test_the_second_one_is_asked_beside_a_slow_first_and_both_are_paid(start: Start, providers: Any) -> None:
    await providers.script("openai", "Devagar.", delay_s=1.5)
    await providers.script("anthropic", "Depressa.")
    running = await start()
    await used_to(running)
    answer = await running.probe.ask(QUESTION)
    assert (answer.text, answer.provider) == ("Depressa.", "anthropic")
    assert running.probe.of(CompletionServed) == []  # the loser is still heard out
    assert (await running.day())[1] == 0
    (served,) = running.probe.of(CompletionServed)
    bill = await providers.bill()
    assert {model: about["calls"] for model, about in bill["models"].items()} == {
        "gpt-4o-mini": 1,
        "claude-haiku-4-5": 1,
    }
    assert float(served.brl) == pytest.approx(bill["usd"] * 6, rel=0.02, abs=2e-6)
    assert served.duration_s < 1.5


async def test_a_first_one_that_comes_back_before_the_second_still_counts(start: Start, providers: Any) -> None:
    await providers.script("openai", "Primeira.", delay_s=0.8)
    await providers.script("anthropic", "Segunda.", delay_s=3)
    running = await start()
    await used_to(running)
    assert (await running.probe.ask(QUESTION)).text == "Primeira."


async def test_who_is_as_quick_as_ever_gets_no_company(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!", delay_s=0.05)
    await providers.script("anthropic", "Olá!")
    running = await start()
    await used_to(running, seconds=2.0)
    assert (await running.ask(QUESTION)).provider == "openai"
    assert [name for name, _ in await providers.calls()] == ["openai"]


async def test_who_is_overtaken_again_and_again_is_left_alone(start: Start, providers: Any) -> None:
    await providers.script("openai", "Devagar.", delay_s=0.8)
    await providers.script("anthropic", "Depressa.")
    running = await start()
    for _ in range(THRESHOLD):
        await used_to(running, 0.05)
        assert (await running.ask(QUESTION)).text == "Depressa."
    assert (await running.breakers())["openai"] == "open"
    before = len(await providers.calls())
    assert (await running.ask(QUESTION)).text == "Depressa."
    assert [name for name, _ in (await providers.calls())[before:]] == ["anthropic"]


async def test_who_is_slow_as_a_rule_still_gets_company(start: Start) -> None:
    running = await start()
    await used_to(running, 4.0)
    assert running.gateway.asking.calling.pace.slow_after_s("understand gpt-4o-mini") == MOST_S


async def test_when_both_of_a_race_fail_there_is_a_refusal(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!", delay_s=0.6, fault="http_500")
    await providers.script("anthropic", "Olá!", fault="http_500")
    running = await start()
    await used_to(running)
    assert (await running.ask(QUESTION)).refusal == "failed"
    assert (await running.day()) == (0, 0)


@pytest.mark.parametrize("about", [{"llm_hedge": False}, {"budget": "warning_brl = 0.00"}])
async def test_nobody_is_asked_twice_where_the_owner_or_the_budget_says_so(
    start: Start, providers: Any, about: dict[str, Any]
) -> None:
    await providers.script("openai", "Olá!", delay_s=0.6)
    await providers.script("anthropic", "Olá!", delay_s=0.6)
    running = await start(**about)
    await used_to(running)
    running.gateway.asking.calling.ledger._seen = (running.gateway.asking.calling.ledger.today, 0)
    assert (await running.ask(QUESTION)).text == "Olá!"
    assert len(await providers.calls()) == 1
