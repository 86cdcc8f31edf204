"""Messages come in: identity, first contact, refusals, repetitions, on the real PostgreSQL and Redis."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asyncpg import UndefinedTableError
from chassis.store import Store
from chassis.testing import Probe, an_event
from contracts import Event, conversation_id
from contracts.ingress import Address, ChannelKey, MessageReceived, NamesSeen
from contracts.preprocessor import Contact, ContactsMerged, MessageRejected, MessageSanitized
from preprocessor_service import limits
from preprocessor_service.store import Contacts

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]


class Parent:
    """Somebody with a phone and a LID, who writes in the ways that WhatsApp has."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        number = uuid4().int
        self.phone = f"+55519{number % 10**8:08d}"
        self.lid = f"{number % 10**15:015d}@lid"
        self.jid = f"{self.phone[1:]}@s.whatsapp.net"

    def by_phone(self, text: str | None = "oi", **about: Any) -> Event[MessageReceived]:
        return self._write(Address(jid=self.jid, phone=self.phone), text, **about)

    def by_both(self, text: str | None = "oi", **about: Any) -> Event[MessageReceived]:
        return self._write(Address(jid=self.lid, phone=self.phone, lid=self.lid), text, **about)

    def by_lid(self, text: str | None = "oi", **about: Any) -> Event[MessageReceived]:
        return self._write(Address(jid=self.lid, lid=self.lid), text, **about)

    def _write(self, address: Address, text: str | None, **about: Any) -> Event[MessageReceived]:
        key = ChannelKey(instance="kumon", id=uuid4().hex)
        fields: dict[str, Any] = {"kind": "text", "profile_name": "Ana", "sent_at": self._clock(), **about}
        message = MessageReceived(key=key, address=address, text=text, **fields)
        subject = conversation_id(address.phone or address.lid or address.jid)
        return an_event(message, subject=subject, key=key.id, at=self._clock())


@pytest.fixture
def ana(clock: Any) -> Parent:
    return Parent(clock)


@pytest.fixture
def bia(clock: Any) -> Parent:
    return Parent(clock)


@pytest.fixture
async def preprocessor(start: Start) -> Probe:
    running = await start()
    assert isinstance(running.probe, Probe)
    return running.probe


async def sanitized(preprocessor: Probe, event: Event[MessageReceived]) -> Event[MessageSanitized]:
    *_, said = await preprocessor.deliver(event)
    assert isinstance(said.data, MessageSanitized), said.data
    return said


async def rejected(preprocessor: Probe, event: Event[MessageReceived]) -> Event[MessageRejected]:
    *_, said = await preprocessor.deliver(event)
    assert isinstance(said.data, MessageRejected), said.data
    return said


async def test_a_first_message_is_cleaned_and_marked(preprocessor: Probe, ana: Parent) -> None:
    event = ana.by_both("  quanto\u200b   custa? ")
    said = await sanitized(preprocessor, event)
    assert (said.data.text, said.data.marks, said.data.key) == ("quanto custa?", {"first_contact"}, event.data.key)
    assert (said.data.contact.phone, said.data.contact.profile_name) == (ana.phone, "Ana")
    assert said.data.contact.address == event.data.address
    assert (said.data.sent_at, said.data.received_at) == (event.data.sent_at, event.time)
    assert (said.subject, said.causationid) == (conversation_id(ana.phone), event.id)


async def test_only_the_first_message_is_a_first_contact(preprocessor: Probe, ana: Parent, bia: Parent) -> None:
    marks = [
        (await sanitized(preprocessor, event)).data.marks for event in (ana.by_phone(), ana.by_phone(), bia.by_phone())
    ]
    assert marks == [{"first_contact"}, set(), {"first_contact"}]


async def test_of_messages_that_come_at_once_one_is_the_first_contact(preprocessor: Probe, ana: Parent) -> None:
    await asyncio.gather(*(preprocessor.deliver(ana.by_both()) for _ in range(6)))
    marks = [said.marks for said in preprocessor.of(MessageSanitized)]
    assert sorted(map(len, marks)) == [0, 0, 0, 0, 0, 1]


