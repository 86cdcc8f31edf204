"""What the unit answers again and again, filled with what is known of each family."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from chassis.clock import Clock
from chassis.store import Store

from frontdesk_service.reading import Reads

MAX_TITLE, MAX_REPLY = 60, 1000
VARIABLES = {
    "responsável": "primeiro nome do responsável",
    "aluno": "nome de quem vai estudar",
    "visita": "dia e hora da próxima visita",
    "unidade": "nome da unidade",
    "endereço": "endereço da unidade",
    "telefone": "telefone da unidade",
    "mensalidade": "valor por matéria",
    "matrícula": "valor da matrícula",
}
"""What may stand in braces, and what it becomes."""
_VARIABLE = re.compile(r"\{([^{}\n]{1,20})\}")


@dataclass(frozen=True)
class QuickReply:
    """One of them; `owner` changed it last."""

    id: UUID
    title: str
    text: str
    owner: str
    changed_at: datetime


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """Put in what is known; a variable without a value stays, for whoever sends it to see."""
    return _VARIABLE.sub(lambda found: values.get(found[1].strip().lower()) or found[0], text)


def unfilled(text: str) -> list[str]:
    """Return our variables that still stand in a text, in order, each once."""
    found = (name.strip().lower() for name in _VARIABLE.findall(text))
    return list(dict.fromkeys(name for name in found if name in VARIABLES))


def unknown(text: str) -> list[str]:
    """Return what stands in braces and is no variable of ours: a typing error that no family should read."""
    return [name for name in _VARIABLE.findall(text) if name.strip().lower() not in VARIABLES]


class QuickReplies:
    """The unit's own; every change is at once everybody's."""

    def __init__(self, store: Store, reads: Reads, clock: Clock) -> None:
        self._store = store
        self._reads = reads
        self._clock = clock

    async def listed(self) -> list[QuickReply]:
        """Return all, by their titles."""
        async with self._reads() as connection:
            rows = await connection.fetch("select id, title, text, owner, changed_at from quick_replies order by title")
        return [QuickReply(**row) for row in rows]

    async def keep(self, reply_id: UUID | None, title: str, text: str, *, by: str) -> None:
        """Write a new one, or another wording of one."""
        async with self._store.unit() as tx:
            await tx.connection.execute(
                """insert into quick_replies (id, title, text, owner, changed_at) values ($1, $2, $3, $4, $5)
                on conflict (id) do update set title = excluded.title, text = excluded.text, owner = excluded.owner,
                    changed_at = excluded.changed_at""",
                *(reply_id or uuid4(), title, text, by, self._clock()),
            )

    async def drop(self, reply_id: UUID) -> None:
        """Keep it no more."""
        async with self._store.unit() as tx:
            await tx.connection.execute("delete from quick_replies where id = $1", reply_id)
