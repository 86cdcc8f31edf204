"""A provider's failure: its kind, what it cost, and when it wants to be asked again."""

from llm_gateway_service.domain import Usage
from llm_gateway_service.policy import DECLINED, Kind


class ProviderFailed(Exception):  # noqa: N818  # a word of the policy, as in chassis.errors
    """A provider is in trouble; its breaker counts this.

    `is_billed` when the call may have cost something, `usage` what it used where the provider says so,
    `retry_after_s` when it wants to be asked again.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        is_billed: bool = False,
        usage: Usage | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.is_billed = is_billed
        self.usage = usage
        self.retry_after_s = retry_after_s


class Unusable(ProviderFailed):
    """The provider answers, but not in a way that can be used.

    `said` is the answer and `complaint` what is wrong with it, for the provider alone: both may quote people.
    """

    def __init__(
        self,
        kind: Kind = "unusable",
        usage: Usage | None = None,
        *,
        is_billed: bool = True,
        said: str = "",
        complaint: str = "",
    ) -> None:
        super().__init__(kind, is_billed=is_billed, usage=usage)
        self.said = said
        self.complaint = complaint


class Declined(Unusable):
    """The provider works, but has no answer to this question that can be used; its breaker does not count this."""


def failed(kind: Kind, *, retry_after_s: float | None = None) -> ProviderFailed:
    """Make the failure of a kind; providers bill no errors."""
    if kind in DECLINED:
        return Declined(kind, is_billed=False)
    return ProviderFailed(kind, retry_after_s=retry_after_s)


def of_status(status: int, code: str, retry_after: str | None) -> ProviderFailed:
    """Sort an HTTP status with the provider's own code and its `Retry-After`."""
    if "content" in code and ("filter" in code or "policy" in code):
        return failed("filtered")
    if status in {401, 402, 403}:
        return failed("auth")
    if status == 429:
        return failed("rate_limited", retry_after_s=_seconds(retry_after))
    if status in {503, 529}:
        return failed("overloaded", retry_after_s=_seconds(retry_after))
    return failed("server" if status >= 500 or status in {408, 409} else "bad_request")


def of_connection(error: Exception) -> ProviderFailed:
    """Sort a broken connection: one that never stood cost nothing, one that broke may have."""
    return ProviderFailed("connection", is_billed=type(error.__cause__).__name__ != "ConnectError")


def _seconds(retry_after: str | None) -> float | None:
    """Read `Retry-After` in seconds; providers send no dates."""
    try:
        return max(float(retry_after), 0.0) if retry_after else None
    except ValueError:
        return None
