"""Checks of one value.

Each returns what is wrong and what to do, or None. It never repeats the value, which may be a secret.
"""

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import phonenumbers

Check = Callable[[str], str | None]


def anything(_: str) -> str | None:
    """No check."""
    return None


def url(*schemes: str, ends_with: str = "", never_ends_with: str = "") -> Check:
    """Accept an address of one of the schemes, with a host."""

    def check(value: str) -> str | None:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            return f"is not an address; write it as {wanted}host:port"
        if parts.scheme not in schemes or not (parts.hostname or parts.path.strip("/")):
            return f"is not an address that begins with {wanted}"
        if ends_with and not value.endswith(ends_with):
            return f"must end in {ends_with}"
        if never_ends_with and value.rstrip("/").endswith(never_ends_with):
            return f"must not end in {never_ends_with}: the client adds it"
        return None

    return check


def number(least: float, most: float = float("inf"), *, whole: bool = False) -> Check:
    """Accept a number within bounds, both included."""

    def check(value: str) -> str | None:
        kind = "a whole number" if whole else "a number"
        bounds = f"of at least {least:g}" if most == float("inf") else f"from {least:g} to {most:g}"
        try:
            number = int(value) if whole else float(value)
        except ValueError:
            return f"must be {kind} {bounds}"
        return None if least <= number <= most else f"must be {kind} {bounds}"

    return check


port = number(1, 65535, whole=True)


def positive(value: str) -> str | None:
    """Accept a number above zero."""
    return None if number(0)(value) is None and float(value) > 0 else "must be a number above 0"


def moment(value: str) -> str | None:
    """Accept an ISO 8601 time."""
    try:
        year = datetime.fromisoformat(value).year
    except ValueError:
        return "is not an ISO 8601 time; write it like 2026-11-23T10:12:00-03:00"
    return None if 2000 <= year < 2100 else "must lie in the years 2000 to 2099"  # or the services' sums overflow


def phone(value: str) -> str | None:
    """Accept a phone with its country code."""
    try:
        if phonenumbers.is_valid_number(phonenumbers.parse(value)):
            return None
    except phonenumbers.NumberParseException:
        pass
    return "is not a phone number with its country code; write it like +5551996921999"


def email(value: str) -> str | None:
    """One address with a name and a domain."""
    name, _, domain = value.partition("@")
    return None if name and "." in domain and " " not in value else "is not an e-mail address"


def named_urls(value: str) -> str | None:
    """Addresses with names: `ingress=http://host:port`, one or several with commas."""
    complain = url("http", "https")
    for each in value.split(","):
        name, _, address = each.strip().partition("=")
        if not name or complain(address):
            return "must be name=http://host:port, one or several with commas"
    return None


def one_of(*values: str) -> Check:
    """One of a few words."""
    return lambda value: None if value in values else f"must be one of {', '.join(values)}"


def provider_order(value: str) -> str | None:
    """Accept AI providers in turn, each with a weight or none."""
    known = re.compile(r"\s*(?:openai|anthropic)\s*(?:=\s*\d+(?:\.\d+)?\s*)?")
    if all(known.fullmatch(word) for word in value.split(",")):
        return None
    return "names the providers in turn; write it like openai,anthropic or openai=3,anthropic=1"


def listeners(value: str) -> str | None:
    """Accept those who hear voice notes, in turn."""
    if {word.strip() for word in value.split(",")} <= {"openai", "local"}:
        return None
    return "names who hears voice notes, in turn; write it like openai,local or local"


def long_enough(least: int) -> Check:
    """Accept a secret of some length."""
    return lambda value: None if len(value) >= least else f"is too short; use at least {least} characters"


def file(value: str) -> str | None:
    """Accept a file that can be read."""
    return None if _is_there(Path(value).is_file) else "names a file that does not exist or cannot be read"


def folder(value: str) -> str | None:
    """Accept a folder."""
    return None if _is_there(Path(value).is_dir) else "names a folder that does not exist"


def _is_there(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except OSError:  # a name that is too long for one
        return False


def service_account(value: str) -> str | None:
    """Accept a Google service account's key: the JSON itself, base64 of it, or the path of its file."""
    text = _decoded(value)
    if not text.lstrip().startswith("{"):
        if problem := file(value):
            return problem
        try:
            text = Path(value).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "names a file that cannot be read"
    try:
        key = json.loads(text)
    except ValueError:
        return "is not JSON; give the key file of a Google service account, or its content"
    wanted = ("client_email", "private_key", "token_uri")
    absent = [name for name in wanted if not isinstance(key, dict) or not key.get(name)]
    return f"is not a service account's key: {', '.join(absent)} missing" if absent else None


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value.strip(), validate=True).decode()
    except ValueError:
        return value
