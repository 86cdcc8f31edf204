"""The texts, as data: `texts.toml` read and checked once, at import.

A template has two or more variants, which take turns in a conversation, and names the variables that each variant must
use; a text that misses one, or uses another, stops the service at start and the tests before that.
"""

import hashlib
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parent / "texts.toml"


class BadTemplateError(ValueError):
    """A text does not use exactly the variables that its template names."""


@dataclass(frozen=True)
class Template:
    """One thing that can be said: its variants and the variables that all of them use."""

    name: str
    variables: frozenset[str]
    variants: tuple[str, ...]

    def __post_init__(self) -> None:
        for variant in self.variants:
            used = {name for _, name, _, _ in string.Formatter().parse(variant) if name is not None}
            if used != self.variables:
                raise BadTemplateError(f"{self.name}: {sorted(used ^ self.variables)} in {variant!r}")
        if not self.variants:
            raise BadTemplateError(f"{self.name}: no variant")

    def filled(self, nth: int, values: Mapping[str, str]) -> str:
        """Return a variant with its variables filled in. Raises `BadTemplateError` for other variables than its own."""
        if set(values) != self.variables:
            raise BadTemplateError(f"{self.name}: needs {sorted(self.variables)}, was given {sorted(values)}")
        return self.variants[nth % len(self.variants)].format_map(dict(values))


def read(path: Path = TEXTS) -> dict[str, Template]:
    """Read every template. Raises `BadTemplateError`."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Template(
            name=name,
            variables=frozenset(table.get("variables", ())),
            variants=tuple(variant.strip() for variant in table["variants"]),
        )
        for name, table in tables.items()
    }


TEMPLATES = read()


def first_variant(conversation: str, name: str) -> int:
    """With which variant a conversation begins: spread over conversations, the same after a restart."""
    return int.from_bytes(hashlib.sha256(f"{conversation}:{name}".encode()).digest()[:4], "big")
