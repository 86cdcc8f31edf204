"""Sign-ins that can be ended, and who saw and did what."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from chassis.store import Connection, Store

from frontdesk_service.reading import reads_of
from frontdesk_service.roles import Role
from frontdesk_service.tokens import LIFETIME, Account

MAX_AGENT = 200
AGAIN_AFTER = "10 minutes"
"""An open page looks at the same thing again and again; that is one look."""


@dataclass(frozen=True)
class Login:
    """One sign-in that is still good."""

    id: UUID
    username: str
    via: str
    address: str
    agent: str
    opened_at: datetime


@dataclass(frozen=True)
class Entry:
    """One line of the audit: `act` is the method and the route, `about` what it was about."""

    at: datetime
    username: str
    act: str
    about: str | None
    name: str | None
    path: str | None


class Logins:
    """Kept in the store, so that every copy of the service knows them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reads = reads_of(store)

    async def open(self, account: Account, via: str, address: str, agent: str) -> Account:
        """Keep a sign-in; return the account as it signed in."""
        login = uuid4()
        async with self._store.unit() as tx:
            await tx.connection.execute(
                "insert into logins (id, username, via, address, agent) values ($1, $2, $3, $4, $5)",
                *(login, account.username, via, address, agent[:MAX_AGENT]),
            )
            await _note(tx.connection, account.username, "entrou", None, address)
        return Account(account.username, account.role, login)

    async def known(self, account: Account) -> Account | None:
        """Return the account with the role that it has now; `None` when the sign-in was ended."""
        if account.login is None:
            return account
        async with self._reads() as connection:
            role: Role | None = await connection.fetchval(
                """select role from logins join users using (username)
                where id = $1 and username = $2 and ended_at is null and disabled_at is null""",
                account.login,
                account.username,
            )
        return Account(account.username, role, account.login) if role else None

    async def end(self, login: UUID, username: str | None = None) -> None:
        """End one sign-in; with a user name only if it is theirs."""
        async with self._store.unit() as tx:
            await tx.connection.execute(
                """update logins set ended_at = clock_timestamp()
                where id = $1 and ended_at is null and username = coalesce($2, username)""",
                login,
                username,
            )

    async def end_all(self, username: str, but: UUID | None = None) -> None:
        """End every sign-in of somebody, but perhaps the one that they use now."""
        async with self._store.unit() as tx:
            await tx.connection.execute(
                """update logins set ended_at = clock_timestamp()
                where username = $1 and ended_at is null and id is distinct from $2""",
                username,
                but,
            )

    async def open_of(self, username: str | None = None) -> list[Login]:
        """Return sign-ins that are still good, of somebody or of all, the newest first."""
        async with self._reads() as connection:
            rows = await connection.fetch(
                """select id, username, via, address, agent, opened_at from logins
                where ended_at is null and opened_at > clock_timestamp() - $2::interval
                    and username = coalesce($1, username)
                order by opened_at desc""",
                username,
                LIFETIME,
            )
        return [Login(**row) for row in rows]

    async def note(self, username: str, act: str, about: str | None, address: str) -> None:
        """Write down what somebody saw or did; a look that was just noted is not noted again."""
        async with self._store.unit() as tx:
            await _note(tx.connection, username, act, about, address)

    async def audit(self, limit: int = 300) -> list[Entry]:
        """Return the newest lines."""
        async with self._reads() as connection:
            rows = await connection.fetch(
                """select a.at, a.username, a.act, a.about, coalesce(l.lead->>'parent_name', p.profile_name) as name,
                    coalesce(substr(p.phone, 2), p.conversation) as path
                from audit a left join people p on p.conversation = a.about
                left join leads l on l.conversation = a.about
                order by a.id desc limit $1""",
                limit,
            )
        return [Entry(**row) for row in rows]


async def _note(connection: Connection, username: str, act: str, about: str | None, address: str) -> None:
    await connection.execute(
        f"""insert into audit (username, act, about, address)
        select $1, $2, case when not exists (select from erased where conversation = $3) then $3 end, $4
        where not ($2::text like 'GET %' and exists (select from audit
            where username = $1 and act = $2 and about is not distinct from $3
                and at > clock_timestamp() - interval '{AGAIN_AFTER}'))""",  # noqa: S608  # a constant
        username,
        act,
        about,
        address,
    )
