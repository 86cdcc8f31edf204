"""What llm-gateway reads from the environment."""

from decimal import Decimal
from pathlib import Path

from chassis.settings import Postgres, ServiceSettings
from pydantic import Field, SecretStr


class Settings(ServiceSettings, Postgres):
    """A provider without a key is not asked; `usd_brl` is what a US dollar costs in BRL, better too dear."""

    unit_file: Path | None = None
    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    openai_model: str = "gpt-4o-mini"
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = "https://api.anthropic.com"
    anthropic_model: str = "claude-haiku-4-5"
    usd_brl: Decimal = Field(default=Decimal("6.00"), gt=0, le=100)
