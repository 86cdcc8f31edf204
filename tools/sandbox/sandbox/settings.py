"""What the sandbox can be told through its environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Names are those of the environment, upper case there; an empty variable counts as unset.

    The secrets have defaults because nothing outside this machine can reach the sandbox and nothing real is behind it.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    sandbox_host: str = "127.0.0.1"
    sandbox_port: int = Field(default=8090, ge=1, le=65535)
    sandbox_webhook_url: str | None = None
    """Where webhooks go, e.g. ``http://127.0.0.1:8000/webhooks/evolution``; unset: nowhere, until ``/webhook/set``."""
    sandbox_webhook_auth: Literal["header", "jwt", "both"] = "header"
    sandbox_webhook_timeout_s: float = Field(default=30.0, gt=0, le=60)
    """Evolution's ``WEBHOOK_REQUEST_TIMEOUT_MS``, in seconds."""
    sandbox_retry_scale: float = Field(default=1.0, ge=0, le=1)
    """Multiplies every pause of the retry schedule (5 s, 10 s, …); tests use 0.001."""
    sandbox_evolution_version: str = "2.3.7"
    sandbox_auto_read: bool = False
    """Parents read at once, whether or not the page shows their chat."""
    sandbox_unit_name: str = "Kumon Vila A"
    sandbox_unit_phone: str = Field(default="5551996921999", pattern=r"^\d{10,15}$")

    evolution_api_key: SecretStr = SecretStr("sandbox-api-key")
    evolution_instance: str = "kumon"
    evolution_webhook_secret: SecretStr = SecretStr("sandbox-webhook-secret")
    evolution_rabbitmq_url: str | None = None
    """Evolution's own broker, for instances that want their events there; unset: such events go nowhere."""

    sandbox_meta_webhook_url: str | None = None
    """Where Meta's Cloud API sends its webhooks, e.g. ``http://127.0.0.1:8000/webhooks/meta``; unset: nowhere."""
    sandbox_twilio_webhook_url: str | None = None
    """The same for Twilio, whose signature is of this address."""
    meta_app_secret: SecretStr = SecretStr("sandbox-app-secret")
    twilio_account_sid: str = "ACsandbox"
    twilio_auth_token: SecretStr = SecretStr("sandbox-auth-token")

    google_calendar_id: str = "unidade@sandbox.calendar"
    google_service_account_json: SecretStr | None = None
    """Whose signature Google's token endpoint takes; unset: an account made at start."""

    assistant_clock_file: Path | None = None
    """A file with one float, seconds to add to the real time; read again when it changes."""
