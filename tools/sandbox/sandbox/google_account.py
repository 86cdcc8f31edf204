"""A Google service account and Google's token endpoint: a signed JWT for an access token.

Source: https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

import base64
import json
import secrets
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = {f"https://www.googleapis.com/auth/calendar{part}" for part in ("", ".events")}
AUDIENCE = "https://oauth2.googleapis.com/token"
LASTS_S = 3600
SKEW_S = 300


class TokenRefused(Exception):  # noqa: N818  # OAuth's own words
    """Why no access token is given: `invalid_grant` and the like, and a sentence."""


class Account:
    """The one service account that may use the calendar: the environment's if there is one, else a new one.

    Real time counts, not the system's: the client signs with the machine's clock.
    """

    def __init__(self, given: str | None) -> None:
        self._given = given
        self._tokens: dict[str, float] = {}

    @cached_property
    def key(self) -> dict[str, Any]:
        """The account's key file, without `token_uri`."""
        if self._given and (known := _read(self._given)):
            return known
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PrivateFormat.PKCS8
        pem = made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
        return {
            "type": "service_account",
            "project_id": "sandbox",
            "private_key_id": secrets.token_hex(20),
            "private_key": pem,
            "client_email": "assistente@sandbox.iam.gserviceaccount.com",
            "client_id": "100000000000000000001",
        }

    def grant(self, grant_type: str, assertion: str, token_uri: str) -> str:
        """Give an access token. Raises `TokenRefused`."""
        if grant_type != GRANT:
            raise TokenRefused("unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        private = serialization.load_pem_private_key(self.key["private_key"].encode(), None)
        # The client signs for Google's own address, wherever it sends the assertion.
        audience, issuer = [token_uri, AUDIENCE], self.key["client_email"]
        try:
            claims = jwt.decode(
                assertion,
                private.public_key(),  # type: ignore[arg-type]  # a service account's key is RSA
                algorithms=["RS256"],
                audience=audience,
                issuer=issuer,
                leeway=SKEW_S,
            )
        except jwt.InvalidSignatureError as error:
            raise TokenRefused("invalid_grant", "Invalid JWT Signature.") from error
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as error:
            raise TokenRefused(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
            ) from error
        except jwt.InvalidTokenError as error:
            raise TokenRefused("invalid_grant", f"Invalid JWT: {type(error).__name__}") from error
        if not SCOPES & set(str(claims.get("scope", "")).split()):
            raise TokenRefused("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = f"ya29.c.{secrets.token_urlsafe(60)}"
        self._tokens[token] = time.time() + LASTS_S
        return token

    def knows(self, authorization: str) -> bool:
        """Whether an `Authorization` header carries a token that still holds."""
        return self._tokens.get(authorization.removeprefix("Bearer "), 0.0) > time.time()

    def revoke(self) -> None:
        """Let every token so far be of no use."""
        self._tokens.clear()


def _read(given: str) -> dict[str, Any] | None:
    """Read a key as the service does: the JSON, base64 of it, or the path of its file."""
    text = given
    with suppress(ValueError):
        text = base64.b64decode(given, validate=True).decode()
    with suppress(ValueError, OSError):
        key = json.loads(text if text.lstrip().startswith("{") else Path(given).read_text(encoding="utf-8"))
        return key if isinstance(key, dict) and {"private_key", "client_email"} <= key.keys() else None
    return None
