"""Who may sign in, and how that is checked."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from chassis.store import Store
from pydantic import SecretStr

from frontdesk_service.reading import reads_of
from frontdesk_service.throttle import Throttle
from frontdesk_service.tokens import Account, Role

# OWASP's least for argon2id: 19 MiB, 2 passes; two at once, so that guessing cannot eat the machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE = 2


class TooManyAttempts(Exception):  # noqa: N818  # a word of the domain
    """A user name failed too often from this address; `wait_s` seconds until the next try."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many failed attempts")
        self.wait_s = wait_s


class Accounts:
    """The accounts in the store. A user name that does not exist costs as much time as a wrong password."""

    def __init__(self, store: Store, throttle: Throttle) -> None:
        self._store = store
        self._reads = reads_of(store)
        self._throttle = throttle
        self._hashing = asyncio.Semaphore(AT_ONCE)
        self._nobody = HASHER.hash("nobody's password")
        self._ready = False

    async def ready(self) -> bool:
        """Whether the first account is there."""
        return self._ready

    async def ensure(self, username: str, password: SecretStr, role: Role = "owner") -> None:
        """Make the configured account, or give it the configured password if that changed."""
        _, stored = await self._stored(username)
        if stored is None or not await self._verify(stored, password.get_secret_value()):
            async with self._hashing:
                hashed = await asyncio.to_thread(HASHER.hash, password.get_secret_value())
            async with self._store.unit() as tx:
                await tx.connection.execute(
                    """insert into users (username, role, password_hash) values ($1, $2, $3)
                    on conflict (username) do update set
                        password_hash = excluded.password_hash, changed_at = excluded.changed_at""",
                    username,
                    role,
                    hashed,
                )
        self._ready = True

    async def sign_in(self, username: str, password: SecretStr, address: str) -> Account | None:
        """Return the account, `None` for a wrong name or password. Raises `TooManyAttempts`."""
        key = (username, address)
        account, stored = await self._stored(username)
        if wait_s := self._throttle.wait_s(key):
            raise TooManyAttempts(wait_s)
        self._throttle.failed(key)  # until it is known better, so that tries that come all at once count, too
        if not await self._verify(stored or self._nobody, password.get_secret_value()) or account is None:
            return None
        self._throttle.succeeded(key)
        return account

    async def _stored(self, username: str) -> tuple[Account, str] | tuple[None, None]:
        async with self._reads() as connection:
            row = await connection.fetchrow("select role, password_hash from users where username = $1", username)
        return (Account(username, row["role"]), row["password_hash"]) if row else (None, None)

    async def _verify(self, hashed: str, password: str) -> bool:
        async with self._hashing:
            try:
                return await asyncio.to_thread(HASHER.verify, hashed, password)
            except (VerificationError, InvalidHashError):
                return False
