"""Who may tell us things: the secret itself, or a token that Evolution signed with it."""

import hmac
from collections.abc import Mapping

import jwt

LEEWAY_S = 3600
"""Evolution makes a token once, valid for 600 s, and repeats the webhook with it for 20 to 35 minutes."""


class WebhookSecret:
    """The secret that the channel shares with us; every comparison takes the same time, right or wrong."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries `X-Webhook-Secret`, or `Authorization: Bearer` with an HS256 token."""
        given = headers.get("x-webhook-secret", "")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        is_secret = hmac.compare_digest(_bytes(given), self._secret)
        is_signed = scheme.lower() == "bearer" and self._signed(token.strip())
        return is_secret or is_signed

    def _signed(self, token: str) -> bool:
        # The channel's clock is the machine's, also while ours is moved: PyJWT compares with the machine's.
        try:
            jwt.decode(token, self._secret, algorithms=["HS256"], leeway=LEEWAY_S, options={"require": ["exp"]})
        except (jwt.InvalidTokenError, ValueError):
            return False
        return True


def _bytes(header: str) -> bytes:
    return header.encode("latin-1", "replace")  # as it came over the wire
