"""`doctor` asks each configured AI provider one thing, and says what it cost."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
import uvicorn
from assistant.doctor_ai import in_words, problem_of, trials
from llm_gateway_service.trial import Trial
from sandbox.app import build_app
from sandbox.settings import Settings


@pytest.fixture(scope="module")
def providers() -> Iterator[str]:
    """The providers of a sandbox."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = build_app(Settings(sandbox_webhook_url=None))
    config = uvicorn.Config(app, log_level="error", access_log=False, ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def script(providers: str) -> Callable[..., None]:
    def tell(provider: str, **about: Any) -> None:
        body = {"provider": provider, "replies": ["ok"], **about}
        httpx.post(f"{providers}/sandbox/models", json=body, trust_env=False).raise_for_status()

    return tell


def given(url: str, *providers: str, **more: str) -> dict[str, str]:
    addresses = {"OPENAI_BASE_URL": f"{url}/openai/v1", "ANTHROPIC_BASE_URL": f"{url}/anthropic"}
    return addresses | {f"{provider.upper()}_API_KEY": "sk-hidden" for provider in providers} | more


def test_without_a_key_nobody_is_asked(providers: str) -> None:
    assert trials(given(providers)) == []


def test_each_provider_with_a_key_is_asked_once_and_told_with_its_cost(
    providers: str, script: Callable[..., None]
) -> None:
    httpx.delete(f"{providers}/sandbox/state", trust_env=False)
    for provider in ("openai", "anthropic"):
        script(provider)
    asked = trials(given(providers, "openai", "anthropic", USD_BRL="5"))
    assert [(each.provider, each.model, each.trouble) for each in asked] == [
        ("openai", "gpt-4o-mini", None),
        ("anthropic", "claude-haiku-4-5", None),
    ]
    bill = httpx.get(f"{providers}/sandbox/models/bill", trust_env=False).json()
    assert [about["calls"] for about in bill["models"].values()] == [1, 1]
    assert float(sum(trial.brl for trial in asked)) == pytest.approx(bill["usd"] * 5, abs=2e-6)
    assert in_words(asked[0]).startswith("openai: gpt-4o-mini answered in ")
    assert f"for R$ {asked[0].brl:.6f}" in in_words(asked[0])


@pytest.mark.parametrize(
    "fault, variable, text",
    [
        ("http_401", "OPENAI_API_KEY", "refuses this key"),
        ("http_429", "OPENAI_API_KEY", "takes no more calls"),
        ("http_400", "OPENAI_MODEL", "does not take a question for my-model"),
        ("http_500", "OPENAI_API_KEY", "an error (server)"),
    ],
)
def test_a_provider_that_does_not_answer_is_a_problem_with_a_variable(
    providers: str, script: Callable[..., None], fault: str, variable: str, text: str
) -> None:
    script("openai", fault=fault)
    environment = given(providers, "openai", OPENAI_MODEL="my-model")
    (trial,) = trials(environment)
    problem = problem_of(trial, environment)
    assert problem
    assert problem.variable == variable
    assert text in problem.text
    assert "sk-hidden" not in str(problem)


def test_an_address_where_nobody_is_is_named() -> None:
    environment = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    (trial,) = trials(environment)
    said = "OPENAI_BASE_URL: nothing answers at 127.0.0.1; check the address and the network"
    assert str(problem_of(trial, environment)) == said


def test_a_model_that_retires_soon_is_told() -> None:
    old = Trial("openai", "old", 0.5, Decimal("0.0001"), None, date(2020, 1, 1), "new")
    assert in_words(old).endswith("; it is served until 2020-01-01, then new takes its place")
    assert "served until" not in in_words(Trial("openai", "young", 0.5, Decimal(0), None, date.max, "new"))


@pytest.mark.stores
def test_the_command_says_what_it_cost_and_fails_when_a_key_is_refused(
    make_installation: Callable[..., Any], providers: str, script: Callable[..., None]
) -> None:
    script("openai")
    installation = make_installation(**given(providers, "openai"))
    done = installation.run("doctor")
    assert done.returncode == 0, done.stdout
    assert "✓ openai: gpt-4o-mini answered" in done.stdout
    script("openai", fault="http_401")
    failed = installation.run("doctor")
    assert failed.returncode == 1
    assert "✗ OPENAI_API_KEY: the provider refuses this key" in failed.stdout
