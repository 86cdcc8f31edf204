from typing import Any

import pytest
from contracts import all_facts
from postprocessor_service.app import build
from postprocessor_service.settings import Settings
from pydantic import ValidationError

NEEDED = {
    "rabbitmq_url": "amqp://user:hidden@nowhere/",
    "database_url": "postgresql://user:hidden@nowhere/x",
    "evolution_url": "http://nowhere:8080",
    "evolution_api_key": "hidden",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_defaults_are_the_ones_that_others_rely_on() -> None:
    settings = Settings(**NEEDED)
    knobs = settings.knobs
    assert (knobs.timeout_s, knobs.resend_after_s, knobs.per_user_s, knobs.per_number_s) == (30, 45, 6, 0.05)
    assert (settings.stale_after_min, knobs.types) == (30, True)


@pytest.mark.parametrize("window,types", [("0", False), ("0.0", False), ("1.5", True), ("", True)])
def test_no_burst_window_means_no_typing(monkeypatch: pytest.MonkeyPatch, window: str, types: bool) -> None:
    monkeypatch.setenv("BURST_WINDOW_S", window)
    assert Settings(**NEEDED).knobs.types == types


@pytest.mark.parametrize(
    "wrong",
    [{"evolution_url": "nowhere"}, {"channel_timeout_s": 0}, {"channel_per_user_s": -1}, {"stale_after_min": 0}],
)
def test_a_wrong_value_is_refused_without_being_shown(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**NEEDED | wrong)
    assert "hidden" not in str(refused.value)


def test_secrets_do_not_print() -> None:
    assert "hidden" not in repr(Settings(**NEEDED))


def test_it_listens_to_exactly_the_facts_whose_consumer_it_is() -> None:
    service = build(Settings(**NEEDED))
    taken = {stage.fact for stage in service.line.stages}
    assert taken == {fact for fact in all_facts() if "postprocessor" in fact.consumers}
    assert {fact.__name__ for fact in service.line.emitted} == {
        "ChannelOutageReported",
        "DataErased",
        "DeliveryFailed",
        "ReplyDelivered",
        "ReplyRead",
    }
