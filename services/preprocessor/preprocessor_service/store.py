"""Contacts and aliases in PostgreSQL. What is given a unit works inside the caller's transaction."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record, UniqueViolationError
from chassis.store import Store, Unit
from contracts import Event, conversation_id
from contracts.ingress import Address
from contracts.preprocessor import Contact

TOLD_AGAIN_AFTER = timedelta(hours=1)
REMEMBERED = 10_000
"""How many conversations a process remembers to have met."""

# A fact that comes again teaches nothing: the person may have been erased since.
_TAUGHT = """
insert into aliases as known (lid, phone, learned_at)
select $1, $2, $3 where num_nulls($1::text, $2::text) = 0
    and not exists (select from inbox where event_id = $4)
    and not exists (select from aliases where lid = $1 and phone = $2)
on conflict (lid) do update set phone = excluded.phone, learned_at = excluded.learned_at
where known.phone <> excluded.phone"""
_NAMED = f"""
taught as ({_TAUGHT}
), done as (select phone from aliases where lid = $1)"""  # noqa: S608  # the step is the one above

# What is usual of a stranger, and of somebody who shows no name that is new. A mark that another copy makes meanwhile
# fails the statement as a whole.
_USUAL = """not exists (select from inbox where event_id = $1)
        and not exists (select from contacts where conversation = $7)"""
_MARKED = "marked as (insert into inbox (event_id) select $1 from done)"
_MET_FIRST = f"""
done as (
    insert into contacts (conversation, phone, lid, profile_name, first_seen, last_seen, first_message)
    select $2, $3, $4, $5, $6::timestamptz, $6::timestamptz, $1::uuid where {_USUAL}
    on conflict do nothing returning true
), {_MARKED}"""
_MET_AGAIN = f"""
done as (
    update contacts set profile_name = $5, first_seen = least(first_seen, $6), last_seen = greatest(last_seen, $6)
    where conversation = $2 and phone is not distinct from $3 and lid is not distinct from coalesce($4, lid)
        and first_message is not null and {_USUAL}
    returning true
), {_MARKED}"""  # noqa: S608  # the pieces are those above


@dataclass(frozen=True)
class Met:
    """What is known of a person; whether this is their first contact; what is theirs, too, as turned out now.

    `merged` is the conversation of their LID, when either name was known without the other.
    """

    contact: Contact
    is_first: bool = False
    merged: str | None = None


class Contacts:
    """The tables of preprocessor."""

    def __init__(self) -> None:
        self._met: set[str] = set()  # conversations; says only what is tried first

    async def phone_of(self, store: Store, address: Address, event: Event[Any]) -> str | None:
        """Return the phone of an address; one that shows both names teaches the alias, in a transaction of its own."""
        if address.lid is None:
            return address.phone
        known = await store.once(_NAMED, address.lid, address.phone, event.time, event.id, emits=())
        return address.phone or (known["phone"] if known else None)

    async def learn(self, tx: Unit, address: Address, event: Event[Any]) -> None:
        """Learn the alias that an address with both names teaches."""
        await tx.connection.execute(_TAUGHT, address.lid, address.phone, event.time, event.id)

    async def meet_and_emit(
        self,
        store: Store,
        event: Event[Any],
        conversation: str,
        contact: Contact,
        emits: Callable[[Met], Event[Any]],
    ) -> Met | None:
        """Remember who wrote a message that is worked on and shows their name, mark it and emit, in one statement.

        `None` when nothing was done, since it takes a unit: the message comes again, or says more of its writer.
        """
        other, firsts = _other_name(conversation, contact.address), (True, False)
        names = contact.phone, contact.address.lid, contact.profile_name
        with suppress(UniqueViolationError):
            for is_first in reversed(firsts) if conversation in self._met else firsts:
                steps, met = _MET_FIRST if is_first else _MET_AGAIN, Met(contact, is_first=is_first)
                if await store.once(steps, event.id, conversation, *names, event.time, other, emits=[emits(met)]):
                    self._note(conversation)
                    return met
        return None

    def _note(self, conversation: str) -> None:
        if len(self._met) >= REMEMBERED:
            self._met.clear()
        self._met.add(conversation)

    async def meet(self, tx: Unit, conversation: str, contact: Contact, at: datetime, accepted: UUID | None) -> Met:
        """Remember that a person wrote, or was shown.

        `accepted` is the message's event id when it is worked on. Who was known by the LID alone until now, and is
        known by the phone from now on, stays the same person.
        """
        before = await self._taken_from_lid(tx, conversation, contact.address)
        row = await tx.connection.fetchrow(
            """with before as (select lid from contacts where conversation = $1)
            insert into contacts as known
                (conversation, phone, lid, profile_name, first_seen, last_seen, first_message)
            values ($1, $2, $3, coalesce($4, $5), least($6::timestamptz, $7::timestamptz), $7,
                coalesce($8::uuid, $9::uuid))
            on conflict (conversation) do update set
                lid = coalesce(excluded.lid, known.lid),
                profile_name = coalesce($4, known.profile_name, $5),
                first_seen = least(known.first_seen, excluded.first_seen),
                last_seen = greatest(known.last_seen, excluded.last_seen),
                first_message = coalesce(known.first_message, excluded.first_message)
            returning profile_name, first_message = $9::uuid as is_first,
                (select lid is distinct from $3 from before) as is_renamed""",
            conversation,
            contact.phone,
            contact.address.lid,
            contact.profile_name,
            before["profile_name"] if before else None,
            before["first_seen"] if before else None,
            at,
            before["first_message"] if before else None,
            accepted,
        )
        if row is None:
            raise RuntimeError("an upsert returns its row")
        self._note(conversation)
        known = contact.model_copy(update={"profile_name": row["profile_name"]})
        other = _other_name(conversation, contact.address)
        return Met(known, is_first=bool(row["is_first"]), merged=other if before or row["is_renamed"] else None)

    async def knows(self, tx: Unit, conversation: str, address: Address) -> bool:
        """Whether anybody is known by one of an address's names."""
        query = "select exists (select from contacts where conversation = any($1))"
        return bool(await tx.connection.fetchval(query, [conversation, _other_name(conversation, address)]))

    async def _taken_from_lid(self, tx: Unit, conversation: str, address: Address) -> Record | None:
        """Take what was kept under the LID alone."""
        taken = "delete from contacts where conversation = $1 returning first_seen, first_message, profile_name"
        by_lid = _other_name(conversation, address)
        row: Record | None = await tx.connection.fetchrow(taken, by_lid) if by_lid else None
        return row

    async def may_tell(self, tx: Unit, conversation: str, at: datetime) -> bool:
        """Note that a person is told that they write too much; `False` when they were told within the hour."""
        told = await tx.connection.fetchval(
            """update contacts set told_at = $2 where conversation = $1
            and (told_at is null or told_at <= $3 or told_at > $2) returning true""",
            conversation,
            at,
            at - TOLD_AGAIN_AFTER,
        )
        return bool(told)

    async def erase(self, tx: Unit, conversations: list[str], phone: str) -> int:
        """Delete a person under every name; return how many rows that was."""
        self._met.difference_update(conversations)
        lids = await tx.connection.fetch(
            "delete from contacts where conversation = any($1) or phone = $2 returning lid", conversations, phone
        )
        names = [row["lid"] for row in lids if row["lid"]]
        aliases = await tx.connection.fetch(
            "delete from aliases where phone = $1 or lid = any($2) returning lid", phone, names
        )
        return len(lids) + len(aliases)

    async def forget(self, tx: Unit, before: datetime) -> None:
        """Delete everybody who has not been seen since then, and the names that lead to nobody."""
        await tx.connection.execute("delete from contacts where last_seen <= $1", before)
        await tx.connection.execute(
            """delete from aliases where learned_at <= $1
            and not exists (select from contacts where phone = aliases.phone)""",
            before,
        )


def _other_name(conversation: str, address: Address) -> str | None:
    """Return the conversation of the LID, where it is not the person's."""
    by_lid = conversation_id(address.lid) if address.lid else None
    return None if by_lid == conversation else by_lid
