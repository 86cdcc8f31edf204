"""What postprocessor reads from the environment."""

from chassis.settings import Postgres, ServiceSettings
from pydantic import Field, HttpUrl, SecretStr

from postprocessor_service.channels import Channel
from postprocessor_service.channels.cloud import Cloud
from postprocessor_service.channels.twilio import Account, Twilio
from postprocessor_service.manners import Knobs


class Settings(ServiceSettings, Postgres):
    """`channel_per_user_s` and `channel_per_number_s` are the least seconds between messages (0 = off).

    `burst_window_s` is dialogue's; 0 also means: no typing before a bubble. `fallback_after_s` is how long Evolution is
    away before another channel stands in; `twilio_content_sids` are Twilio's names of approved templates, by ours.
    """

    evolution_url: HttpUrl
    evolution_api_key: SecretStr
    channel_timeout_s: float = Field(default=30, gt=0, le=300)
    resend_after_s: float = Field(default=45, ge=0, le=3600)
    channel_per_user_s: float = Field(default=6, ge=0, le=3600)
    channel_per_number_s: float = Field(default=0.05, ge=0, le=60)
    stale_after_min: float = Field(default=30, gt=0, le=1440)
    burst_window_s: float | None = Field(default=None, ge=0)
    fallback_after_s: float = Field(default=60, ge=0, le=86_400)
    meta_access_token: SecretStr | None = None
    meta_phone_number_id: str | None = Field(default=None, pattern=r"^\d+$")
    meta_base_url: HttpUrl = HttpUrl("https://graph.facebook.com/v23.0")
    twilio_account_sid: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]+$")
    twilio_auth_token: SecretStr | None = None
    twilio_from: str | None = Field(default=None, pattern=r"^\+\d{8,15}$")
    twilio_base_url: HttpUrl = HttpUrl("https://api.twilio.com")
    twilio_content_sids: dict[str, str] = Field(default_factory=dict)

    @property
    def knobs(self) -> Knobs:
        """How the courier behaves on the channel."""
        return Knobs(
            timeout_s=self.channel_timeout_s,
            resend_after_s=self.resend_after_s,
            per_user_s=self.channel_per_user_s,
            per_number_s=self.channel_per_number_s,
            types=self.burst_window_s != 0,
            fallback_after_s=self.fallback_after_s,
        )

    @property
    def fallbacks(self) -> list[Channel]:
        """The channels that stand in for Evolution, as far as all of their settings are given."""
        found: list[Channel] = []
        if self.meta_access_token and self.meta_phone_number_id:
            url, number = str(self.meta_base_url), self.meta_phone_number_id
            found.append(Cloud(url, self.meta_access_token, number, self.channel_timeout_s))
        if self.twilio_account_sid and self.twilio_auth_token and self.twilio_from:
            url, account = str(self.twilio_base_url), Account(self.twilio_account_sid, self.twilio_auth_token)
            sids, timeout_s = self.twilio_content_sids, self.channel_timeout_s
            found.append(Twilio(url, account, self.twilio_from, content_sids=sids, timeout_s=timeout_s))
        return found
