"""What ingress can be told; the README says what each variable means."""

from chassis.settings import ServiceSettings
from pydantic import Field, SecretStr


class Settings(ServiceSettings):
    """The environment of ingress."""

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
