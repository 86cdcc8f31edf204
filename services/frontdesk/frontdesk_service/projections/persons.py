"""One person, read from what facts told."""

from dataclasses import dataclass
from typing import Any

from chassis.store import Connection

from frontdesk_service.domain import phones


@dataclass(frozen=True)
class Person:
    """One person. `conversations` are theirs, the one to answer in first; `address` where the next message goes."""

    conversations: tuple[str, ...]
    phone: str | None
    profile_name: str | None
    instance: str | None
    address: dict[str, Any] | None
    stage: str
    owner: str
    opted_out: bool

    @property
    def conversation(self) -> str:
        """The subject of facts about them."""
        return self.conversations[0]

    @property
    def path(self) -> str:
        """What names them in an address of the page: digits, or the conversation while no phone is known."""
        return self.phone.removeprefix("+") if self.phone else self.conversation


# While only a LID was known, a person had a conversation under it; it is shown with the one of their phone.
FIND = """
select p.*, array(select alias.conversation from people alias
    where alias.lid = p.lid and alias.phone is null and p.phone is not null) as aliases
from persons p
where p.phone = any($1) or p.conversation = $2
order by p.active_at desc nulls last limit 1"""


async def find(connection: Connection, path: str) -> Person | None:
    """Look a person up by phone (`+5551…` or digits) or conversation; `None` when nobody is known by it."""
    row = await connection.fetchrow(FIND, list(phones(path)), path)
    if row is None:
        return None
    return Person(
        conversations=(row["conversation"], *row["aliases"]),
        phone=row["phone"],
        profile_name=row["profile_name"],
        instance=row["instance"],
        address=row["address"],
        stage="handed_over" if row["owner"] == "unit" else row["stage"] or "greeting",
        owner=row["owner"],
        opted_out=row["opted_out"],
    )
