"""Tables of phrases beside this file: what parents wrote and what a careful receptionist would understand."""

from pathlib import Path
from typing import Any

import yaml


def load(name: str) -> Any:
    """A table; every scalar is a string, so that days and hours stay as they are written."""
    return yaml.load((Path(__file__).parent / name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
