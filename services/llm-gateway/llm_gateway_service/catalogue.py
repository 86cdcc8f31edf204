"""Reads `models.toml`, the models, their prices and the dollar's, all of which ship with the service."""

import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from llm_gateway_service.domain import Catalogue, Dollar, Model, Price


@cache
def read_catalogue() -> Catalogue:
    """Return everything that is known of models."""
    table = tomllib.loads((files(__package__) / "models.toml").read_text("utf-8"), parse_float=Decimal)
    return Catalogue(
        models={name: _model(entry) for name, entry in table["models"].items()},
        unknown=_model(table["default"]),
        tasks=table["tasks"],
        transcriber=table["transcriber"],
        dollar=Dollar(**table["dollar"]),
    )


def _model(entry: dict[str, Any]) -> Model:
    price = Price(
        input=entry["input"],
        output=entry["output"],
        minute=entry.get("minute", Decimal(0)),
        cached=entry.get("cached", entry["input"]),
        stored=entry.get("stored", entry["input"]),
    )
    about = {key: value for key, value in entry.items() if key in {"retires", "successor", "reasoning", "logprobs"}}
    return Model(price, **about)
