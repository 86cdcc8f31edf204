"""What the service is made of, with and without a Google Calendar."""

import subprocess
import sys

import pytest
from calendar_service.app import build
from calendar_service.google.sync import IMPORT
from calendar_service.settings import Settings
from chassis.service import Service

NOWHERE = {"rabbitmq_url": "amqp://localhost/", "database_url": "postgresql://localhost/"}
GOOGLE = {"google_calendar_id": "a", "google_service_account_json": "not a key"}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_CALENDAR_ID", "GOOGLE_SERVICE_ACCOUNT_JSON", "FRONTDESK_URL", "FRONTDESK_PORT"):
        monkeypatch.delenv(name, raising=False)


def built(**about: str) -> Service:
    return build(Settings.model_validate({**NOWHERE, **about}))


def test_with_a_calendar_even_a_wrong_key_lets_it_start() -> None:
    service = built(**GOOGLE)
    assert service.store
    assert IMPORT in service.store.timers


@pytest.mark.parametrize("given", [{}, {"google_calendar_id": "a"}, {"google_service_account_json": "{}"}])
def test_without_a_calendar_or_a_key_the_book_stands_alone(given: dict[str, str]) -> None:
    service = built(**given)
    assert service.store
    assert IMPORT not in service.store.timers


def test_googles_library_is_not_loaded_before_it_is_needed() -> None:
    code = (
        "import sys; from calendar_service.app import build; from calendar_service.settings import Settings;"
        f"build(Settings(**{ {**NOWHERE, **GOOGLE}!r}));"
        "print([name for name in sys.modules if name.startswith(('googleapiclient', 'google.', 'httplib2'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "given,desk",
    [
        ({}, "http://127.0.0.1:8080"),
        ({"frontdesk_port": "1234"}, "http://127.0.0.1:1234"),
        ({"frontdesk_url": "https://recepcao.example.com/"}, "https://recepcao.example.com"),
    ],
)
def test_links_lead_to_the_front_desk(given: dict[str, str], desk: str) -> None:
    assert Settings.model_validate({**NOWHERE, **given}).desk == desk
