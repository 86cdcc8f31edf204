"""Everything that can be wrong with a provider, alone and with the other one gone too: an answer, or a no in time."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from contracts.llm_gateway import (
    ChatMessage,
    Complete,
    Completion,
    CompletionServed,
    PersonalValue,
    ProviderFailedOver,
)
from llm_gateway_service.breakers import THRESHOLD

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]
DEADLINE_S = 5.0
BUSY_S = 2.0
"""What a machine with too much to do may add to it."""
SHAPE = {
    "type": "object",
    "properties": {"age": {"type": "integer"}},
    "required": ["age"],
    "additionalProperties": False,
}
INSTRUCTIONS = "Você é a Cecília, recepcionista de uma unidade do Kumon. Responda com calor e em no máximo duas frases."
WORDS = Complete(
    task="phrase",
    messages=(ChatMessage(role="system", content=INSTRUCTIONS), ChatMessage(role="user", content="oi, quanto custa?")),
)
DATA = WORDS.model_copy(update={"task": "understand", "json_schema": SHAPE})
ANYTIME = {
    "http_400": "bad_request",
    "http_401": "auth",
    "http_429": "rate_limited",
    "http_500": "server",
    "http_503": "overloaded",
    "http_529": "overloaded",
    "hang": "timeout",
    "cut": "connection",
    "bad_json": "truncated",
}
IN_WORDS = {**ANYTIME, "empty": "unusable", "foreign": "foreign", "invented": "invented", "leak": "leak"}
IN_SHAPE = {**ANYTIME, "malformed": "malformed", "wrong_shape": "malformed"}
Case = tuple[Complete, Any, str, str]
CASES: list[Case] = [
    *((WORDS, "Olá! Que bom ter você aqui.", fault, kind) for fault, kind in IN_WORDS.items()),
    *((DATA, {"age": 8}, fault, kind) for fault, kind in IN_SHAPE.items()),
]
ORDERS = [("openai", "anthropic"), ("anthropic", "openai")]


def is_right(answer: Completion, reply: Any) -> bool:
    return reply in (answer.text, answer.data)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("case", CASES)
async def test_what_one_provider_gets_wrong_the_other_one_answers(
    start: Start, providers: Any, deadline: Any, case: Case, order: tuple[str, str]
) -> None:
    (question, reply, fault, kind), (first, second) = case, order
    await providers.script(first, reply, fault=fault, retry_after_s=30)
    await providers.script(second, reply)
    running = await start(llm_order=f"{first},{second}", llm_hedge=False)
    with deadline(DEADLINE_S):
        answer = await running.ask(question)
    assert is_right(answer, reply)
    assert answer.provider == second
    (failed,) = running.probe.of(ProviderFailedOver)
    assert (failed.provider, failed.to, failed.error) == (first, second, kind)
    (served,) = running.probe.of(CompletionServed)
    assert await running.day() == (served.brl, 0)
    bill = (await providers.bill())["usd"]
    assert float(served.brl) >= bill * 6 - 1e-9  # never less than what the providers charge


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("case", CASES)
async def test_with_the_other_one_gone_too_there_is_a_refusal_in_time(
    start: Start, providers: Any, deadline: Any, case: Case, order: tuple[str, str]
) -> None:
    (question, reply, fault, kind), (first, second) = case, order
    await providers.script(first, reply, fault=fault)
    gone = {f"{second}_base_url": "http://127.0.0.1:9/v1" if second == "openai" else "http://127.0.0.1:9"}
    running = await start(llm_order=f"{first},{second}", **gone)
    began = time.monotonic()
    with deadline(DEADLINE_S):
        answer = await running.probe.ask(question)
    assert time.monotonic() - began < DEADLINE_S + BUSY_S
    assert answer.refusal in {"failed", "unusable_answer", "deadline"}
    assert (answer.text, answer.data) == (None, None)
    spent, reserved = await running.day()
    (served,) = running.probe.of(CompletionServed)
    assert (served.refusal, served.brl, reserved) == (answer.refusal, spent, 0)
    assert kind in {each.error for each in running.probe.of(ProviderFailedOver)}
    assert float(spent) >= (await providers.bill())["usd"] * 6 - 1e-9


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_what_one_filter_holds_back_is_not_tried_on_another(start: Start, providers: Any, provider: str) -> None:
    for name in ("openai", "anthropic"):
        await providers.script(name, "Olá!", fault="filtered")
    running = await start(llm_order=f"{provider},{'openai' if provider == 'anthropic' else 'anthropic'}")
    assert (await running.ask(WORDS)).refusal == "unusable_answer"
    assert [name for name, _ in await providers.calls()] == [provider]
    assert [(each.to, each.error) for each in running.probe.of(ProviderFailedOver)] == [(None, "filtered")]


async def test_the_last_one_is_asked_again_after_the_pause_that_it_wants(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!", plan=["http_429", None], retry_after_s=0.05)
    running = await start(keys=("openai",))
    assert (await running.ask(WORDS)).text == "Olá!"
    assert await providers.calls() == [("openai", 429), ("openai", 200)]


async def test_who_wants_a_pause_is_left_alone_meanwhile(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!", fault="http_429", times=1, retry_after_s=30)
    await providers.script("anthropic", "Olá!")
    running = await start()
    for _ in range(3):
        assert (await running.ask(WORDS)).provider == "anthropic"
    assert [name for name, _ in await providers.calls()] == ["openai", "anthropic", "anthropic", "anthropic"]
    assert await running.breakers() == {"openai": "open", "anthropic": "closed"}


@pytest.mark.parametrize("case", [case for case in CASES if case[3] != "bad_request"])
async def test_once_a_breaker_knows_a_provider_nobody_asks_it(
    start: Start, providers: Any, deadline: Any, case: Case
) -> None:
    question, reply, fault, _ = case
    await providers.script("openai", reply, fault=fault, retry_after_s=30)
    await providers.script("anthropic", reply)
    running = await start(llm_hedge=False)
    asked = 0
    while (await running.breakers()).get("openai", "closed") != "open":
        asked += 1
        assert asked <= THRESHOLD
        with deadline(1.2 if fault == "hang" else DEADLINE_S):
            await running.ask(question)
    before = [name for name, _ in await providers.calls()].count("openai")
    for _ in range(3):
        with deadline(DEADLINE_S):
            answer = await running.ask(question)
        assert is_right(answer, reply)
        assert answer.provider == "anthropic"
    assert [name for name, _ in await providers.calls()].count("openai") == before


@pytest.mark.parametrize("fault", ["http_400", "filtered"])
async def test_what_is_wrong_with_questions_opens_no_breaker(start: Start, providers: Any, fault: str) -> None:
    await providers.script("openai", "Olá!", fault=fault)
    await providers.script("anthropic", "Olá!")
    running = await start()
    for _ in range(THRESHOLD + 1):
        await running.ask(WORDS)
    assert (await running.breakers())["openai"] == "closed"


async def test_a_placeholder_that_nobody_gave_is_not_read_to_a_family(start: Start, providers: Any) -> None:
    await providers.script("openai", "Oi, [NOME_7]!")
    await providers.script("anthropic", "Oi!")
    ana = (PersonalValue(kind="name", value="Ana"),)
    about_ana = WORDS.model_copy(update={"messages": (ChatMessage(role="user", content="sou a Ana"),), "personal": ana})
    answer = await (await start()).ask(about_ana)
    assert (answer.text, answer.provider) == ("Oi!", "anthropic")
