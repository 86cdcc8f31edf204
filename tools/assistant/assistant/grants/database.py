"""One PostgreSQL role a service, the owner of its schema and of nothing else, as SQL that may be run again."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

from assistant.grants.users import user
from assistant.services import SERVICES, Service

ITERATIONS = 4096  # PostgreSQL's own

# Whatever an earlier version made as another role becomes the role's; what belongs to a table follows it.
_OWNERSHIP = """
do $$
declare it record;
begin
    for it in select c.oid::regclass as name from pg_class c
        where c.relnamespace = '{schema}'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
            and c.relowner <> '{role}'::regrole
            and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i')
                and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass)
    loop
        execute format('alter table %s owner to {role}', it.name);
    end loop;
    for it in select p.oid::regprocedure as name from pg_proc p
        where p.pronamespace = '{schema}'::regnamespace and p.proowner <> '{role}'::regrole
    loop
        execute format('alter routine %s owner to {role}', it.name);
    end loop;
end $$;"""


def schema(service: str) -> str:
    """Return the name of a service's schema."""
    return service.replace("-", "_")


def sql(passwords: Mapping[str, str], services: Sequence[Service] = SERVICES) -> str:
    """Return the script; to be run in the services' database, as its owner or somebody who may make roles.

    It holds no password, only what PostgreSQL keeps of one (RFC 5803).
    """
    owners = [service.name for service in services if service.has_schema]
    return "\n".join(
        [
            "-- Nobody sees another's schema; who is not named here cannot even connect.",
            "do $$ begin execute format('revoke all on database %I from public', current_database()); end $$;",
            "revoke all on schema public from public;",
            *(_role(name, passwords[name]) for name in owners),
            "",
        ]
    )


def _role(service: str, password: str) -> str:
    role, name = user(service), schema(service)
    return "\n".join(
        [
            f"\n-- {service}",
            f"do $$ begin create role {role} login; exception when duplicate_object then null; end $$;",
            f"alter role {role} login nocreatedb nocreaterole password '{verifier(password)}';",
            "do $$ begin",
            f"    execute format('grant connect, temporary on database %I to {role}', current_database());",
            f"    execute format('grant {role} to %I', current_user);",
            "end $$;",
            f"create schema if not exists {name};",
            f"alter schema {name} owner to {role};",
            f"revoke all on schema {name} from public;" + _OWNERSHIP.format(schema=name, role=role),
        ]
    )


def verifier(password: str) -> str:
    """Return what PostgreSQL stores of a password, `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey` (RFC 5802)."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    kept = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{kept[0]}${kept[1]}:{kept[2]}"


async def grant(url: str, passwords: Mapping[str, str], services: Sequence[Service] = SERVICES) -> None:
    """Run the script; one process at a time. Raises what the client raises."""
    import asyncpg

    connection = await asyncpg.connect(url, timeout=5)
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtext('receptionist grants'))")
            await connection.execute(sql(passwords, services))
    finally:
        await connection.close()
