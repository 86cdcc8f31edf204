"""Reads what llm-gateway needs of the owner's `unit.toml`: the AI budget.

The rest of the file is not looked at. A mistake is a `BadConfiguration` that names the file, the key and the reason.
"""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self

from chassis.errors import BadConfiguration
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

NAME = "unit.toml"
Money = Annotated[Decimal, Field(ge=0, decimal_places=2, max_digits=9)]


class Budget(BaseModel):
    """BRL a São Paulo day: two warnings and the limit, at which no paid call is made."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    warning_brl: Money = Decimal("4.00")
    critical_brl: Money = Decimal("4.50")
    limit_brl: Money = Decimal("5.00")

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.warning_brl <= self.critical_brl <= self.limit_brl:
            raise ValueError("warning_brl, critical_brl and limit_brl must rise")
        return self

    @property
    def thresholds(self) -> tuple[Decimal, ...]:
        """What the owner wants to know of, rising."""
        return (self.warning_brl, self.critical_brl, self.limit_brl)


class UnitFile(BaseModel):
    """The table that llm-gateway needs."""

    ai_budget: Budget = Budget()


def read_budget(given: Path | None) -> Budget:
    """Read the given file, else `unit.toml` here, else the project's. Raises `BadConfiguration`."""
    file = given or next((place for place in _places() if place.is_file()), Path(NAME))
    try:
        return UnitFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)).ai_budget
    except OSError as error:
        raise BadConfiguration(f"UNIT_FILE: {file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadConfiguration(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _places() -> list[Path]:
    return [Path(NAME), *(folder / NAME for folder in Path(__file__).resolve().parents)]
