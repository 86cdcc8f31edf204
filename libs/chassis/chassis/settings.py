"""Settings fragments: small, bounded, named as the environment names them; secrets do not print.

An empty variable counts as unset. Source of the names: the root's `.env.example`.
"""

import os
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Fragment(BaseSettings):
    """What all fragments have in common; a class of several takes its configuration from the last one."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        secrets_dir=os.environ.get("SECRETS_DIR") or None,  # one file a variable, as orchestrators mount secrets
    )


class ServiceSettings(Fragment):
    """What every service needs: the broker, and where it listens (port 0 = any free one)."""

    rabbitmq_url: SecretStr
    service_host: str = "127.0.0.1"
    service_port: int = Field(default=0, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Postgres(Fragment):
    """For services with a store."""

    database_url: SecretStr


class Redis(Fragment):
    """For services with something that may be lost."""

    redis_url: SecretStr


def complaints(error: ValidationError) -> list[str]:
    """One line for each variable that is missing or wrong, without its value."""
    return [f"{'.'.join(str(part) for part in each['loc']).upper()}: {each['msg']}" for each in error.errors()]
