"""Who may sign in, and how that is checked."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from chassis.store import Store
from pydantic import SecretStr

from frontdesk_service.reading import reads_of
from frontdesk_service.roles import Role
from frontdesk_service.throttle import Throttle
from frontdesk_service.tokens import Account

# OWASP's least for argon2id: 19 MiB, 2 passes; two at once, so that guessing cannot eat the machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE = 2
STEP_S = 30
"""Seconds that a code of the second factor lasts (RFC 6238); one step of drift is forgiven either way."""
DRIFT = 1


class TooManyAttempts(Exception):  # noqa: N818  # a word of the domain
    """A user name failed too often from this address; `wait_s` seconds until the next try."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many failed attempts")
        self.wait_s = wait_s


class OtpNeeded(Exception):  # noqa: N818  # same
    """The password is right; the code of the second factor is still owed."""


@dataclass(frozen=True)
class Person:
    """One account, as the owner's page lists it."""

    username: str
    role: Role
    otp: bool
    disabled: bool
    changed_at: datetime


class Accounts:
    """The accounts in the store. A user name that does not exist costs as much time as a wrong password."""

    def __init__(self, store: Store, throttle: Throttle) -> None:
        self._store = store
        self._reads = reads_of(store)
        self._throttle = throttle
        self._hashing = asyncio.Semaphore(AT_ONCE)
        self._nobody = HASHER.hash("nobody's password")
        self._configured: str | None = None

    async def ready(self) -> bool:
        """Whether the first account is there."""
        return self._configured is not None

    async def is_as_configured(self) -> bool:
        """Whether the configured password still lets the first account in."""
        async with self._reads() as connection:
            same = "select password_hash = given_hash and disabled_at is null from users where username = $1"
            return bool(await connection.fetchval(same, self._configured))

    async def ensure(self, username: str, password: SecretStr, role: Role = "owner") -> None:
        """Make the configured account, or give it the configured password if that changed since it was last given.

        A password that its owner chose meanwhile, or that their access was taken away, stays so.
        """
        async with self._reads() as connection:
            given = await connection.fetchval("select given_hash from users where username = $1", username)
        if given is None or not await self._verify(given, password.get_secret_value()):
            await self._write(username, password, role, configured=True)
        self._configured = username

    async def give(self, username: str, password: SecretStr, role: Role) -> Role:
        """Make an account, or give somebody another password and their access back; return the role, which stays."""
        return await self._write(username, password, role) or role

    async def create(self, username: str, password: SecretStr, role: Role) -> bool:
        """Make an account; `False` when the name is taken."""
        return await self._write(username, password, role, only_new=True) is not None

    async def change_password(self, username: str, password: SecretStr) -> None:
        """Give somebody another password."""
        hashed = await self._hash(password)
        await self._set("password_hash = $2, changed_at = clock_timestamp()", username, hashed)

    async def disable(self, username: str, *, disabled: bool) -> None:
        """Take somebody's access away, or give it back."""
        await self._set("disabled_at = case when $2 then clock_timestamp() end", username, disabled)

    async def set_otp(self, username: str, secret: str | None) -> None:
        """Ask for a second factor from now on, or no more."""
        await self._set("otp_secret = $2, otp_used = 0", username, secret)

    async def listed(self) -> list[Person]:
        """Return every account, by name."""
        async with self._reads() as connection:
            rows = await connection.fetch(
                """select username, role, otp_secret is not null as otp, disabled_at is not null as disabled, changed_at
                from users order by username"""
            )
        return [Person(**row) for row in rows]

    async def sign_in(self, username: str, password: SecretStr, address: str, otp: str | None = None) -> Account | None:
        """Return the account, `None` for a wrong name, password or code. Raises `TooManyAttempts`, `OtpNeeded`."""
        key = self._try(username, address)
        account, stored = await self._stored(username)
        if not await self._verify(stored or self._nobody, password.get_secret_value()) or account is None:
            return None
        if await self._otp_secret(username) and otp is None:
            self._throttle.succeeded(key)
            raise OtpNeeded
        return await self._second(account, key, otp)

    async def second_factor(self, username: str, otp: str, address: str) -> Account | None:
        """Return the account of somebody whose password was right, if the code is, too. Raises `TooManyAttempts`."""
        key = self._try(username, address)
        account, _ = await self._stored(username)
        return await self._second(account, key, otp) if account else None

    async def _second(self, account: Account, key: tuple[str, str], otp: str | None) -> Account | None:
        secret = await self._otp_secret(account.username)
        if secret and not await self._spend(account.username, secret, otp or ""):
            return None
        self._throttle.succeeded(key)
        return account

    def _try(self, username: str, address: str) -> tuple[str, str]:
        key = (username, address)
        if wait_s := self._throttle.wait_s(key):
            raise TooManyAttempts(wait_s)
        self._throttle.failed(key)  # until it is known better, so that tries that come all at once count, too
        return key

    async def _spend(self, username: str, secret: str, otp: str) -> bool:
        """Whether a code is right, and was not used before."""
        step = int(time.time()) // STEP_S
        factor = pyotp.TOTP(secret)
        matching = [
            each for each in range(step - DRIFT, step + DRIFT + 1) if factor.verify(otp, for_time=each * STEP_S)
        ]
        if not matching:
            return False
        async with self._store.unit() as tx:
            spent = await tx.connection.fetchval(
                "update users set otp_used = $2 where username = $1 and otp_used < $2 returning true",
                username,
                matching[0],
            )
        return bool(spent)

    async def _otp_secret(self, username: str) -> str | None:
        async with self._reads() as connection:
            secret: str | None = await connection.fetchval("select otp_secret from users where username = $1", username)
        return secret

    async def _stored(self, username: str) -> tuple[Account, str] | tuple[None, None]:
        if "\0" in username:  # which PostgreSQL takes in no text
            return (None, None)
        async with self._reads() as connection:
            row = await connection.fetchrow(
                "select role, password_hash from users where username = $1 and disabled_at is null", username
            )
        return (Account(username, row["role"]), row["password_hash"]) if row else (None, None)

    async def _write(
        self, username: str, password: SecretStr, role: Role, *, only_new: bool = False, configured: bool = False
    ) -> Role | None:
        """Write an account; its role, `None` when it was to be new and is there."""
        hashed = await self._hash(password)
        update = """update set password_hash = excluded.password_hash, disabled_at = null,
            given_hash = coalesce(excluded.given_hash, users.given_hash)"""
        async with self._store.unit() as tx:
            has: Role | None = await tx.connection.fetchval(
                f"""insert into users (username, role, password_hash, given_hash) values ($1, $2, $3, $4)
                on conflict (username) do {"nothing" if only_new else update} returning role""",  # noqa: S608  # the constants above
                *(username, role, hashed, hashed if configured else None),
            )
        return has

    async def _set(self, change: str, username: str, value: object) -> None:
        async with self._store.unit() as tx:
            await tx.connection.execute(f"update users set {change} where username = $1", username, value)  # noqa: S608  # the caller's constants

    async def _hash(self, password: SecretStr) -> str:
        async with self._hashing:
            return await asyncio.to_thread(HASHER.hash, password.get_secret_value())

    async def _verify(self, hashed: str, password: str) -> bool:
        async with self._hashing:
            try:
                return await asyncio.to_thread(HASHER.verify, hashed, password)
            except (VerificationError, InvalidHashError):
                return False
