"""What Evolution's answer to a message means. Pure; the shapes are those of Evolution API 2.3.6 and 2.3.7."""

from collections.abc import Iterator
from typing import Any

from postprocessor_service.channels import NotTaken, Outcome, Refused, Taken, Unknown
from postprocessor_service.channels.graph import outcome_of_error

_CLOSED = "connection closed"
_GRAPH_CHOKED = "cannot read properties of undefined"


_SORTED: dict[int, Outcome] = {
    401: NotTaken("unauthorized"),
    403: NotTaken("unauthorized"),
    404: NotTaken("instance_missing"),
    408: Unknown("http_408"),
    429: NotTaken("overloaded"),
}


def outcome_of(status: int, body: Any) -> Outcome:
    """Sort an answer: `body` is its JSON, `None` when it was none.

    A 5xx may come from anything between us and WhatsApp, after the message left: it proves nothing.
    """
    if 200 <= status < 300:
        return _of_success(body)
    if status in {400, 500} and any(_CLOSED in text.lower() for text in _texts(body)):
        return NotTaken("disconnected")
    if status == 400:
        return _of_bad_request(body)
    if 300 <= status < 400:  # a proxy that sends us elsewhere
        return NotTaken("unreachable")
    otherwise = Refused("rejected") if status < 500 else Unknown(f"http_{status}")
    return _SORTED.get(status, otherwise)


def _of_success(body: Any) -> Outcome:
    """Success has a key; Meta's Graph errors come as a 201 without one."""
    if not isinstance(body, dict):
        return Unknown("no_key")
    key = body.get("key")
    identity = key.get("id") if isinstance(key, dict) else None
    if isinstance(identity, str) and identity:
        return Taken(identity)
    return outcome_of_error(body["code"]) if "code" in body and "message" in body else Unknown("no_key")


def _of_bad_request(body: Any) -> Outcome:
    if any(each.get("exists") is False for each in _objects(body)):
        return Refused("not_on_whatsapp")
    if any(_GRAPH_CHOKED in text.lower() for text in _texts(body)):  # Graph's gateway answered Evolution in HTML
        return Unknown("graph_html")
    return Refused("rejected")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _objects(each)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
