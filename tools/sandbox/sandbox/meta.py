"""Meta's rules for a number on its Cloud API: the 24-hour window, approved templates, the errors of its Graph."""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.state import CLOUD, Instance, Message, Parent
from sandbox.world import World

WINDOW_S = 24 * 3600
_VARIABLE = re.compile(r"\{\{(\d+)\}\}")
_ERRORS = {
    131000: ("Something went wrong", "Message failed to send due to an unknown error"),
    131047: ("Re-engagement message", "More than 24 hours have passed since the recipient last replied"),
    132000: ("Number of parameters does not match the expected number of params", "body: number of localizable_params"),
    132001: ("Template name does not exist in the translation", "template name does not exist in the given language"),
}


@dataclass(frozen=True)
class Filled:
    """A template as the person reads it."""

    name: str
    text: str


def graph_error(code: int) -> dict[str, Any]:
    """Make the error that Graph answers with; Evolution passes it on as the body of a 201."""
    title, details = _ERRORS[code]
    return {
        "message": f"(#{code}) {title}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": "AbCdEfGhIjKlMnOp",
    }


def refusal_of_text(world: World, instance: Instance, person: Parent) -> dict[str, Any] | None:
    """Refuse free text on a Cloud number more than 24 hours after the person's last message to it."""
    if instance.integration != CLOUD:
        return None
    last = max((one.at for one in world.state.chat(person.phone) if _is_to(one, instance)), default=None)
    is_open = last is not None and world.clock.now() - last < WINDOW_S
    return None if is_open else graph_error(131047)


def filled(world: World, name: str, language: str, components: list[dict[str, Any]]) -> Filled | int:
    """Fill an approved template in; the code of Graph's error when it cannot be."""
    body = world.state.templates.get((name, language))
    if body is None:
        return 132001
    given = [each["text"] for one in components if one.get("type") == "body" for each in one.get("parameters", [])]
    if len(given) != len(set(_VARIABLE.findall(body))):
        return 132000
    return Filled(name, _VARIABLE.sub(lambda variable: str(given[int(variable[1]) - 1]), body))


def _is_to(message: Message, instance: Instance) -> bool:
    return message.direction == "in" and message.instance == instance.name
