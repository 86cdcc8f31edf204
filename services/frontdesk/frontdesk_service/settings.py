from datetime import time
from pathlib import Path
from typing import Annotated, Self

from chassis.settings import Postgres, ServiceSettings
from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from frontdesk_service.hours import PeriodName
from frontdesk_service.mail import Mail
from frontdesk_service.parts import Outlets
from frontdesk_service.reports import Schedule
from frontdesk_service.webhooks import Receiver

Hour = Annotated[time | None, BeforeValidator(lambda given: None if given == "off" else given)]
"""`HH:MM` in the unit's time, or `off`."""


def _urls(given: object) -> object:
    """`name=http://host:port`, one or several with commas."""
    if not isinstance(given, str):
        return given
    pairs = [each.strip().partition("=") for each in given.split(",") if each.strip()]
    if not all(name and url.startswith(("http://", "https://")) for name, _, url in pairs):
        raise ValueError("must be name=http://host:port, one or several with commas")
    return {name: url.rstrip("/") for name, _, url in pairs}


ServiceUrls = Annotated[dict[str, str], NoDecode, BeforeValidator(_urls)]
"""Where each service listens."""


class Settings(ServiceSettings, Postgres):
    """What the front desk needs to know; there is no password but the one that is given."""

    service_port: int = Field(
        default=0, ge=0, le=65535, validation_alias=AliasChoices("service_port", "frontdesk_port")
    )
    frontdesk_username: str = Field(max_length=64)
    frontdesk_password: SecretStr
    frontdesk_jwt_secret: SecretStr
    unit_file: Path | None = None
    service_urls: ServiceUrls = Field(default_factory=dict)
    smtp_url: SecretStr | None = None
    alert_email: str | None = None
    alert_whatsapp: str | None = None
    frontdesk_url: str | None = None
    report_email: str | None = None
    report_day_at: Hour = time(7, 30)
    report_week_at: Hour = time(7, 30)
    report_month_at: Hour = time(7, 30)
    handoff_webhook_url: str | None = None
    handoff_webhook_secret: SecretStr | None = None

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.handoff_webhook_url and not self.handoff_webhook_secret:
            raise ValueError("HANDOFF_WEBHOOK_SECRET: is missing, though HANDOFF_WEBHOOK_URL is given")
        return self

    @property
    def outlets(self) -> Outlets:
        """How the owner is told of alerts and sent reports, and another system of handoffs."""
        mail = Mail(self.smtp_url, self.alert_email) if self.smtp_url and self.alert_email else None
        to = self.report_email or self.alert_email
        reports = Mail(self.smtp_url, to) if self.smtp_url and to else None
        hours: dict[PeriodName, time | None] = {
            "day": self.report_day_at,
            "week": self.report_week_at,
            "month": self.report_month_at,
        }
        schedule = Schedule({name: at for name, at in hours.items() if at is not None})
        url, secret = self.handoff_webhook_url, self.handoff_webhook_secret
        receiver = Receiver(url, secret) if url and secret else None
        return Outlets(mail, self.alert_whatsapp, self.frontdesk_url, reports, schedule, receiver)

    @property
    def weak(self) -> tuple[str, ...]:
        """Variables whose secret is shorter than it should be: 32 bytes for HS256 (RFC 7518 §3.2), 8 for a password."""
        secrets = {
            "FRONTDESK_JWT_SECRET": (self.frontdesk_jwt_secret, 32),
            "FRONTDESK_PASSWORD": (self.frontdesk_password, 8),
        }
        return tuple(name for name, (secret, least) in secrets.items() if len(secret.get_secret_value()) < least)
