"""The service as a whole."""

from pathlib import Path

import httpx
import pytest
from chassis.errors import BadConfiguration
from preprocessor_service.app import build
from preprocessor_service.settings import Settings
from preprocessor_service.unit import read_unit_file
from pydantic import ValidationError

NOWHERE = {
    "RABBITMQ_URL": "amqp://localhost/",
    "DATABASE_URL": "postgresql://localhost/",
    "REDIS_URL": "redis://localhost/",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    for name in ("RATE_LIMIT_PER_HOUR", "STALE_AFTER_MIN", "EVOLUTION_URL", "EVOLUTION_API_KEY", "UNIT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


async def test_readiness_does_not_ask_for_redis() -> None:
    service = build(Settings())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.http), base_url="http://here") as client:
        assert set((await client.get("/readyz")).json()["checks"]) == {"started", "rabbitmq", "postgresql"}
        assert (await client.get("/breakers")).json() == []


def test_it_takes_messages_and_gives_what_became_of_them() -> None:
    service = build(Settings())
    assert [stage.fact.routing_key() for stage in service.line.stages] == [
        "ingress.message_received.v1",
        "ingress.names_seen.v1",
        "privacy.erasure_requested.v1",
    ]
    assert [fact.__name__ for fact in service.line.emitted] == [
        "ContactsMerged",
        "MessageRejected",
        "MessageSanitized",
        "DataErased",
    ]


@pytest.mark.parametrize(
    "owner, environment, most",
    [
        ("", "", 50),
        ("[limits]\nmessages_per_hour = 20", "", 20),
        ("[limits]\nmessages_per_hour = 20", "7", 7),
        ("", "0", 0),
    ],
)
def test_the_environment_wins_over_the_owner_and_the_owner_over_the_default(
    owner: str, environment: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("unit.toml").write_text(owner)
    monkeypatch.setenv("RATE_LIMIT_PER_HOUR", environment)
    settings = Settings()
    assert read_unit_file(settings.unit_file).rate_limit(settings.rate_limit_per_hour) == most


@pytest.mark.parametrize(
    "owner, complaint",
    [
        ("[limits]\nmessages_per_hour = -1", "limits.messages_per_hour: "),
        ("[retention]\nnever_booked_days = 'x'", "retention.never_booked_days: "),
        ("[limits", "unit.toml: "),
    ],
)
def test_a_mistake_of_the_owner_is_named(owner: str, complaint: str) -> None:
    Path("unit.toml").write_text(owner)
    with pytest.raises(BadConfiguration, match=complaint):
        build(Settings())


def test_a_unit_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIT_FILE", str(tmp_path / "none.toml"))
    with pytest.raises(BadConfiguration, match="UNIT_FILE"):
        build(Settings())


@pytest.mark.parametrize("name, value", [("RATE_LIMIT_PER_HOUR", "-1"), ("STALE_AFTER_MIN", "0")])
def test_a_setting_out_of_bounds_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()
