"""One system for all tests of a run, started by the project's own command."""

from collections.abc import Iterator

import pytest
from assistant.testing_collector import Collector, collecting
from assistant.testing_system import System, running_system, until


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[System]:
    with running_system(
        tmp_path_factory.mktemp("system"),
        RESEND_AFTER_S="3",
        CHANNEL_TIMEOUT_S="3",
        SANDBOX_RETRY_SCALE="0.1",
        CATCH_UP_EVERY_S="3",
        EVOLUTION_WEBHOOK_SECRET="a-secret-of-the-tests-with-32-characters",
        EVOLUTION_API_KEY="a-key-of-the-tests",
        EVOLUTION_INSTANCE="kumon",
        META_ACCESS_TOKEN="a-token-of-the-tests",
        META_PHONE_NUMBER_ID="123",
        META_APP_SECRET="an-app-secret-of-the-tests",
        META_VERIFY_TOKEN="a-word-of-the-tests",
        TWILIO_ACCOUNT_SID="AC1",
        TWILIO_AUTH_TOKEN="an-auth-token-of-the-tests",
        TWILIO_FROM="+14155238886",
        FRONTDESK_USERNAME="owner",
        FRONTDESK_PASSWORD="a-password-of-the-tests",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        OTEL_METRIC_EXPORT_INTERVAL="5000",
    ) as running:
        yield running


@pytest.fixture
def steady(system: System) -> System:
    """The system with everything up, whatever the test before did to it."""
    until(system.ready, 120, "every service is ready")
    system.http.delete(f"{system.sandbox}/sandbox/faults").raise_for_status()
    return system
