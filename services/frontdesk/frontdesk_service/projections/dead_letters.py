"""What no service could handle, by queue: as the broker showed it last."""

from collections.abc import Mapping

from chassis.store import Connection


async def keep(connection: Connection, dead: Mapping[str, int]) -> None:
    """Note how many letters lie in each queue of dead ones; queues that are not named have none."""
    await connection.execute("delete from dead_letters")
    await connection.execute(
        "insert into dead_letters (queue, letters) select * from unnest($1::text[], $2::int[])",
        list(dead),
        list(dead.values()),
    )


async def counted(connection: Connection) -> dict[str, int]:
    """Return how many letters lie in each queue that has any."""
    rows = await connection.fetch("select queue, letters from dead_letters order by queue")
    return {row["queue"]: row["letters"] for row in rows}
