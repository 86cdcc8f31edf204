"""Days that are over are counted once, and again after whatever changes them later, in any order."""

import asyncio
import random
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from contracts import Event
from contracts.preprocessor import Contact, ContactsMerged
from frontdesk_service import projections
from frontdesk_service.hours import Period
from frontdesk_service.projections import days
from frontdesk_service.projections.counting import Tally
from frontdesk_service.rebuilding import Rebuilding
from frontdesk_service.testing_month import Month

pytestmark = pytest.mark.stores

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
BEGINS = datetime(2026, 11, 1, tzinfo=SAO_PAULO)
SEED = 20_261_128
MONTH = days.days(date(2026, 10, 30), date(2026, 12, 8))


async def told(frontdesk: Any, *events: Event[Any]) -> None:
    async with frontdesk.store.unit() as tx:
        await projections.apply(tx.connection, *events, now=frontdesk.clock())


def plain(tally: Tally) -> dict[str, Any]:
    """A tally without the order of its lists, and without sums of nothing."""
    return {
        **vars(tally),
        "sums": {name: value for name, value in tally.sums.items() if value},
        "contacts": sorted(tally.contacts),
    }


async def trusted(frontdesk: Any) -> dict[date, Tally]:
    """What is kept and would be shown, which must be what the rows say."""
    async with frontdesk.parts.reads() as connection:
        kept = dict(await days.kept(connection, MONTH[0], MONTH[-1]))
        counted = {day: plain(await days.count(connection, day)) for day in kept}
    assert {day: plain(tally) for day, tally in kept.items()} == counted
    return kept


