"""Who somebody is, carried by themselves: a JWT (HS256) of the API, and the page's session.

Tokens live by the machine's clock, not by the system's movable one: security does not travel in time.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import jwt
from pydantic import SecretStr

from frontdesk_service.roles import MAY, Area, Role

ALGORITHM = "HS256"
LIFETIME = timedelta(hours=8)
HALF_WAY = timedelta(minutes=5)
"""How long the second factor may take."""


@dataclass(frozen=True)
class Account:
    """Somebody signed in. `login` is the sign-in that can be ended; the machine's own operator has none."""

    username: str
    role: Role
    login: UUID | None = None

    def may(self, area: Area) -> bool:
        """Whether their role allows it."""
        return area in MAY[self.role]


class Tokens:
    """Makes and reads tokens with claims `sub` (user name), `role`, `iat`, `exp`, and `sid` for the sign-in."""

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret.get_secret_value()
        # RFC 7518 §3.2 wants 32 bytes; whoever configures fewer was told so in the README, not with every request.
        self._jwt = jwt.PyJWT(options={"verify_iat": False})

    def mint(self, account: Account, now: datetime | None = None) -> str:
        """Return a token that is good for `LIFETIME`."""
        login = {"sid": account.login.hex} if account.login else {}
        return self._sign({"sub": account.username, "role": account.role, **login}, LIFETIME, now)

    def read(self, token: str) -> Account | None:
        """Return who a token names; `None` when it is not ours, expired, incomplete or malformed."""
        claims = self._claims(token, "role")
        if claims is None or claims["role"] not in get_args(Role):
            return None
        try:
            login = UUID(hex=claims["sid"]) if "sid" in claims else None
        except (AttributeError, TypeError, ValueError):
            return None
        return Account(claims["sub"], claims["role"], login)

    def mint_half(self, username: str) -> str:
        """Return what shows that somebody knew the password, and still owes the second factor; it opens nothing."""
        return self._sign({"sub": username, "half": True}, HALF_WAY, None)

    def read_half(self, token: str) -> str | None:
        """Return whose second factor is owed."""
        claims = self._claims(token, "half")
        return str(claims["sub"]) if claims else None

    def form_token(self, seed: str) -> str:
        """Return what a form must carry to be believed: only we can make it of the browser's secret `seed`."""
        return hmac.new(self._secret.encode(), b"form:" + seed.encode(), hashlib.sha256).hexdigest()

    def believes(self, seed: str, form_token: str) -> bool:
        """Whether a form comes from a page that we gave to this browser."""
        return hmac.compare_digest(self.form_token(seed).encode(), form_token.encode())

    def _sign(self, claims: dict[str, Any], lifetime: timedelta, now: datetime | None) -> str:
        issued = now or datetime.now(UTC)
        return self._jwt.encode({**claims, "iat": issued, "exp": issued + lifetime}, self._secret, algorithm=ALGORITHM)

    def _claims(self, token: str, kind: str) -> dict[str, Any] | None:
        try:
            claims: dict[str, Any] = self._jwt.decode(
                token, self._secret, algorithms=[ALGORITHM], options={"require": ["sub", kind, "exp"]}
            )
        except jwt.InvalidTokenError:
            return None
        name: str = claims["sub"]
        return claims if name and name.isprintable() else None  # PostgreSQL takes no NUL, and no half of an emoji
