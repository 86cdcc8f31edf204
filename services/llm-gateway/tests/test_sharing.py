"""What copies of the gateway know of each other through Redis, and that none of it is needed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import redis.asyncio
from contracts.llm_gateway import ChatMessage, Complete, CompletionServed, PersonalValue
from llm_gateway_service.shared import PREFIX

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]
SYSTEM = ChatMessage(role="system", content="Diga o método em uma frase.")
SHAPE = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
QUESTION = Complete(
    task="understand",
    messages=(SYSTEM, ChatMessage(role="user", content="como funciona?")),
    cacheable=True,
    prompt_version="p1",
    facts_version="f1",
)


@pytest.fixture
async def shared_url(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """The shared Redis, with keys of this test's own."""
    prefix = f"{PREFIX}{request.node.name}:"
    monkeypatch.setattr("llm_gateway_service.shared.PREFIX", prefix)
    yield redis_url
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        keys = [key async for key in client.scan_iter(f"{prefix.replace('[', '?').replace(']', '?')}*")]
        if keys:
            await client.delete(*keys)


async def test_the_same_prompt_is_answered_once(start: Start, providers: Any, shared_url: str) -> None:
    await providers.script("openai", "Cada aluno no seu ritmo.")
    running = await start(redis_url=shared_url)
    first, second = [await running.ask(QUESTION) for _ in range(2)]
    assert (first.cached, second.cached) == (False, True)
    assert (first.text, first.provider, first.model) == (second.text, second.provider, second.model)
    assert len(await providers.calls()) == 1
    paid, free = running.probe.of(CompletionServed)
    assert (paid.cached, free.cached, free.brl, free.provider, free.refusal) == (False, True, 0, "openai", None)


@pytest.mark.parametrize(
    "other",
    [
        {"prompt_version": "p2"},
        {"facts_version": "f2"},
        {"messages": (SYSTEM, ChatMessage(role="user", content="como funciona"))},
        {"json_schema": SHAPE},
        {"max_tokens": 50},
        {"task": "check"},
        {"cacheable": False},
    ],
)
async def test_whatever_shapes_an_answer_makes_another_prompt(
    start: Start, providers: Any, shared_url: str, other: dict[str, Any]
) -> None:
    await providers.script("openai", '{"a": 1}')
    running = await start(redis_url=shared_url)
    await running.ask(QUESTION)
    assert not (await running.ask(QUESTION.model_copy(update=other))).cached
    assert len(await providers.calls()) == 2


async def test_another_model_answers_for_itself(start: Start, providers: Any, shared_url: str) -> None:
    await providers.script("openai", "Olá!")
    await (await start(redis_url=shared_url)).ask(QUESTION)
    assert not (await (await start(redis_url=shared_url, openai_model="gpt-4o")).ask(QUESTION)).cached


@pytest.mark.parametrize(
    "text, personal",
    [
        ("sou a Ana, como funciona?", (PersonalValue(kind="name", value="Ana Souza"),)),
        ("como funciona? me liga: 51 99999-8888", ()),
        ("como funciona? meu cpf é 529.982.247-25", ()),
    ],
)
async def test_a_prompt_with_somebody_in_it_is_never_kept(
    start: Start, providers: Any, shared_url: str, text: str, personal: Any
) -> None:
    await providers.script("openai", "Olá!")
    running = await start(redis_url=shared_url)
    about = {"messages": (SYSTEM, ChatMessage(role="user", content=text)), "personal": personal}
    for _ in range(2):
        assert not (await running.ask(QUESTION.model_copy(update=about))).cached
    assert len(await providers.calls()) == 2


async def test_a_copy_that_finds_a_provider_down_tells_the_others(
    start: Start, providers: Any, shared_url: str
) -> None:
    await providers.script("anthropic", "Olá!")
    one, other = await start(redis_url=shared_url), await start(redis_url=shared_url)
    for _ in range(5):
        await one.ask(QUESTION.model_copy(update={"cacheable": False}))
    assert (await one.breakers())["openai"] == "open"
    assert [name for name, _ in await providers.calls()].count("openai") == 5
    assert (await other.ask(QUESTION)).provider == "anthropic"
    assert (await other.breakers())["openai"] == "open"
    assert [name for name, _ in await providers.calls()].count("openai") == 5  # the other copy never tried


async def test_a_breaker_that_was_open_lets_one_try_and_closes(start: Start, providers: Any, shared_url: str) -> None:
    await providers.script("openai", "Olá!", fault="http_500", times=5)
    await providers.script("anthropic", "Olá!")
    running = await start(redis_url=shared_url)
    breakers = running.gateway.asking.calling.breakers
    breakers._open_s = breakers._factory.default_ttl = 0.2
    question = QUESTION.model_copy(update={"cacheable": False})
    for _ in range(5):
        await running.ask(question)
    async with asyncio.timeout(5):
        while (await running.ask(question)).provider == "anthropic":
            await asyncio.sleep(0.02)
    assert await running.breakers() == {"anthropic": "closed", "openai": "closed"}


async def test_without_redis_everything_goes_on(start: Start, providers: Any) -> None:
    await providers.script("openai", "Olá!")
    running = await start(redis_url="redis://127.0.0.1:9/0")
    for _ in range(2):
        answer = await running.ask(QUESTION)
        assert (answer.text, answer.cached) == ("Olá!", False)
