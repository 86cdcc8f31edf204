"""Reads what dialogue needs of the owner's `unit.toml`: the zone, and when a session is over.

The rest of the file is not looked at. A mistake is a `BadConfiguration` that names the file, the key and the reason.
"""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from chassis.errors import BadConfiguration
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

NAME = "unit.toml"


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("no such time zone")
    return value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Unit(_Part):
    timezone: Annotated[str, AfterValidator(_known_zone)] = "America/Sao_Paulo"


class _Session(_Part):
    silence_h: float = Field(default=2, gt=0, le=168)


class UnitFile(_Part):
    """The keys that dialogue needs."""

    unit: _Unit = _Unit()
    session: _Session = _Session()

    @property
    def zone(self) -> ZoneInfo:
        """Where "hoje" and "às 15h" are said."""
        return ZoneInfo(self.unit.timezone)

    @property
    def silence(self) -> timedelta:
        """How long nobody writes until a session is over."""
        return timedelta(hours=self.session.silence_h)


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
