"""Who somebody is, carried by themselves: a JWT (HS256) of the API, and the page's session.

Tokens live by the machine's clock, not by the system's movable one: security does not travel in time.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

import jwt
from pydantic import SecretStr

Role = Literal["receptionist", "owner", "operator"]
ALGORITHM = "HS256"
LIFETIME = timedelta(hours=8)


@dataclass(frozen=True)
class Account:
    """Somebody signed in."""

    username: str
    role: Role


class Tokens:
    """Makes and reads tokens with claims `sub` (user name), `role`, `iat`, `exp`."""

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret.get_secret_value()
        # RFC 7518 §3.2 wants 32 bytes; whoever configures fewer was told so in the README, not with every request.
        self._jwt = jwt.PyJWT(options={"verify_iat": False})

    def mint(self, account: Account, now: datetime | None = None) -> str:
        """Return a token that is good for `LIFETIME`."""
        issued = now or datetime.now(UTC)
        claims = {"sub": account.username, "role": account.role, "iat": issued, "exp": issued + LIFETIME}
        return self._jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def read(self, token: str) -> Account | None:
        """Return who a token names; `None` when it is not ours, expired, or incomplete."""
        try:
            claims = self._jwt.decode(
                token, self._secret, algorithms=[ALGORITHM], options={"require": ["sub", "role", "exp"]}
            )
        except jwt.InvalidTokenError:
            return None
        role = claims["role"]
        return Account(claims["sub"], role) if role in get_args(Role) else None

    def form_token(self, seed: str) -> str:
        """Return what a form must carry to be believed: only we can make it of the browser's secret `seed`."""
        return hmac.new(self._secret.encode(), b"form:" + seed.encode(), hashlib.sha256).hexdigest()

    def believes(self, seed: str, form_token: str) -> bool:
        """Whether a form comes from a page that we gave to this browser."""
        return hmac.compare_digest(self.form_token(seed).encode(), form_token.encode())
