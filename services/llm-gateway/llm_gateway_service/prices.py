"""Reads `models.toml`, the prices that ship with the service."""

import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any

from llm_gateway_service.domain import Price, PriceList


def read_prices() -> tuple[PriceList, str]:
    """Return the prices and the name of the model that transcribes."""
    table = tomllib.loads((files(__package__) / "models.toml").read_text("utf-8"), parse_float=Decimal)
    models = {name: _price(entry) for name, entry in table["models"].items()}
    return PriceList(models, _price(table["default"])), table["transcriber"]


def _price(entry: dict[str, Any]) -> Price:
    return Price(entry["input"], entry["output"], entry.get("minute", Decimal(0)))
