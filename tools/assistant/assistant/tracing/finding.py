"""From what people have in hand (a trace, a message, a phone, a conversation) to the traces that tell of it."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx

WITHIN_S = 5.0
TRACE = re.compile(r"[0-9a-f]{32}")
PHONE = re.compile(r"\+?[0-9]{8,15}")
Get = Callable[[str], Any]
"""Asks the front desk's API for a path; `None` when it knows no such thing."""


class NotAskedError(Exception):
    """The front desk cannot be asked now; the text says why."""


def front_desk(url: str, token: str) -> Get:
    """Return what asks the front desk. The function raises `NotAskedError`."""

    def get(path: str) -> Any:
        try:
            answer = httpx.get(
                f"{url}/api/v1/{path}",
                headers={"Authorization": f"Bearer {token}"},
                timeout=WITHIN_S,
                trust_env=False,  # no proxy lies between
            )
            return None if answer.status_code == httpx.codes.NOT_FOUND else answer.raise_for_status().json()
        except httpx.InvalidURL:
            return None  # no id is that long
        except httpx.HTTPError as error:
            raise NotAskedError(f"the front desk does not answer ({type(error).__name__})") from error

    return get


def traces_of(wanted: str, get: Get) -> set[str]:
    """Return the traces of a message (our id or the channel's) or of a phone's last message. Raises `NotAskedError`."""
    message: str | None = wanted
    if PHONE.fullmatch(wanted):
        contact = get(f"contacts/{quote(wanted)}")
        told = [each["id"] for each in (contact or {}).get("messages", []) if each["direction"] == "in"]
        message = told[-1] if told else None
    timeline = get(f"messages/{quote(message, safe='')}/timeline") if message else None
    return {timeline["trace_id"]} if timeline and timeline["trace_id"] else set()
