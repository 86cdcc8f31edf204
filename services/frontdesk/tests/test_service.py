"""The service as a whole: what it listens to, what it refuses, what it says of itself."""

import json
import logging
from typing import Any

import pytest
from chassis.logging import JsonLines
from contracts import all_facts
from contracts.privacy import ErasureRequested
from frontdesk_service.app import build
from frontdesk_service.projections import PROJECTIONS
from frontdesk_service.settings import Settings
from pydantic import ValidationError

NOWHERE = {
    "RABBITMQ_URL": "amqp://localhost/",
    "DATABASE_URL": "postgresql://localhost/",
    "FRONTDESK_USERNAME": "maria",
    "FRONTDESK_PASSWORD": "dois gatos no telhado",
    "FRONTDESK_JWT_SECRET": "s" * 32,
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_every_fact_that_is_said_to_the_front_desk_is_listened_to() -> None:
    said = {fact for fact in all_facts() if "frontdesk" in fact.consumers and fact.__module__.startswith("contracts.")}
    assert said == {*PROJECTIONS, ErasureRequested}


@pytest.mark.usefixtures("environment")
def test_the_service_reads_one_queue_a_fact() -> None:
    service = build(Settings())
    assert len(service.transport.queues()) == len(PROJECTIONS) + 1
    assert "frontdesk.preprocessor.message_sanitized.v1" in service.transport.queues()


@pytest.mark.parametrize("variable", ["FRONTDESK_USERNAME", "FRONTDESK_PASSWORD", "FRONTDESK_JWT_SECRET"])
@pytest.mark.parametrize("value", [None, ""])
def test_there_is_no_default_account_and_no_default_secret(environment: Any, variable: str, value: str | None) -> None:
    environment.delenv(variable)
    if value is not None:
        environment.setenv(variable, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert [each["loc"] for each in refused.value.errors()] == [(variable.lower(),)]


def test_a_weak_secret_is_warned_of_by_name_and_never_shown(environment: Any, caplog: Any) -> None:
    environment.setenv("FRONTDESK_PASSWORD", "curta")
    environment.setenv("FRONTDESK_JWT_SECRET", "breve")
    settings = Settings()
    with caplog.at_level(logging.WARNING):
        build(settings)
    lines = [json.loads(JsonLines("frontdesk").format(record)) for record in caplog.records]
    assert {(line["event"], line["variable"]) for line in lines} == {
        ("weak_secret", "FRONTDESK_PASSWORD"),
        ("weak_secret", "FRONTDESK_JWT_SECRET"),
    }
    assert "curta" not in caplog.text + repr(settings)
    assert "breve" not in caplog.text + repr(settings)


def test_the_port_has_its_own_name(environment: Any) -> None:
    environment.setenv("FRONTDESK_PORT", "8080")
    assert Settings().service_port == 8080