async def test_no_day_is_shown_as_it_was_kept_once_any_late_fact_changed_it(frontdesk: Any, clock: Any) -> None:
    clock.at = BEGINS + timedelta(days=40)
    chance = random.Random(SEED)
    facts = [fact for family in Month(BEGINS, 70, seed=SEED).families() for fact in family]
    chance.shuffle(facts)
    first, late = facts[: len(facts) // 2], facts[len(facts) // 2 :]
    await told(frontdesk, *first)
    assert await frontdesk.parts.tallying.keep_all() > 25
    changed = 0
    for number, fact in enumerate(late):
        before = await trusted(frontdesk) if number % 20 == 0 else None
        await told(frontdesk, fact)
        if before is not None:
            changed += len(before.keys() - (await trusted(frontdesk)).keys())
            await frontdesk.parts.tallying.keep_all()
    assert changed > 5, SEED
    await frontdesk.parts.tallying.keep_all()
    assert len(await trusted(frontdesk)) > 25


async def test_days_of_somebody_who_is_erased_or_turns_out_to_be_somebody_else_are_counted_again(
    frontdesk: Any, family: Any, clock: Any
) -> None:
    lid = "190000000000017@lid"
    unknown, ana = family(phone=None, lid=lid), family()
    await frontdesk.deliver(unknown.says("oi"), ana.says("oi"))
    clock.on(days=2)
    await frontdesk.parts.tallying.keep_all()
    day = date(2026, 11, 23)
    assert len((await trusted(frontdesk))[day].contacts) == 2

    address = ana.contact.address.model_copy(update={"lid": lid})
    contact = Contact(phone=ana.phone, address=address)
    await frontdesk.deliver(ana.fact(ContactsMerged(merged=unknown.subject, contact=contact)))
    assert day not in await trusted(frontdesk)
    await frontdesk.parts.tallying.keep_all()
    assert (await trusted(frontdesk))[day].contacts == [ana.subject]

    await frontdesk.parts.erasing.request(ana.phone)
    assert day not in await trusted(frontdesk)
    frontdesk.parts.tallying.want({day})
    await frontdesk.parts.tallying.keep_all()
    assert (await trusted(frontdesk))[day].contacts == []


async def test_days_are_kept_while_facts_come_and_the_read_model_is_made_again(frontdesk: Any, clock: Any) -> None:
    clock.at = BEGINS + timedelta(days=40)
    families = list(Month(BEGINS, 40).families())
    over = asyncio.Event()

    async def tell() -> None:
        for story in families:
            await told(frontdesk, *story)
        over.set()

    async def keep() -> None:
        while not over.is_set():
            await frontdesk.parts.tallying.keep_all()
            await trusted(frontdesk)

    async with asyncio.TaskGroup() as group:
        group.create_task(tell())
        group.create_task(keep())
        group.create_task(Rebuilding(frontdesk.store, frontdesk.changes).run())
    await frontdesk.parts.tallying.keep_all()
    kept = await trusted(frontdesk)
    assert len({contact for tally in kept.values() for contact in tally.contacts}) == len(families)


async def test_today_is_counted_when_it_is_asked_for_and_kept_once_it_is_over(
    frontdesk: Any, ana: Any, clock: Any
) -> None:
    await frontdesk.deliver(ana.says("oi"))
    assert await frontdesk.parts.tallying.keep_all() == 0
    report = await frontdesk.parts.numbers.report("week")
    assert report.counted.conversations == 1
    assert date(2026, 11, 23) not in await trusted(frontdesk)
    clock.on(days=1)
    assert await frontdesk.parts.tallying.keep_all() > 0
    assert await frontdesk.parts.tallying.keep_all() == 0
    assert (await trusted(frontdesk))[date(2026, 11, 23)].contacts == [ana.subject]
    assert (await frontdesk.parts.numbers.report("week")).counted.conversations == 1


async def test_what_was_asked_before_midnight_and_answered_after_it_is_of_the_day_of_the_question(
    frontdesk: Any, ana: Any, clock: Any
) -> None:
    clock.at = datetime(2026, 11, 23, 23, 59, 50, tzinfo=SAO_PAULO)
    said = ana.says("oi")
    await frontdesk.deliver(said)
    clock.on(days=1)
    await frontdesk.parts.tallying.keep_all()
    clock.at = datetime(2026, 11, 23, 23, 59, 58, tzinfo=SAO_PAULO)
    turn = ana.turn(said)
    draft = ana.drafted("Olá!")
    draft = draft.model_copy(update={"data": draft.data.model_copy(update={"turn_id": turn[0].data.turn_id})})
    await frontdesk.deliver(*turn, draft, ana.delivered(draft.data.reply_id, [ana.key(from_me=True)]))
    clock.on(days=1)
    await frontdesk.parts.tallying.keep_all()
    kept = await trusted(frontdesk)
    assert kept[date(2026, 11, 23)].sums["responses"] == 1
    assert "responses" not in kept[date(2026, 11, 24)].sums


async def test_every_function_of_the_schema_finds_our_tables_whatever_the_path_is(frontdesk: Any) -> None:
    rows = await frontdesk.store.pool.fetch(
        """select proname, proconfig from pg_proc where pronamespace = 'frontdesk'::regnamespace"""
    )
    assert len(rows) > 10
    assert {row["proname"] for row in rows if "search_path=frontdesk, pg_temp" not in (row["proconfig"] or [])} == set()


def test_the_days_of_a_period_are_all_of_it() -> None:
    month = Period.of("month", date(2026, 2, 10))
    assert len(days.days(month.first_day, month.last_day)) == 28


async def test_a_bubble_whose_draft_is_told_after_it_was_sent_days_later_changes_the_day_of_its_draft(
    frontdesk: Any, ana: Any, clock: Any
) -> None:
    await frontdesk.deliver(ana.says("oi"))
    draft = ana.drafted("Olá!")
    clock.on(days=2)
    await frontdesk.deliver(ana.delivered(draft.data.reply_id, [ana.key(from_me=True)]))
    clock.on(days=1)
    await frontdesk.parts.tallying.keep_all()
    assert (await trusted(frontdesk))[date(2026, 11, 23)].sums.get("bubbles", 0) == 0
    await frontdesk.deliver(draft)
    await frontdesk.parts.tallying.keep_all()
    assert (await trusted(frontdesk))[date(2026, 11, 23)].sums["bubbles"] == 1
