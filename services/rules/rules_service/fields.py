"""The kinds of value that `unit.toml` holds, and how each is wrong (in Portuguese, for the unit's owner)."""

import re
from datetime import time
from decimal import Decimal
from typing import Annotated, TypeVar
from zoneinfo import available_timezones

import phonenumbers
from holidays.countries.brazil import BR
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

ValueT = TypeVar("ValueT")


def _money(value: object) -> object:
    """Accept `375.00`, `375` and, in quotes, `"1.225,00"`; never guess what a lone point means."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}(\.?\d{3})*,\d{2}", value):
        return Decimal(value.replace(".", "").replace(",", "."))
    if isinstance(value, str | bool):
        raise ValueError(  # noqa: TRY004  # pydantic turns a ValueError into one of its own, a TypeError into a crash
            "escreva o valor em reais com ponto antes dos centavos e sem aspas, por exemplo 375.00"
        )
    return value


def _time_of_day(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError('um horário se escreve entre aspas, com hora e minutos, por exemplo "09:00"')
        return time.fromisoformat(value)
    return value


def _phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "BR")
    except phonenumbers.NumberParseException as error:
        raise ValueError("não é um telefone") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("não é um telefone válido com DDD")
    return value


def _email(value: str) -> str:
    if not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", value):
        raise ValueError("não é um endereço de e-mail")
    return value


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("não é um fuso horário conhecido, como America/Sao_Paulo")
    return value


def _link(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s.]+\.\S+", value):
        raise ValueError("um endereço de página começa com https://")
    return value


def distinct(values: tuple[ValueT, ...]) -> tuple[ValueT, ...]:
    """Refuse a list that says something twice."""
    if len(set(values)) != len(values):
        raise ValueError("há um valor repetido na lista")
    return values


def _state(value: str) -> str:
    if len(value) != len("RS") or value not in BR.subdivisions:
        raise ValueError("não é a sigla de um estado brasileiro, como RS")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Money = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, le=Decimal("9999.99"), decimal_places=2)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Phone = Annotated[Text, AfterValidator(_phone)]
Email = Annotated[Text, AfterValidator(_email)]
Link = Annotated[str, AfterValidator(_link)]
Zone = Annotated[str, AfterValidator(_timezone)]
State = Annotated[str, AfterValidator(_state)]


class Section(BaseModel):
    """A table of the file; a key that it does not know is a typo."""

    model_config = ConfigDict(frozen=True, extra="forbid")