async def test_a_duplicate_delivery_changes_nothing(preprocessor: Probe, ana: Parent) -> None:
    event = ana.by_phone()
    assert len(await preprocessor.deliver(event)) == 1
    assert await preprocessor.deliver(event) == []


@pytest.mark.parametrize("name", ["Ana", None])
async def test_a_message_that_could_not_be_kept_is_whole_when_it_comes_again(
    start: Start, ana: Parent, name: str | None
) -> None:
    running = await start()
    event = ana.by_both(profile_name=name)
    await running.store.pool.execute("alter table outbox rename to away")
    with pytest.raises(UndefinedTableError):
        await running.probe.deliver(event)
    await running.store.pool.execute("alter table away rename to outbox")
    assert running.probe.published == []
    assert (await sanitized(running.probe, event)).data.marks == {"first_contact"}


@pytest.fixture
def no_unit(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """Whatever takes a unit fails within."""

    @contextmanager
    def within() -> Iterator[None]:
        with monkeypatch.context() as patched:
            patched.setattr("chassis.store.Store.unit", lambda _: pytest.fail("this takes a unit"))
            yield

    return within


async def test_what_strangers_and_known_people_write_takes_no_unit(
    preprocessor: Probe, ana: Parent, bia: Parent, no_unit: Any
) -> None:
    await preprocessor.deliver(ana.by_both())
    with no_unit():
        again = [await sanitized(preprocessor, event) for event in (ana.by_both(), ana.by_lid(), ana.by_phone())]
        strangers = [await sanitized(preprocessor, bia.by_phone()), await sanitized(preprocessor, bia.by_phone())]
    assert [said.data.marks for said in again] == [set(), set(), set()]
    assert [said.data.marks for said in strangers] == [{"first_contact"}, set()]


async def test_another_copy_knows_whom_the_first_one_met(start: Start, ana: Parent, no_unit: Any) -> None:
    one, other = await start(), await start()
    assert (await sanitized(one.probe, ana.by_phone())).data.marks == {"first_contact"}
    with no_unit():
        assert (await sanitized(other.probe, ana.by_phone(profile_name="Ana Souza"))).data.marks == set()
        assert (await sanitized(one.probe, ana.by_phone())).data.marks == set()
    said = await sanitized(other.probe, ana.by_phone(profile_name=None))
    assert said.data.contact.profile_name == "Ana", "what was written last"


async def until_it_waits(store: Store) -> None:
    """Wait until a statement waits for a transaction."""
    waits = (
        "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
    )
    async with asyncio.timeout(10):
        while not await store.pool.fetchval(waits):
            await asyncio.sleep(0.01)


async def test_what_another_copy_marks_meanwhile_changes_nothing(start: Start, ana: Parent) -> None:
    running, event = await start(), ana.by_phone()
    async with running.store.unit() as other:
        await other.first_time(event)
        delivering = asyncio.create_task(running.probe.deliver(event))
        await until_it_waits(running.store)
    assert await delivering == []
    assert await running.store.pool.fetchval("select count(*) from contacts") == 0


async def test_who_is_erased_meanwhile_is_met_as_a_stranger(start: Start, ana: Parent) -> None:
    running = await start()
    await running.probe.deliver(ana.by_phone())
    async with running.store.unit() as other:
        await other.connection.execute("delete from contacts")
        delivering = asyncio.create_task(running.probe.deliver(ana.by_phone()))
        await until_it_waits(running.store)
    (said,) = await delivering
    assert said.data.marks == {"first_contact"}


async def test_whom_another_copy_meets_meanwhile_is_no_stranger(start: Start, ana: Parent) -> None:
    running = await start()
    contact = Contact(phone=ana.phone, address=Address(jid=ana.jid, phone=ana.phone), profile_name="Ana")
    async with running.store.unit() as other:
        first = ana.by_phone()
        await Contacts().meet(other, first.subject, contact, first.time, first.id)
        delivering = asyncio.create_task(running.probe.deliver(ana.by_phone()))
        await until_it_waits(running.store)
    (said,) = await delivering
    assert said.data.marks == set()


async def test_of_two_copies_of_a_message_that_come_at_once_one_counts(start: Start, ana: Parent) -> None:
    one, other = await start(), await start()
    first, second = ana.by_phone(), ana.by_phone("quanto custa?")
    for event in (first, second):
        await asyncio.gather(*(each.probe.deliver(event) for each in (one, other, one, other)))
    said = [*one.probe.of(MessageSanitized), *other.probe.of(MessageSanitized)]
    assert sorted((each.text, *each.marks) for each in said) == [("oi", "first_contact"), ("quanto custa?",)]


async def test_a_lid_is_the_person_whose_phone_was_seen_with_it(preprocessor: Probe, ana: Parent) -> None:
    await preprocessor.deliver(ana.by_both())
    said = await sanitized(preprocessor, ana.by_lid("e aí?"))
    assert said.subject == conversation_id(ana.phone)
    assert (said.data.contact.phone, said.data.contact.address.jid) == (ana.phone, ana.lid)
    assert said.data.marks == set()


async def test_an_unknown_lid_is_a_conversation_of_its_own_until_its_phone_is_seen(
    preprocessor: Probe, ana: Parent
) -> None:
    alone = await sanitized(preprocessor, ana.by_lid())
    assert (alone.subject, alone.data.contact.phone) == (conversation_id(ana.lid), None)
    assert alone.data.marks == {"first_contact"}
    both = await sanitized(preprocessor, ana.by_both())
    assert (both.subject, both.data.marks) == (conversation_id(ana.phone), set())
    assert (await sanitized(preprocessor, ana.by_lid())).subject == conversation_id(ana.phone)
    assert (await sanitized(preprocessor, ana.by_phone())).subject == conversation_id(ana.phone)


async def test_what_was_said_under_a_lid_alone_is_the_persons_once_the_phone_is_seen(
    preprocessor: Probe, ana: Parent
) -> None:
    await preprocessor.deliver(ana.by_lid())
    merged, said = await preprocessor.deliver(ana.by_both())
    assert isinstance(merged.data, ContactsMerged)
    assert (merged.data.merged, merged.subject) == (conversation_id(ana.lid), conversation_id(ana.phone))
    assert (merged.data.contact.phone, merged.data.contact.address.lid) == (ana.phone, ana.lid)
    assert isinstance(said.data, MessageSanitized)
    assert len(await preprocessor.deliver(ana.by_both())) == 1


def seen(ana: Parent, clock: Any) -> Event[NamesSeen]:
    address = Address(jid=ana.jid, phone=ana.phone, lid=ana.lid)
    return an_event(NamesSeen(address=address), subject=conversation_id(ana.phone), at=clock())


async def test_names_seen_beside_anything_else_teach_who_a_lid_is(preprocessor: Probe, ana: Parent, clock: Any) -> None:
    assert await preprocessor.deliver(seen(ana, clock)) == []
    said = await sanitized(preprocessor, ana.by_lid())
    assert (said.data.contact.phone, said.subject) == (ana.phone, conversation_id(ana.phone))


async def test_a_lid_that_is_seen_with_a_known_phone_for_the_first_time_is_told_once(
    preprocessor: Probe, ana: Parent, clock: Any
) -> None:
    await preprocessor.deliver(ana.by_phone())
    (merged,) = await preprocessor.deliver(seen(ana, clock))
    assert (merged.data.merged, merged.subject) == (conversation_id(ana.lid), conversation_id(ana.phone))
    assert len(await preprocessor.deliver(ana.by_both())) == 1
    assert await preprocessor.deliver(seen(ana, clock)) == []


async def test_one_name_alone_teaches_nothing(start: Start, ana: Parent, clock: Any) -> None:
    running = await start()
    for address in (Address(jid=ana.jid, phone=ana.phone), Address(jid=ana.lid, lid=ana.lid)):
        await running.probe.deliver(an_event(NamesSeen(address=address), at=clock()))
    assert await running.store.pool.fetchval("select count(*) from aliases") == 0


async def test_a_message_that_shows_the_lid_of_a_known_phone_tells_it_once(preprocessor: Probe, ana: Parent) -> None:
    await preprocessor.deliver(ana.by_phone())
    merged, said = await preprocessor.deliver(ana.by_both())
    assert isinstance(merged.data, ContactsMerged)
    assert (merged.data.merged, said.data.marks) == (conversation_id(ana.lid), set())
    assert len(await preprocessor.deliver(ana.by_both())) == 1


async def test_names_seen_late_make_one_of_two_conversations_once(preprocessor: Probe, ana: Parent, clock: Any) -> None:
    await preprocessor.deliver(ana.by_lid())
    await preprocessor.deliver(ana.by_phone(profile_name="Ana Souza"))
    event = seen(ana, clock)
    (merged,) = await preprocessor.deliver(event)
    assert isinstance(merged.data, ContactsMerged)
    assert (merged.data.merged, merged.data.contact.profile_name) == (conversation_id(ana.lid), "Ana Souza")
    assert await preprocessor.deliver(event) == []
    assert await preprocessor.deliver(seen(ana, clock)) == []
    assert (await sanitized(preprocessor, ana.by_lid())).subject == conversation_id(ana.phone)


async def test_a_phone_without_its_ninth_digit_is_the_same_person(preprocessor: Probe, clock: Any) -> None:
    ana = Parent(clock)
    ana.phone = "+5551987650001"
    await preprocessor.deliver(ana.by_phone())
    ana.phone, ana.jid = "+555187650001", "555187650001@s.whatsapp.net"
    said = await sanitized(preprocessor, ana.by_phone())
    assert (said.data.contact.phone, said.subject) == ("+5551987650001", conversation_id("+5551987650001"))
    assert said.data.contact.address.jid == "555187650001@s.whatsapp.net"
    assert said.data.marks == set()


async def test_a_lid_that_moves_to_another_phone_is_followed(preprocessor: Probe, ana: Parent, bia: Parent) -> None:
    await preprocessor.deliver(ana.by_both())
    bia.lid = ana.lid
    await preprocessor.deliver(bia.by_both())
    assert (await sanitized(preprocessor, ana.by_lid())).data.contact.phone == bia.phone


async def test_a_profile_name_is_kept_when_a_message_brings_none(preprocessor: Probe, ana: Parent) -> None:
    await preprocessor.deliver(ana.by_phone())
    assert (await sanitized(preprocessor, ana.by_phone(profile_name=None))).data.contact.profile_name == "Ana"
    renamed = await sanitized(preprocessor, ana.by_phone(profile_name="Ana Souza"))
    assert renamed.data.contact.profile_name == "Ana Souza"


async def test_media_without_a_caption_is_worked_on_and_a_text_of_nothing_is_not(
    preprocessor: Probe, ana: Parent
) -> None:
    picture = await sanitized(preprocessor, ana.by_phone(None, kind="image"))
    assert (picture.data.kind, picture.data.text) == ("image", "")
    nothing = await rejected(preprocessor, ana.by_phone(" \u200b\n "))
    assert (nothing.data.reason, nothing.data.tell, nothing.data.text) == ("empty", False, None)


async def test_who_begins_with_nothing_makes_first_contact_with_the_first_word(
    preprocessor: Probe, ana: Parent
) -> None:
    await rejected(preprocessor, ana.by_phone("\u200b"))
    assert (await sanitized(preprocessor, ana.by_phone("oi"))).data.marks == {"first_contact"}


async def test_a_message_from_nobody_is_rejected_and_not_lost(preprocessor: Probe, ana: Parent) -> None:
    event = ana._write(Address(jid="what@ever"), "oi")
    said = await rejected(preprocessor, event)
    assert (said.data.reason, said.data.text, said.subject) == ("unidentified", "oi", event.subject)


async def test_a_message_that_was_long_on_its_way_is_marked(preprocessor: Probe, ana: Parent, clock: Any) -> None:
    said = await sanitized(preprocessor, ana.by_phone(sent_at=clock() - timedelta(hours=2)))
    assert "stale" in said.data.marks


async def test_more_than_the_limit_is_rejected_and_told_once_an_hour(start: Start, ana: Parent, clock: Any) -> None:
    probe = (await start(most=3)).probe
    for _ in range(3):
        await sanitized(probe, ana.by_phone())
        clock.on(minutes=1)
    told = [(await rejected(probe, ana.by_phone("mais uma"))).data for _ in range(3)]
    assert [each.tell for each in told] == [True, False, False]
    assert {(each.reason, each.text) for each in told} == {("rate_limited", "mais uma")}
    clock.on(minutes=57, seconds=30)  # the first of the three is an hour ago
    await sanitized(probe, ana.by_phone())
    assert (await rejected(probe, ana.by_phone())).data.tell is False
    clock.on(minutes=2, seconds=30)
    await sanitized(probe, ana.by_phone())
    await sanitized(probe, ana.by_phone())
    assert (await rejected(probe, ana.by_phone())).data.tell is True


async def test_a_redelivery_counts_once_and_tells_once(start: Start, ana: Parent, bia: Parent) -> None:
    probe = (await start(most=2)).probe
    first = ana.by_phone()
    for _ in range(5):
        await probe.deliver(first)
    await sanitized(probe, ana.by_phone())
    over = ana.by_phone()
    assert (await rejected(probe, over)).data.tell is True
    assert await probe.deliver(over) == []
    assert (await rejected(probe, ana.by_phone())).data.tell is False
    await sanitized(probe, bia.by_phone())


async def test_a_flood_at_once_passes_to_the_limit_and_tells_once(
    start: Start, ana: Parent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANSWER_S", 30)  # whatever else the machine does: without Redis it counts less exactly
    probe = (await start(most=5)).probe
    await asyncio.gather(*(probe.deliver(ana.by_phone()) for _ in range(12)))
    assert len(probe.of(MessageSanitized)) == 5
    assert sorted(each.tell for each in probe.of(MessageRejected)) == [False] * 6 + [True]


async def test_without_redis_the_limit_is_kept_here_and_the_service_goes_on(
    start: Start, nowhere: Any, ana: Parent
) -> None:
    running = await start(most=7, redis=nowhere)
    for _ in range(7):
        await sanitized(running.probe, ana.by_phone())
    assert (await rejected(running.probe, ana.by_phone())).data.tell is True
    assert (await rejected(running.probe, ana.by_phone())).data.tell is False
    assert await running.breakers.states() == [{"dependency": "redis", "state": "open"}]


async def test_what_redis_counted_before_it_went_away_still_counts(
    start: Start, ana: Parent, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = await start(most=3)
    for _ in range(2):
        await sanitized(running.probe, ana.by_phone())

    async def goes_away(*_: Any) -> bool:
        raise ConnectionError

    monkeypatch.setattr(limits.RateLimit, "_ask_redis", goes_away)
    await sanitized(running.probe, ana.by_phone())
    assert (await rejected(running.probe, ana.by_phone())).data.reason == "rate_limited"


async def test_no_limit_means_no_limit_and_no_redis(start: Start, nowhere: Any, ana: Parent) -> None:
    running = await start(most=0, redis=nowhere)
    for _ in range(60):
        await sanitized(running.probe, ana.by_phone())
    assert await running.breakers.states() == []
