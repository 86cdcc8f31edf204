"""The service as a whole."""

import os
import subprocess
import sys
from decimal import Decimal

import pytest
from llm_gateway_service.app import build
from llm_gateway_service.settings import Settings
from pydantic import ValidationError

NOWHERE = {"rabbitmq_url": "amqp://localhost/", "database_url": "postgresql://localhost/"}
LOADS = """
import sys
from chassis.together import build
build('llm_gateway_service')
print({'openai', 'anthropic'} & set(sys.modules))
"""


def test_it_answers_two_questions_and_says_what_they_cost() -> None:
    line = build(Settings(**NOWHERE)).line
    assert sorted(each.question.queue() for each in line.answering) == ["llm.complete", "llm.transcribe"]
    assert [fact.__name__ for fact in line.emitted] == [
        "BudgetThresholdCrossed",
        "CompletionServed",
        "ProviderFailedOver",
    ]
    assert line.service == "llm-gateway"


@pytest.mark.parametrize("keys, loaded", [((), "set()"), (("ANTHROPIC_API_KEY",), "{'anthropic'}")])
def test_the_client_of_a_provider_without_a_key_is_not_loaded(keys: tuple[str, ...], loaded: str) -> None:
    environment = {**os.environ, **{name.upper(): value for name, value in NOWHERE.items()}}
    environment |= {"OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": "", **dict.fromkeys(keys, "k")}
    done = subprocess.run([sys.executable, "-c", LOADS], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loaded


def test_a_dollar_has_a_price() -> None:
    assert Settings(**NOWHERE).usd_brl == Decimal(6)
    with pytest.raises(ValidationError):
        Settings(**NOWHERE, usd_brl=0)


def test_keys_do_not_print() -> None:
    settings = Settings(**NOWHERE, openai_api_key="sk-secret", anthropic_api_key="sk-secret")
    assert "sk-secret" not in f"{settings!r} {settings}"
