"""The owner's numbers, against the same counted by hand."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from assistant.testing_volume import volume
from frontdesk_service import projections
from frontdesk_service.hours import Period, PeriodName
from frontdesk_service.indicators import Catalogue
from frontdesk_service.rebuilding import Rebuilding
from frontdesk_service.testing_month import Month, Tally

pytestmark = pytest.mark.stores

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NOVEMBER = datetime(2026, 11, 1, tzinfo=SAO_PAULO)
CONVERSATIONS = volume(500, thorough=3000)
AT_ONCE = 4
"""As many as the store has connections: nobody waits for one longer than a service would."""


async def live_through(frontdesk: Any, month: Month) -> None:
    """Fold a month's facts, some families side by side, as the line would."""
    families = month.families()

    async def work() -> None:
        for family in families:
            async with frontdesk.store.unit() as tx:
                for event in family:
                    await projections.apply(tx.connection, event, now=event.time)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None


def over(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def by_hand(tally: Tally, period: Period) -> dict[str, float | None]:
    """Every indicator of reception §6, from what was noted down."""

    def within(at: datetime) -> bool:
        return period.begins <= at < period.ends

    wrote = {phone for at, phone in tally.wrote if within(at)}
    turns = [(at, phone, failed) for at, phone, failed in tally.turns if within(at)]
    booked = [(phone, completeness) for at, phone, completeness in tally.booked if within(at)]
    bubbles = [(reached, blocked) for at, reached, blocked in tally.bubbles if within(at)]
    waits = [(wait, first) for at, wait, first in tally.waits if within(at)]
    spent = float(sum((brl for at, brl in tally.spent if within(at)), Decimal(0)))
    qualified = sum(within(at) for at in tally.qualified)
    ended = {phone: failed for _, phone, failed in sorted(turns)}
    families = {phone for phone, _ in booked}
    resolved = sum(not failed or phone in families for phone, failed in ended.items())
    reached = Counter(how for how, _ in bubbles)
    sent, delivered = len(bubbles) - reached["failed"], reached["delivered"] + reached["read"]
    return {
        "unanswered": sum(within(at) for at in tally.silent),
        "conversations": len(wrote),
        "qualified": qualified,
        "booked": len(booked),
        "booking_rate": over(len(booked), qualified),
        "resolution_rate": over(resolved, len(ended)),
        "response_s": mean(wait for wait, _ in waits),
        "first_response_s": mean(wait for wait, first in waits if first),
        "burst_window_s": 0.5 if turns else None,
        "error_rate": over(sum(failed for *_, failed in turns), len(turns)),
        "spend_brl": spent,
        "spend_per_qualified_brl": over(spent, qualified),
        "spend_per_visit_brl": over(spent, len(booked)),
        "delivered_rate": over(delivered, sent),
        "read_rate": over(reached["read"], delivered),
        "pipeline_brl": len(booked) * 0.8 * (375 * 1.5 + 100),
        "accuracy": over(sum(not blocked for _, blocked in bubbles), len(bubbles)),
        "completeness": mean(completeness / 8 for _, completeness in booked),
        "no_shows": sum(within(at) and outcome == "missed" for at, outcome in tally.outcomes),
    }


async def numbers_of(frontdesk: Any, period: PeriodName, day: str) -> dict[str, Any]:
    async with frontdesk.client() as client:
        answer = await client.get("/api/v1/indicators", params={"period": period, "day": day})
    return dict(answer.raise_for_status().json())


PERIODS: list[tuple[PeriodName, str]] = [
    *(("day", f"2026-11-{day:02}") for day in (1, 2, 9, 14, 20, 28)),
    *(("week", f"2026-11-{day:02}") for day in (1, 4, 11, 18, 25)),
    ("month", "2026-11-15"),
]


async def test_every_number_of_a_month_is_what_was_counted_by_hand_also_when_made_again_from_the_facts(
    frontdesk: Any, clock: Any
) -> None:
    clock.at = NOVEMBER + timedelta(days=40)
    month = Month(NOVEMBER, CONVERSATIONS)
    await live_through(frontdesk, month)
    before = {}
    for name, day in PERIODS:
        shown = before[name, day] = await numbers_of(frontdesk, name, day)
        period = Period.of(name, datetime.fromisoformat(day).date())
        expected = by_hand(month.tally, period)
        assert {each["name"]: each["value"] for each in shown["indicators"]} == {
            key: pytest.approx(value, rel=1e-6) for key, value in expected.items()
        }, (name, day)
        assert sum(map(sum, shown["hours"])) == sum(period.begins <= at < period.ends for at, _ in month.tally.wrote)
    assert before["month", "2026-11-15"]["funnel"][0]["people"] == CONVERSATIONS
    asked = Counter(
        intent for at, intent in month.tally.asked if intent != "provide" and at.astimezone(SAO_PAULO).month == 11
    )
    shown_asked = {each["intent"]: each["times"] for each in before["month", "2026-11-15"]["questions"]}
    assert shown_asked == dict(asked)

    assert await frontdesk.parts.tallying.keep_all() > 28
    for name, day in PERIODS:
        assert await numbers_of(frontdesk, name, day) == before[name, day]
    await Rebuilding(frontdesk.store, frontdesk.changes).run()
    for name, day in PERIODS:
        assert await numbers_of(frontdesk, name, day) == before[name, day]


async def test_a_day_without_anything_has_no_rates_and_no_invented_numbers(frontdesk: Any) -> None:
    shown = {each["name"]: each for each in (await numbers_of(frontdesk, "day", "2026-11-23"))["indicators"]}
    assert shown["conversations"]["value"] == 0
    assert shown["booking_rate"]["value"] is None
    assert shown["booking_rate"]["met"] is None
    assert len(shown["booked"]["trend"]) == 14


async def test_a_trend_shows_neighbouring_periods_as_they_are_shown_on_their_own(frontdesk: Any, clock: Any) -> None:
    clock.at = NOVEMBER + timedelta(days=40)
    await live_through(frontdesk, Month(NOVEMBER, 60))

    async def conversations(day: str) -> dict[str, Any]:
        shown = (await numbers_of(frontdesk, "week", day))["indicators"]
        return next(dict(each) for each in shown if each["name"] == "conversations")

    trend = (await conversations("2026-11-25"))["trend"]
    alone = [(await conversations(point["start"][:10]))["value"] for point in trend]
    assert [point["value"] for point in trend] == alone
    assert sum(alone) >= 60


async def test_a_message_counts_as_unanswered_after_a_minute_and_no_more_once_its_turn_ends(
    frontdesk: Any, ana: Any, clock: Any
) -> None:
    said = ana.says("oi")
    await frontdesk.deliver(said)

    async def unanswered() -> float:
        return next(
            each["value"]
            for each in (await numbers_of(frontdesk, "day", "2026-11-23"))["indicators"]
            if each["name"] == "unanswered"
        )

    assert await unanswered() == 0
    clock.on(seconds=61)
    assert await unanswered() == 1
    await frontdesk.deliver(*ana.turn(said))
    assert await unanswered() == 0


async def test_the_spend_of_a_day_names_what_it_was_for(frontdesk: Any, clock: Any) -> None:
    clock.at = NOVEMBER + timedelta(days=40)
    month = Month(NOVEMBER, 60)
    await live_through(frontdesk, month)
    day = month.tally.spent[0][0].astimezone(SAO_PAULO).date()
    async with frontdesk.client() as client:
        shown = (await client.get("/api/v1/spend", params={"day": str(day)})).raise_for_status().json()
    spent = [brl for at, brl in month.tally.spent if at.astimezone(SAO_PAULO).date() == day]
    assert shown["brl"] == pytest.approx(float(sum(spent)))
    assert shown["tasks"] == [
        {"task": "understand", "calls": len(spent), "refused": 0, "cached": 0, "brl": shown["brl"]}
    ]
    assert (shown["warning_brl"], shown["critical_brl"], shown["limit_brl"]) == (4.0, 4.5, 5.0)


async def test_the_numbers_go_into_a_spreadsheet(frontdesk: Any, clock: Any) -> None:
    clock.at = NOVEMBER + timedelta(days=40)
    await live_through(frontdesk, Month(NOVEMBER, 60))
    async with frontdesk.client() as client:
        answer = await client.get("/api/v1/indicators.csv", params={"period": "month", "day": "2026-11-15"})
    head, *rows = answer.content.decode("utf-8-sig").splitlines()
    assert head.split(";")[-1] == "01/11/2026"
    assert {row.split(";")[0]: row.split(";")[-1] for row in rows}["Conversas"] == "60"


def test_the_pipeline_of_fifteen_visits_is_the_target_of_a_week() -> None:
    catalogue = Catalogue.read(Decimal(375), Decimal(100))
    pipeline = next(each for each in catalogue.indicators if each.name == "pipeline_brl")
    assert catalogue.target(pipeline, Period.of("week", NOVEMBER.date())) == 7950
