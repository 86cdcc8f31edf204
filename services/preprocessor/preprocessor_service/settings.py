"""What preprocessor reads from the environment."""

from datetime import timedelta
from pathlib import Path

from chassis.settings import Postgres, Redis, ServiceSettings
from pydantic import Field, SecretStr


class Settings(ServiceSettings, Postgres, Redis):
    """`rate_limit_per_hour`: unset = the owner's `[limits]`, 0 = off. Without the channel voice notes go unheard."""

    unit_file: Path | None = None
    rate_limit_per_hour: int | None = Field(default=None, ge=0)
    stale_after_min: float = Field(default=30, gt=0)
    evolution_url: str | None = None
    evolution_api_key: SecretStr | None = None
    meta_access_token: SecretStr | None = None
    meta_base_url: str = "https://graph.facebook.com/v23.0"
    twilio_account_sid: str | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_base_url: str = "https://api.twilio.com"

    @property
    def stale_after(self) -> timedelta:
        """How old a message may be when it arrives."""
        return timedelta(minutes=self.stale_after_min)
