"""Reads what preprocessor needs of the owner's `unit.toml`: the rate limit and how long people are remembered.

The rest of the file is not looked at. A mistake is a `BadConfiguration` that names the file, the key and the reason.
"""

import tomllib
from datetime import timedelta
from pathlib import Path

from chassis.errors import BadConfiguration
from pydantic import BaseModel, ConfigDict, Field, ValidationError

NAME = "unit.toml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Limits(_Part):
    messages_per_hour: int = Field(default=50, ge=0)


class _Retention(_Part):
    never_booked_days: int = Field(default=365, ge=1)


class UnitFile(_Part):
    """The keys that preprocessor needs."""

    limits: _Limits = _Limits()
    retention: _Retention = _Retention()

    def rate_limit(self, given: int | None) -> int:
        """Messages an hour: what the environment gives, else what the owner wrote; 0 = no limit."""
        return self.limits.messages_per_hour if given is None else given

    def keep(self) -> timedelta:
        """How long somebody who is silent is remembered."""
        return timedelta(days=self.retention.never_booked_days)


def read_unit_file(given: Path | None) -> UnitFile:
    """Read the given file, else `unit.toml` here, else the project's. Raises `BadConfiguration`."""
    file = given or next((place for place in _places() if place.is_file()), Path(NAME))
    try:
        return UnitFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadConfiguration(f"UNIT_FILE: {file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadConfiguration(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _places() -> list[Path]:
    return [Path(NAME), *(folder / NAME for folder in Path(__file__).resolve().parents)]
