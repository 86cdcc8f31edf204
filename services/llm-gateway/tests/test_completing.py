"""Completions: answers, failures sorted, the other provider's turn, refusals; over HTTP with the official clients."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from chassis.testing import Probe
from contracts.llm_gateway import ChatMessage, Complete, Completion, CompletionServed, ProviderFailedOver

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]
BUSY_S = 2.0
"""What a machine with too much to do may add to a deadline."""
SECRET = "segredo da família"
SHAPE = {
    "type": "object",
    "properties": {"age": {"type": "integer"}},
    "required": ["age"],
    "additionalProperties": False,
}


def a_question(schema: dict[str, Any] | None = None, **about: Any) -> Complete:
    messages = (ChatMessage(role="system", content="Seja breve."), ChatMessage(role="user", content=SECRET))
    return Complete(**{"task": "understand", "messages": messages, "json_schema": schema, **about})


async def ask(running: Any, question: Complete | None = None) -> Completion:
    answer = await running.ask(question or a_question())
    assert isinstance(answer, Completion)
    return answer


def failovers(probe: Probe) -> list[tuple[str, str | None, str]]:
    return [(each.provider, each.to, each.error) for each in probe.of(ProviderFailedOver)]


async def test_openai_is_asked_first(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!")
    running = await start()
    assert await ask(running) == Completion(text="Olá!", provider="openai", model="gpt-4o-mini")
    (served,) = running.probe.of(CompletionServed)
    assert (served.task, served.provider, served.model, served.refusal) == ("understand", "openai", "gpt-4o-mini", None)
    assert served.input_tokens > 0
    exact = (served.input_tokens * Decimal("0.9") + served.output_tokens * Decimal("3.6")) / 1_000_000
    assert 0 <= served.brl - exact < Decimal("0.000001")  # the ledger's grain, rounded up
    assert (served.usd_brl, served.duration_s > 0) == (6, True)
    assert await running.day() == (served.brl, 0)
    assert failovers(running.probe) == []
    (asked,) = await providers.requests()
    assert asked["request"]["messages"] == [each.model_dump() for each in a_question().messages]
    assert asked["request"]["max_completion_tokens"] == 400


async def test_openai_answers_in_a_shape(start: Start, providers: Any) -> None:
    await providers.script("openai", {"age": 8})
    answer = await ask((await start()), a_question(SHAPE))
    assert (answer.data, answer.text, answer.provider) == ({"age": 8}, None, "openai")
    (asked,) = await providers.requests()
    shape = {"name": "understand", "schema": SHAPE, "strict": True}
    assert asked["request"]["response_format"] == {"type": "json_schema", "json_schema": shape}


async def test_anthropic_answers_in_words_and_in_a_shape(start: Start, providers: Any) -> None:
    await providers.script("anthropic", "Olá!", {"age": 8})
    running = await start(keys=("anthropic",))
    assert await ask(running) == Completion(text="Olá!", provider="anthropic", model="claude-haiku-4-5")
    assert (await ask(running, a_question(SHAPE))).data == {"age": 8}
    words, shape = (each["request"] for each in await providers.requests())
    kept = {"type": "text", "text": "Seja breve.", "cache_control": {"type": "ephemeral"}}
    assert (words["system"], words["messages"]) == ([kept], [{"role": "user", "content": SECRET}])
    assert shape["output_config"]["format"] == {"type": "json_schema", "schema": SHAPE}


async def test_a_shape_that_anthropic_cannot_keep_to_strictly_is_a_tools_input(start: Start, providers: Any) -> None:
    await providers.script("anthropic", {"age": 8})
    loose = {**SHAPE, "additionalProperties": True}
    assert (await ask(await start(keys=("anthropic",)), a_question(loose))).data == {"age": 8}
    (asked,) = await providers.requests()
    assert asked["request"]["tools"][0]["input_schema"] == loose
    assert asked["request"]["tool_choice"] == {"type": "tool", "name": "answer"}


async def test_a_prompt_of_system_messages_alone_can_be_put_to_anthropic(start: Start, providers: Any) -> None:
    await providers.script("anthropic", "Olá!")
    only_system = a_question(messages=(ChatMessage(role="system", content="Diga olá."),))
    assert (await ask((await start(keys=("anthropic",))), only_system)).text == "Olá!"


@pytest.mark.parametrize(
    "fault, error",
    [("http_401", "auth"), ("http_429", "rate_limited"), ("http_500", "server"), ("bad_json", "truncated")],
)
async def test_when_openai_fails_anthropic_answers(start: Start, providers: Any, fault: str, error: str) -> None:
    await providers.script("openai", {"age": 8}, fault=fault)
    await providers.script("anthropic", {"age": 9})
    running = await start()
    answer = await ask(running, a_question(SHAPE))
    assert (answer.data, answer.provider, answer.refusal) == ({"age": 9}, "anthropic", None)
    assert failovers(running.probe) == [("openai", "anthropic", error)]
    assert [name for name, _ in await providers.calls()] == ["openai", "anthropic"]  # nobody is asked twice
    (served,) = running.probe.of(CompletionServed)
    assert served.provider == "anthropic"
    assert await running.day() == (served.brl, 0)


async def test_an_answer_of_another_shape_is_not_used_and_still_paid(start: Start, providers: Any) -> None:
    await providers.script("openai", {"age": "oito"})
    running = await start(keys=("openai",))
    assert await ask(running, a_question(SHAPE)) == Completion(refusal="unusable_answer")
    assert failovers(running.probe) == [("openai", None, "malformed")]
    (served,) = running.probe.of(CompletionServed)
    assert (served.refusal, served.provider, served.brl > 0, served.output_tokens > 0) == (
        "unusable_answer",
        None,
        True,
        True,
    )
    assert await running.breakers() == {"openai": "closed"}


async def test_a_provider_may_mend_an_answer_of_another_shape_once(start: Start, providers: Any) -> None:
    await providers.script("openai", {"age": "oito"}, {"age": 8})
    running = await start()
    answer = await ask(running, a_question(SHAPE))
    assert (answer.data, answer.provider) == ({"age": 8}, "openai")
    first, second = (each["request"]["messages"] for each in await providers.requests())
    assert second[: len(first)] == first
    shown, complaint = second[len(first) :]
    assert shown == {"role": "assistant", "content": '{"age": "oito"}'}
    assert "$.age: 'oito' is not of type 'integer'" in complaint["content"]
    assert failovers(running.probe) == []
    (served,) = running.probe.of(CompletionServed)
    assert await running.day() == (served.brl, 0)  # both calls are paid
    assert (await providers.bill())["models"]["gpt-4o-mini"]["calls"] == 2


async def test_a_cost_belongs_to_the_conversation_that_asked(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!")
    running = await start()
    await ask(running, a_question(conversation="cnv_1"))
    (event,) = [each for each in running.probe.published if isinstance(each.data, CompletionServed)]
    assert event.subject == "cnv_1"
    assert await running.service.store.pool.fetchval("select brl from spend where conversation = 'cnv_1'") > 0


async def test_an_answer_of_nothing_is_not_used(start: Start, providers: Any) -> None:
    await providers.script("openai", "  ")
    assert (await ask(await start(keys=("openai",)))).refusal == "unusable_answer"


async def test_when_openai_hangs_anthropic_answers_within_the_deadline(
    start: Start, providers: Any, deadline: Any
) -> None:
    await providers.script("openai", fault="hang")
    await providers.script("anthropic", "Olá!")
    running = await start()
    began = time.monotonic()
    with deadline(2.5):
        answer = await ask(running)
    assert time.monotonic() - began < 2.5
    assert (answer.text, answer.provider) == ("Olá!", "anthropic")
    assert failovers(running.probe) == [("openai", "anthropic", "timeout")]


async def test_when_both_hang_the_refusal_comes_before_the_deadline(
    start: Start, providers: Any, deadline: Any
) -> None:
    for name in ("openai", "anthropic"):
        await providers.script(name, fault="hang")
    running = await start()
    began = time.monotonic()
    with deadline(2.0):
        assert await ask(running) == Completion(refusal="deadline")
    assert time.monotonic() - began < 2.0 + BUSY_S
    (served,) = running.probe.of(CompletionServed)
    spent, reserved = await running.day()
    assert (served.refusal, served.brl, reserved) == ("deadline", spent, 0)
    assert spent > 0  # nobody knows what a lost answer cost: its worst is booked


async def test_with_no_time_left_nobody_is_asked(start: Start, providers: Any, deadline: Any) -> None:
    running = await start()
    with deadline(0.5):
        assert await ask(running) == Completion(refusal="deadline")
    assert await providers.calls() == []
    assert [each.refusal for each in running.probe.of(CompletionServed)] == ["deadline"]


async def test_when_both_are_down_there_is_a_refusal(start: Start, providers: Any) -> None:
    running = await start()
    assert await ask(running) == Completion(refusal="failed")
    assert [name for name, _ in await providers.calls()] == ["openai", "anthropic", "anthropic"]  # the last one twice
    assert failovers(running.probe) == [("openai", "anthropic", "server"), ("anthropic", None, "server")]
    assert [(each.refusal, each.brl) for each in running.probe.of(CompletionServed)] == [("failed", 0)]
    assert await running.day() == (0, 0)  # errors are not billed


async def test_a_provider_that_cannot_be_reached_costs_nothing(start: Start, providers: Any) -> None:
    await providers.script("anthropic", "Olá!")
    running = await start(openai_base_url="http://127.0.0.1:9/v1")
    assert (await ask(running)).provider == "anthropic"
    assert failovers(running.probe) == [("openai", "anthropic", "connection")]
    (served,) = running.probe.of(CompletionServed)
    assert await running.day() == (served.brl, 0)


async def test_an_address_that_is_no_provider_fails_over(start: Start, providers: Any, sandbox_url: str) -> None:
    await providers.script("anthropic", "Olá!")
    running = await start(openai_base_url=f"{sandbox_url}/nowhere")
    assert (await ask(running)).provider == "anthropic"
    assert failovers(running.probe) == [("openai", "anthropic", "bad_request")]
    assert (await running.breakers())["openai"] == "closed"


async def test_a_provider_that_fails_again_and_again_is_left_alone(start: Start, providers: Any) -> None:
    await providers.script("anthropic", "Olá!")
    running = await start()
    for _ in range(7):
        assert (await ask(running)).provider == "anthropic"
    assert [name for name, _ in await providers.calls()].count("openai") == 5
    assert await running.breakers() == {"anthropic": "closed", "openai": "open"}
    assert len(failovers(running.probe)) == 5


async def test_when_every_breaker_is_open_the_refusal_says_so_at_once(start: Start, providers: Any) -> None:
    running = await start()
    for _ in range(5):
        assert (await ask(running)).refusal == "failed"
    assert await ask(running) == Completion(refusal="breakers_open")
    assert len(await providers.calls()) == 10
    assert running.probe.of(CompletionServed)[-1].refusal == "breakers_open"
    assert await running.day() == (0, 0)


async def test_without_a_key_there_is_no_provider(start: Start, providers: Any) -> None:
    running = await start(keys=())
    assert await ask(running) == Completion(refusal="no_provider")
    assert [each.refusal for each in running.probe.of(CompletionServed)] == ["no_provider"]
    assert await providers.calls() == []


async def test_without_the_ledger_nothing_is_asked_and_the_refusal_is_told(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!")
    running = await start()
    await running.service.store.pool.close()
    assert await ask(running) == Completion(refusal="failed")
    assert await providers.calls() == []
    assert [each.refusal for each in running.probe.of(CompletionServed)] == ["failed"]


async def test_an_answer_is_given_even_when_the_ledger_goes_meanwhile(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!", delay_s=0.3)
    running = await start()
    asking = asyncio.create_task(ask(running))
    async with asyncio.timeout(5):
        while (await running.day())[1] == 0:
            await asyncio.sleep(0.01)
    running.service.store.pool.terminate()
    assert (await asking).text == "Olá!"
    (served,) = running.probe.of(CompletionServed)
    assert served.brl > 0


async def test_questions_that_come_together_are_all_answered(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!", delay_s=0.05)
    running = await start()
    answers = await asyncio.gather(*(ask(running) for _ in range(20)))
    assert {answer.text for answer in answers} == {"Olá!"}
    served = running.probe.of(CompletionServed)
    assert len(served) == 20
    assert await running.day() == (sum(each.brl for each in served), 0)


async def test_no_word_of_anybody_reaches_the_logs(
    start: Start, providers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    running = await start()
    await providers.script("openai", f"eco: {SECRET}", fault="http_500", times=1)
    await providers.script("anthropic", {"age": SECRET})
    assert (await ask(running, a_question(SHAPE))).refusal == "failed"
    assert SECRET in str((await ask(running)).text)
    said = [f"{record.getMessage()} {getattr(record, 'ids', '')} {record.exc_text or ''}" for record in caplog.records]
    assert any("provider_failed" in line for line in said)
    assert [line for line in said if SECRET in line] == []
