from pathlib import Path

from chassis.settings import Postgres, ServiceSettings
from pydantic import AliasChoices, Field, SecretStr

from frontdesk_service.mail import Mail
from frontdesk_service.parts import Outlets


class Settings(ServiceSettings, Postgres):
    """What the front desk needs to know; there is no password but the one that is given."""

    service_port: int = Field(
        default=0, ge=0, le=65535, validation_alias=AliasChoices("service_port", "frontdesk_port")
    )
    frontdesk_username: str = Field(max_length=64)
    frontdesk_password: SecretStr
    frontdesk_jwt_secret: SecretStr
    unit_file: Path | None = None
    smtp_url: SecretStr | None = None
    alert_email: str | None = None
    alert_whatsapp: str | None = None
    frontdesk_url: str | None = None

    @property
    def outlets(self) -> Outlets:
        """How the owner is told of alerts."""
        mail = Mail(self.smtp_url, self.alert_email) if self.smtp_url and self.alert_email else None
        return Outlets(mail, self.alert_whatsapp, self.frontdesk_url)

    @property
    def weak(self) -> tuple[str, ...]:
        """Variables whose secret is shorter than it should be: 32 bytes for HS256 (RFC 7518 §3.2), 8 for a password."""
        secrets = {
            "FRONTDESK_JWT_SECRET": (self.frontdesk_jwt_secret, 32),
            "FRONTDESK_PASSWORD": (self.frontdesk_password, 8),
        }
        return tuple(name for name, (secret, least) in secrets.items() if len(secret.get_secret_value()) < least)
