"""What calendar reads from the environment."""

from pathlib import Path

from chassis.settings import Postgres, ServiceSettings
from pydantic import Field, SecretStr


class Settings(ServiceSettings, Postgres):
    """`unit_file` is the owner's `unit.toml`; unset: the one in the working directory, else the project's own.

    `google_service_account_json` is a key's JSON, base64 of it, or its path; `google_api_endpoint` ends in
    `/calendar/v3/`; `calendar_sync_s` are seconds between imports; `frontdesk_url` is where the unit's people reach
    the front desk, for links in events.
    """

    unit_file: Path | None = None
    google_calendar_id: str | None = None
    google_service_account_json: SecretStr | None = None
    google_api_endpoint: str = "https://www.googleapis.com/calendar/v3/"
    calendar_sync_s: float = Field(default=60, gt=0, le=86_400)
    frontdesk_url: str | None = None
    frontdesk_port: int = Field(default=8080, ge=0, le=65535)

    @property
    def has_google(self) -> bool:
        """Whether there is a Google Calendar."""
        return bool(self.google_calendar_id and self.google_service_account_json)

    @property
    def desk(self) -> str:
        """The front desk's address, without a slash at its end."""
        return (self.frontdesk_url or f"http://127.0.0.1:{self.frontdesk_port}").rstrip("/")
