"""What Google remembers."""

from typing import Any

from sandbox.clock import Clock
from sandbox.google_account import Account
from sandbox.google_events import Calendar
from sandbox.settings import Settings


class Google:
    """The service account, the calendar, and the calls so far (`method`, `status`)."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        given = settings.google_service_account_json
        self.account = Account(given.get_secret_value() if given else None)
        self.calendar = Calendar(settings.google_calendar_id, clock)
        self.calls: list[dict[str, Any]] = []

    @property
    def calendars(self) -> dict[str, Calendar]:
        """The calendars by id."""
        return {self.calendar.id: self.calendar}

    def forget(self) -> None:
        """As at start; the account stays."""
        self.calendar = Calendar(self.calendar.id, self.calendar.clock)
        self.calls.clear()
