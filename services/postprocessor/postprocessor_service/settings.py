"""What postprocessor reads from the environment."""

from chassis.settings import Postgres, ServiceSettings
from pydantic import Field, HttpUrl, SecretStr

from postprocessor_service.manners import Knobs


class Settings(ServiceSettings, Postgres):
    """`channel_per_user_s` and `channel_per_number_s` are the least seconds between messages (0 = off).

    `burst_window_s` is dialogue's; 0 also means: no typing before a bubble.
    """

    evolution_url: HttpUrl
    evolution_api_key: SecretStr
    channel_timeout_s: float = Field(default=30, gt=0, le=300)
    resend_after_s: float = Field(default=45, ge=0, le=3600)
    channel_per_user_s: float = Field(default=6, ge=0, le=3600)
    channel_per_number_s: float = Field(default=0.05, ge=0, le=60)
    stale_after_min: float = Field(default=30, gt=0, le=1440)
    burst_window_s: float | None = Field(default=None, ge=0)

    @property
    def knobs(self) -> Knobs:
        """How the courier behaves on the channel."""
        return Knobs(
            timeout_s=self.channel_timeout_s,
            resend_after_s=self.resend_after_s,
            per_user_s=self.channel_per_user_s,
            per_number_s=self.channel_per_number_s,
            types=self.burst_window_s != 0,
        )
