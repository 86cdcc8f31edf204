"""What a scripted model's answers would cost, by the price list that ships with llm-gateway."""

import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any

USD_BRL = Decimal("6.00")
"""The gateway's own default."""


def brl(model: str, input_tokens: int, output_tokens: int) -> Decimal:
    """Return the price of so many tokens in BRL; of a model that is not listed, the default's."""
    table: dict[str, Any] = tomllib.loads(
        (files("llm_gateway_service") / "models.toml").read_text("utf-8"), parse_float=Decimal
    )
    price = table["models"].get(model, table["default"])
    read, written = Decimal(price["input"]), Decimal(price["output"])
    return (input_tokens * read + output_tokens * written) / 1_000_000 * USD_BRL
