"""The service as a whole."""

import os
import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest
from llm_gateway_service.app import build
from llm_gateway_service.catalogue import read_catalogue
from llm_gateway_service.settings import Settings
from pydantic import ValidationError

NOWHERE = {"rabbitmq_url": "amqp://localhost/", "database_url": "postgresql://localhost/"}
LOADS = """
import sys
from chassis.together import build
build('llm_gateway_service')
print({'openai', 'anthropic', 'jsonschema'} & set(sys.modules))
"""


def test_it_answers_two_questions_and_says_what_they_cost() -> None:
    line = build(Settings(**NOWHERE)).line
    assert sorted(each.question.queue() for each in line.answering) == ["llm.complete", "llm.transcribe"]
    assert [fact.__name__ for fact in line.emitted] == [
        "BudgetThresholdCrossed",
        "CompletionServed",
        "ProviderFailedOver",
        "DataErased",
    ]
    assert line.service == "llm-gateway"


@pytest.mark.parametrize("keys, loaded", [((), "set()"), (("ANTHROPIC_API_KEY",), "{'anthropic'}")])
def test_the_client_of_a_provider_without_a_key_is_not_loaded(keys: tuple[str, ...], loaded: str) -> None:
    environment = {**os.environ, **{name.upper(): value for name, value in NOWHERE.items()}}
    environment |= {"OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": "", **dict.fromkeys(keys, "k")}
    done = subprocess.run([sys.executable, "-c", LOADS], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loaded


def test_a_dollar_has_a_price_with_its_date_unless_the_owner_sets_it() -> None:
    assert Settings(**NOWHERE).usd_brl is None
    assert (read_catalogue().dollar.brl, read_catalogue().dollar.on) == (Decimal(6), date(2026, 11, 28))
    with pytest.raises(ValidationError):
        Settings(**NOWHERE, usd_brl=0)


def test_keys_do_not_print() -> None:
    settings = Settings(**NOWHERE, openai_api_key="sk-secret", anthropic_api_key="sk-secret")
    assert "sk-secret" not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    "written, order",
    [
        ("openai", (("openai", 1.0),)),
        ("anthropic, openai", (("anthropic", 1.0), ("openai", 0.0))),
        ("openai=3,anthropic=1", (("openai", 3.0), ("anthropic", 1.0))),
    ],
)
def test_the_owner_says_who_is_asked_first(written: str, order: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_ORDER", written)
    assert Settings(**NOWHERE).llm_order == order


@pytest.mark.parametrize("written", ["gemini", "openai=0,anthropic=0", "openai=-1,anthropic=2", "openai=much"])
def test_an_order_that_nobody_can_keep_is_refused(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_ORDER", written)
    with pytest.raises(ValidationError):
        Settings(**NOWHERE)


@pytest.mark.parametrize(
    "chosen, task, model",
    [
        ({}, "understand", None),
        ({"openai_model": "a"}, "phrase", "a"),
        ({"openai_model": "a", "openai_phrase_model": "b"}, "phrase", "b"),
        ({"openai_model": "a", "openai_phrase_model": "b"}, "understand", "a"),
    ],
)
def test_the_owner_says_which_model_does_what(chosen: dict[str, str], task: str, model: str | None) -> None:
    assert Settings(**NOWHERE, **chosen).model_for("openai", task) == model


def test_every_secret_is_known_and_addresses_by_their_password_alone() -> None:
    about = {"database_url": "postgresql://u:p%40ssword@h/d", "openai_api_key": "sk-secret", "redis_url": "redis://h/"}
    assert Settings(**{**NOWHERE, **about}).secrets() == ("p@ssword", "sk-secret")
