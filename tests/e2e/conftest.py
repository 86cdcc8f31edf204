"""One system for all tests of the folder, every service a process of its own; every test is a parent of its own."""

import os
import shutil
from collections.abc import Iterator

import httpx
import pytest
from assistant.testing_system import MONDAY, Broker, System, until


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    broker = Broker(tmp_path_factory.mktemp("broker"))
    broker.start()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.endswith("_PORT")},
        "ASSISTANT_HOME": str(folder),
        "ASSISTANT_NOW": MONDAY,
        "RABBITMQ_URL": broker.url,
        "BURST_WINDOW_S": "1",
        "CHANNEL_PER_USER_S": "0",
        "RESEND_AFTER_S": "3",
        "CHANNEL_TIMEOUT_S": "3",
        "SANDBOX_RETRY_SCALE": "0.1",
        "EVOLUTION_WEBHOOK_SECRET": "a-secret-of-the-tests-with-32-characters",
        "EVOLUTION_API_KEY": "a-key-of-the-tests",
        "EVOLUTION_INSTANCE": "kumon",
        "FRONTDESK_USERNAME": "owner",
        "FRONTDESK_PASSWORD": "a-password-of-the-tests",
    }
    with httpx.Client(timeout=30) as http:
        running = System(folder, environment, broker, http)
        try:
            running.up()
            yield running
        finally:
            if os.environ.get("KEEP_LOGS"):
                shutil.copytree(folder / "log", os.environ["KEEP_LOGS"], dirs_exist_ok=True)
            running.assistant("down", "--wipe", check=False)
            broker.stop()


@pytest.fixture
def steady(system: System) -> System:
    """The system with everything up, whatever the test before did to it."""
    until(system.ready, 60, "every service is ready")
    system.http.delete(f"{system.sandbox}/sandbox/faults").raise_for_status()
    return system
