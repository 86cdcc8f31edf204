"""People of the front desk: tokens for the machine's operator, and adding somebody who may sign in."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from assistant.home import Home
from assistant.plan import Plan, read_plan

Role = Literal["receptionist", "owner", "operator"]
LIFETIME = timedelta(hours=8)


def token(home: Home, environment: Mapping[str, str], role: Role) -> str:
    """Return a bearer token for the front desk's API, good for eight hours of real time."""
    import jwt  # with all of its cryptography; every command loads this module

    now = datetime.now(UTC)
    plan = read_plan(home) or Plan()  # what runs may have been started with other variables than this call's
    owner = plan.setting("FRONTDESK_USERNAME") or environment.get("FRONTDESK_USERNAME", "owner")
    given = plan.setting("FRONTDESK_JWT_SECRET") or environment.get("FRONTDESK_JWT_SECRET")
    secret = given or home.secret("FRONTDESK_JWT_SECRET", 64)
    name = owner if role == "owner" else role
    claims = {"sub": name, "role": role, "iat": now, "exp": now + LIFETIME}
    return jwt.encode(claims, secret, algorithm="HS256")


NAME = re.compile(r"[a-z0-9._-]{2,64}")
"""What the front desk's own page takes as a name."""


async def add(database_url: str, name: str, password: str, role: Role) -> Role:
    """Add an account, or give an existing one this password, through the front desk's own code; return its role.

    Raises what the database's client raises, at once when there is no database: a service would wait for it.
    """
    import asyncpg
    import frontdesk_service
    from chassis.clock import now
    from chassis.line import Line
    from chassis.store import Store
    from frontdesk_service.accounts import Accounts
    from frontdesk_service.throttle import Throttle
    from pydantic import SecretStr

    await (await asyncpg.connect(database_url, timeout=5)).close()
    migrations = Path(frontdesk_service.__file__).parent / "migrations"
    store = Store(Line("frontdesk", clock=now), SecretStr(database_url), migrations=migrations, pool_size=1)
    try:
        await store.open()
        return await Accounts(store, Throttle()).give(name, SecretStr(password), role)
    finally:
        await store.close()
