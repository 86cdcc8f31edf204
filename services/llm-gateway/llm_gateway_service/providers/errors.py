"""The ways in which a provider fails, sorted by what follows from them."""

from typing import Literal

from llm_gateway_service.domain import Usage

Kind = Literal["auth", "rate_limited", "server", "timeout", "connection", "bad_request", "unusable"]


class ProviderFailed(Exception):  # noqa: N818  # a word of the policy, as in chassis.errors
    """A provider is in trouble; its breaker counts this. `is_billed` when the call may have cost something."""

    def __init__(self, kind: Kind, *, is_billed: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.is_billed = is_billed


class Refused(ProviderFailed):
    """The provider does not take this very question; others may pass. Nothing was billed."""

    def __init__(self) -> None:
        super().__init__("bad_request")


class Unusable(ProviderFailed):
    """The provider answered, and the answer cannot be used; `usage` is what it cost, where it says so."""

    def __init__(self, usage: Usage | None = None) -> None:
        super().__init__("unusable", is_billed=True)
        self.usage = usage


def of_status(status: int) -> ProviderFailed:
    """Sort an HTTP status; providers bill no errors."""
    if status in {401, 402, 403}:
        return ProviderFailed("auth")
    if status == 429:
        return ProviderFailed("rate_limited")
    return ProviderFailed("server") if status >= 500 or status in {408, 409} else Refused()


def of_connection(error: Exception) -> ProviderFailed:
    """Sort a broken connection: one that never stood cost nothing, one that broke may have."""
    return ProviderFailed("connection", is_billed=type(error.__cause__).__name__ != "ConnectError")
