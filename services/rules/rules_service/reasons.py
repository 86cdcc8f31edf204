"""Why a file was refused, in the owner's words: file, key, reason."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

# Reasons by pydantic's error type; `{…}` are the values that pydantic gives with the error.
# Source of the types: https://docs.pydantic.dev/latest/errors/validation_errors/
REASONS: Mapping[str, str] = {
    "missing": "falta este valor",
    "string_type": "precisa ser um texto entre aspas",
    "string_too_short": "não pode ficar vazio",
    "string_too_long": "é longo demais (no máximo {max_length} caracteres)",
    "string_pattern_mismatch": "só letras minúsculas sem acento, números e hífen",
    "int_type": "precisa ser um número inteiro",
    "int_from_float": "precisa ser um número inteiro",
    "int_parsing": "precisa ser um número inteiro",
    "float_type": "precisa ser um número",
    "float_parsing": "precisa ser um número",
    "decimal_type": "precisa ser um valor em reais, por exemplo 375.00",
    "decimal_parsing": "precisa ser um valor em reais, por exemplo 375.00",
    "decimal_max_places": "um valor em reais tem no máximo {decimal_places} casas decimais",
    "finite_number": "precisa ser um número",
    "bool_type": "precisa ser true (sim) ou false (não)",
    "bool_parsing": "precisa ser true (sim) ou false (não)",
    "date_type": "precisa ser uma data, ano-mês-dia, por exemplo 2026-12-24",
    "date_parsing": "precisa ser uma data, ano-mês-dia, por exemplo 2026-12-24",
    "date_from_datetime_parsing": "precisa ser uma data, ano-mês-dia, por exemplo 2026-12-24",
    "date_from_datetime_inexact": "precisa ser uma data sem horário, por exemplo 2026-12-24",
    "datetime_type": "precisa ser data e hora sem aspas, por exemplo 2026-12-01T14:00:00",
    "datetime_parsing": "precisa ser data e hora sem aspas, por exemplo 2026-12-01T14:00:00",
    "datetime_from_date_parsing": "precisa ser data e hora sem aspas, por exemplo 2026-12-01T14:00:00",
    "time_type": 'precisa ser um horário entre aspas, por exemplo "09:00"',
    "time_parsing": 'precisa ser um horário entre aspas, por exemplo "09:00"',
    "greater_than": "precisa ser maior que {gt}",
    "greater_than_equal": "não pode ser menor que {ge}",
    "less_than_equal": "não pode ser maior que {le}",
    "literal_error": "só pode ser {expected}",
    "tuple_type": "precisa ser uma lista entre colchetes",
    "too_short": "a lista não pode ficar vazia",
    "model_type": "precisa ser uma seção com chaves próprias",
    "model_attributes_type": "precisa ser uma seção com chaves próprias",
    "value_error": "{error}",
}


def complaints(error: ValidationError, file: str, model: type[BaseModel]) -> list[str]:
    """One line `file: key: reason` for each thing that is wrong."""
    lines = []
    for each in error.errors(include_url=False):
        reason = _reason(dict(each), model)
        lines.append(f"{file}: {_key(each['loc'], reason)}{reason}")
    return lines


def _key(loc: tuple[int | str, ...], reason: str) -> str:
    """`("hours", "periods", 0, "end")` → `hours.periods[1].end: ` (people count from one).

    A reason that is about several sections brings its own key ("visits.minutes: …").
    """
    if not loc and re.match(r"[a-z_]+(\.[a-z_]+)*: ", reason):
        return ""
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
    return f"{key or '(arquivo)'}: "


def _reason(each: dict[str, Any], model: type[BaseModel]) -> str:
    kind = each["type"]
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(each["loc"][-1]), _known_keys(model, each["loc"][:-1]), n=1)
        return "chave desconhecida" + (f"; seria {near[0]}?" if near else "")
    words = {name: str(value).replace(" or ", " ou ") for name, value in each.get("ctx", {}).items()}
    return REASONS[kind].format(**words) if kind in REASONS else str(each["msg"])


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys of the section at a place of the file."""
    for part in loc:
        field = model.model_fields.get(str(part))
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return list(model.model_fields)


def toml_complaint(error: tomllib.TOMLDecodeError, text: str, file: str) -> str:
    """Name the line and key of a file that is not TOML, with the mistakes that owners make."""
    found = re.search(r"at line (\d+)", str(error))
    lines = text.splitlines()
    number = min(int(found[1]) if found else len(lines), len(lines))
    # An unclosed quote or list is noticed at the end of its line, or lines later: the key is the nearest above.
    above = lines[:number]
    key = next((match[1] for line in reversed(above) if (match := re.match(r"\s*([\w.-]+)\s*=", line))), None)
    section = next((match[1] for line in reversed(above) if (match := re.match(r"\s*\[+([\w.]+)\]", line))), None)
    name = ".".join(part for part in (section, key) if part) or "(arquivo)"
    hint = "valores em dinheiro usam ponto (375.00) e textos ficam entre aspas"
    return f"{file}: {name}: a linha {number} não pôde ser lida; {hint}"
