"""Tolerant readers of the channel's JSON: each takes anything and returns a value of one type, or `None`.

Strings come out without NUL and lone surrogates, which neither JSON writers nor PostgreSQL accept.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

_DIGITS = re.compile(r"-?[0-9]{1,19}")
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138
_LAST_SECOND = 32_503_680_000  # year 3000


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a list as it is, and anything else as its only element."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str | None:
    """Return a string, possibly empty."""
    if not isinstance(value, str):
        return None
    said: str = value.replace("\x00", "")
    try:
        said.encode()
    except UnicodeEncodeError:
        return said.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return said


def words(*values: Any) -> str | None:
    """Return the first string that says something."""
    return next((said for value in values if (said := text(value)) and said.strip()), None)


def name(value: Any, *, most: int = 200) -> str | None:
    """Return an identifier: a non-empty string (or a whole number, as one) of at most `most` characters."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**most:
        value = str(value)
    said = (text(value) or "").strip()
    return said if 0 < len(said) <= most else None


def flag(value: Any) -> bool:
    """Return whether a value says yes: `true`, `"true"` or 1."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() == "true")


def integer(value: Any) -> int | None:
    """Return a whole number given as a number, as digits, or as a Long: `{"low", "high", "unsigned"}`, 32 bits each."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if isfinite(value) else None
    if isinstance(value, str):
        return int(value) if _DIGITS.fullmatch(value) else None
    low, high = mapping(value).get("low"), mapping(value).get("high", 0)
    if type(low) is not int or type(high) is not int:
        return None
    whole = ((high & 0xFFFF_FFFF) << 32) | (low & 0xFFFF_FFFF)
    return whole if flag(mapping(value).get("unsigned")) or whole < 1 << 63 else whole - (1 << 64)


def size(value: Any) -> int | None:
    """Return a number of bytes or seconds: whole, not negative, and within 63 bits."""
    number = integer(value)
    return number if number is not None and 0 <= number < 1 << 63 else None


def instant(value: Any) -> datetime | None:
    """Return a point in time given as unix seconds, unix milliseconds or ISO 8601; aware, in UTC."""
    number = integer(value)
    if number is not None:
        seconds = number / 1000 if number > _MILLISECONDS_FROM else float(number)
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LAST_SECOND else None
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
