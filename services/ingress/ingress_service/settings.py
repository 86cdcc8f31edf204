"""What ingress can be told; the README says what each variable means."""

from datetime import timedelta

from chassis.settings import ServiceSettings
from pydantic import Field, HttpUrl, SecretStr


class Settings(ServiceSettings):
    """The environment of ingress. Without the channel's address and key nothing can be caught up with."""

    evolution_webhook_secret: SecretStr = Field(min_length=1)
    # Evolution inlines media as base64, a third larger than the file. WhatsApp takes pictures, voice notes and videos
    # of up to 16 MB (22 MB here); what is larger is refused, since a 413 can be caught up with and a crash cannot.
    webhook_limit_mb: int = Field(default=40, ge=1, le=100)
    webhook_memory_mb: int = Field(default=120, ge=1, le=2000)

    # The channels that stand in for Evolution; without these their routes do not exist.
    meta_app_secret: SecretStr | None = None
    meta_verify_token: SecretStr | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_webhook_url: str | None = None

    evolution_url: HttpUrl | None = None
    evolution_api_key: SecretStr | None = None
    evolution_instance: str = "receptionist"
    channel_timeout_s: float = Field(default=30.0, gt=0, le=300)
    redis_url: SecretStr | None = None
    catch_up_every_s: float = Field(default=60.0, gt=0, le=3600)
    catch_up_back_h: float = Field(default=24.0, gt=0, le=24 * 14)

    evolution_rabbitmq_url: SecretStr | None = None
    evolution_rabbitmq_exchange: str | None = None

    @property
    def catch_up_back(self) -> timedelta:
        """How old a message may be that is caught up with."""
        return timedelta(hours=self.catch_up_back_h)

    @property
    def exchange(self) -> str:
        """Where Evolution publishes: to an exchange named like the instance, unless it has a global one."""
        return self.evolution_rabbitmq_exchange or self.evolution_instance
