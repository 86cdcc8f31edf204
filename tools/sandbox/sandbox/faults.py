"""What can be made to go wrong, how often and for whom."""

import random
from itertools import count
from typing import Literal, Self

from pydantic import BaseModel, Field, field_validator, model_validator

Target = Literal["sendText", "sendPresence", "findMessages", "webhook", "google", "googleToken", "cloudApi", "twilio"]
Kind = Literal[
    "timeout_after_send",
    "timeout_before_send",
    "http_500",
    "http_503",
    "connection_closed",
    "no_key",
    "duplicate",
    "reorder",
    "not_on_whatsapp",
    "slow",
    "no_ack",
    "lost",
    "http_429",
    "rate_limited",
    "forbidden",
    "unauthorized",
    "gone",
    "invalid_grant",
]

REST: frozenset[str] = frozenset({"timeout_before_send", "http_500", "http_503", "connection_closed", "slow"})
ALLOWED: dict[str, frozenset[str]] = {
    "sendText": REST | {"timeout_after_send", "no_key", "duplicate", "not_on_whatsapp", "no_ack"},
    "sendPresence": REST | {"timeout_after_send", "not_on_whatsapp"},
    "findMessages": REST,
    "webhook": frozenset(
        {"timeout_after_send", "timeout_before_send", "http_500", "http_503", "duplicate", "reorder", "slow", "lost"}
    ),
    "google": (REST - {"connection_closed"})
    | {"timeout_after_send", "http_429", "rate_limited", "forbidden", "unauthorized", "gone"},
    "cloudApi": frozenset({"http_500", "timeout_before_send", "timeout_after_send"}),
    "twilio": frozenset({"http_500", "timeout_after_send"}),
    "googleToken": frozenset({"http_500", "http_503", "slow", "invalid_grant"}),
}
_numbers = count(1)


class Fault(BaseModel):
    """One thing that goes wrong ``times`` times, then no more.

    ``delay_s`` is how long a request hangs (``timeout_*``), is late (``slow``) or waits for a successor (``reorder``).
    ``phone`` limits it to one person, ``event`` to one webhook event (``messages.upsert``) or one call of Google's
    (``calendar.events.insert``). ``chance`` is how likely it strikes where it applies; ``copies`` is how often a
    ``duplicate`` webhook is sent.
    """

    id: int = Field(default_factory=lambda: next(_numbers))
    target: Target
    kind: Kind
    times: int = Field(default=1, ge=1)
    delay_s: float = Field(default=0.0, ge=0)
    phone: str | None = None
    event: str | None = None
    chance: float = Field(default=1.0, gt=0, le=1)
    copies: int = Field(default=2, ge=2, le=5)
    struck: int = 0

    @field_validator("phone")
    @classmethod
    def _digits_only(cls, phone: str | None) -> str | None:
        return "".join(filter(str.isdigit, phone)) if phone else None

    @model_validator(mode="after")
    def _must_make_sense(self) -> Self:
        if self.kind not in ALLOWED[self.target]:
            raise ValueError(f"{self.target} knows {', '.join(sorted(ALLOWED[self.target]))}")
        return self


class Faults:
    """The faults in the order they were set; a used-up one stays listed with ``struck == times``."""

    def __init__(self) -> None:
        self.all: list[Fault] = []

    def take(self, target: Target, *kinds: Kind, phone: str | None = None, event: str | None = None) -> Fault | None:
        """Find the first fault that applies here, counted as struck; ``kinds`` empty means any."""
        for fault in self.all:
            applies = (
                fault.target == target
                and fault.struck < fault.times
                and (not kinds or fault.kind in kinds)
                and fault.phone in (None, phone)
                and fault.event in (None, event)
                # Nothing is secured by it.
                and (fault.chance == 1 or random.random() < fault.chance)  # noqa: S311
            )
            if applies:
                fault.struck += 1
                return fault
        return None
