"""What the errors of Meta's Graph API mean, whoever passes them on (Cloud API, "Error codes")."""

from postprocessor_service.channels import NotTaken, Outcome, Refused

_ERRORS: dict[int, Outcome] = {
    131047: Refused("outside_window"),
    131026: Refused("not_on_whatsapp"),  # undeliverable: no WhatsApp, or one that is too old
    131021: Refused("rejected"),  # to the unit's own number
    131051: Refused("rejected"),
    131008: Refused("rejected"),
    131009: Refused("rejected"),
    132000: Refused("rejected"),  # a template with other parameters than it has
    132001: Refused("rejected"),  # no such template in that language
    132005: Refused("rejected"),
    132007: Refused("rejected"),
    132012: Refused("rejected"),
    132015: Refused("rejected"),  # paused for its quality
    132016: Refused("rejected"),
    0: NotTaken("unauthorized"),
    10: NotTaken("unauthorized"),
    190: NotTaken("unauthorized"),
    200: NotTaken("unauthorized"),
    4: NotTaken("overloaded"),
    80007: NotTaken("overloaded"),
    130429: NotTaken("overloaded"),
    131048: NotTaken("overloaded"),
    131056: NotTaken("overloaded"),
}


def outcome_of_error(code: object) -> Outcome:
    """Sort an error by its code; one that is not known here was not sent and is tried a few times."""
    known = _ERRORS.get(code) if isinstance(code, int) else None
    return known or NotTaken("graph_error")
