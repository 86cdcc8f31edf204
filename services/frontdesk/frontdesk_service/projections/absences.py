"""Since when which service is away."""

from datetime import datetime

from chassis.store import Connection


async def keep(connection: Connection, away: frozenset[str], now: datetime) -> None:
    """Note who is away; who was already keeps the moment, who is back is forgotten."""
    await connection.execute("delete from services_away where not service = any($1)", sorted(away))
    await connection.execute(
        "insert into services_away (service, since) select unnest($1::text[]), $2 on conflict (service) do nothing",
        sorted(away),
        now,
    )


async def since(connection: Connection) -> dict[str, datetime]:
    """Return since when each service that is away is, the longest first."""
    rows = await connection.fetch("select service, since from services_away order by since, service")
    return {row["service"]: row["since"] for row in rows}
