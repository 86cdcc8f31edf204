"""Google Calendar beside the book: what is shown there, what comes back, and what goes wrong on the way."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from calendar_service.google import events
from calendar_service.google.client import Google
from chassis.testing import an_event
from contracts.calendar import (
    Availability,
    BookingConfirmed,
    BookingRejected,
    CalendarConflictFound,
    Offer,
    ReminderDue,
    SlotWish,
    VisitCancelled,
    VisitOutcomeRecorded,
    VisitRescheduled,
)
from contracts.dialogue import CancellationRequested, RescheduleRequested, Slot

pytestmark = pytest.mark.stores
At = Callable[[str], datetime]


def timed(moment: datetime) -> dict[str, str]:
    return {"dateTime": moment.isoformat(), "timeZone": "America/Sao_Paulo"}


def lasting(start: datetime, minutes: int = 30) -> dict[str, Any]:
    return {"start": timed(start), "end": timed(start + timedelta(minutes=minutes))}


def moving(visit: Any, start: datetime) -> Any:
    slot = Slot(start=start, end=start + timedelta(minutes=30))
    return an_event(RescheduleRequested(visit_id=visit.id, slot=slot, contact=visit.contact), subject="cnv_ana")


async def free(mirrored: Any, start: datetime) -> bool:
    question = Availability(conversation="cnv_x", now=mirrored.clock(), wish=SlotWish(exact=start), hold=False)
    answer: Offer = await mirrored.probe.ask(question)
    return answer.exact_free is True


async def test_a_visit_is_shown_in_portuguese_with_everything_about_it(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    (event,) = await mirrored.events()
    assert event["id"] == events.event_id(visit.id)
    assert events.visit_id(event["id"]) == visit.id
    assert event["summary"] == "Visita: Pedro (Ana Souza)"
    assert event["start"] == {"dateTime": "2026-11-24T14:30:00-03:00", "timeZone": "America/Sao_Paulo"}
    phone = visit.contact.phone
    assert event["description"].splitlines() == [
        "Responsável: Ana Souza",
        "Aluno: Pedro, 8 anos, 3º ano, Matemática e Português",
        f"Telefone: {phone}",
        "E-mail: ana@example.com",
        f"Conversa: http://desk/conversas/{phone.removeprefix('+')}",
        "",
        "Arraste para mudar o horário ou apague para cancelar: a família é avisada pelo WhatsApp.",
    ]


async def test_an_event_follows_its_visit_to_the_end(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.probe.deliver(moving(visit, at("26 15:00")))
    await mirrored.settle()
    assert await mirrored.starts() == ["2026-11-26T15:00:00-03:00"]
    outcome = VisitOutcomeRecorded(visit_id=visit.id, outcome="came", by="Marta")
    await mirrored.probe.deliver(an_event(outcome, subject="cnv_ana"))
    await mirrored.settle()
    (event,) = await mirrored.events()
    assert event["description"].endswith("A família veio.")


async def test_a_cancelled_visit_leaves_google_and_a_forgotten_one_too(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.book(at("24 15:00"), "cnv_bia")
    await mirrored.settle()
    request = CancellationRequested(visit_id=visit.id, contact=visit.contact)
    await mirrored.probe.deliver(an_event(request, subject="cnv_ana"))
    await mirrored.settle(minutes=2)
    assert await mirrored.starts() == ["2026-11-24T15:00:00-03:00"]
    await mirrored.settle(days=32)
    assert await mirrored.events() == []
    assert mirrored.probe.of(CalendarConflictFound) == []
    assert await mirrored.probe.store.pool.fetchval("select count(*) from projections where stale") == 0


async def test_a_call_that_was_cut_off_is_not_done_twice(mirrored: Any, at: At) -> None:
    mirrored.reconnect(timeout_s=1)
    await mirrored.fault("timeout_after_send", delay_s=10, event="calendar.events.insert")
    await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    mirrored.reconnect()
    await mirrored.settle(minutes=1)
    assert len(await mirrored.events()) == 1
    assert await mirrored.calls("insert") == 2


async def test_an_hour_without_google_loses_and_doubles_nothing(mirrored: Any, at: At) -> None:
    await mirrored.fault("http_503", times=10_000)
    for number, hour in enumerate(("09:00", "10:00", "11:00", "14:00", "15:00")):
        await mirrored.book(at(f"25 {hour}"), f"cnv_{number}")
        await mirrored.settle(minutes=12)
    assert len(mirrored.probe.of(BookingConfirmed)) == 5
    assert await mirrored.events() == []
    assert [each["state"] for each in await mirrored.breakers.states()] != ["closed"]
    await mirrored.mended()
    await mirrored.settle(minutes=6)
    assert len(await mirrored.starts()) == len(set(await mirrored.starts())) == 5
    assert mirrored.probe.of(CalendarConflictFound) == []


@pytest.mark.parametrize("kind", ["http_429", "rate_limited", "http_500", "unauthorized"])
async def test_a_storm_of_refusals_passes(mirrored: Any, at: At, kind: str) -> None:
    await mirrored.fault(kind, times=12)
    for hour in ("09:00", "10:00", "11:00"):
        await mirrored.book(at(f"25 {hour}"), f"cnv_{hour}")
    for _ in range(20):
        await asyncio.sleep(0.05)  # as long as the breaker stays open
        await mirrored.settle(minutes=6)
    assert len(await mirrored.starts()) == len(set(await mirrored.starts())) == 3


@pytest.mark.parametrize(
    "fault", [{"kind": "invalid_grant", "target": "googleToken"}, {"kind": "forbidden"}, {"kind": "unauthorized"}]
)
async def test_wrong_credentials_stop_no_booking_and_say_so(mirrored: Any, at: At, fault: dict[str, str]) -> None:
    mirrored.reconnect()
    await mirrored.fault(**fault, times=10_000)
    await mirrored.book(at("24 14:30"))
    for _ in range(4):
        await mirrored.settle(minutes=6)
    assert len(mirrored.probe.of(BookingConfirmed)) == 1
    assert await mirrored.breakers.states() == [{"dependency": "google", "state": "open"}]
    await mirrored.mended()
    await mirrored.settle(minutes=6)
    assert len(await mirrored.events()) == 1


@pytest.mark.parametrize("account", ["{", "not there", "eyJhIjogMX0=", '{"client_email": "a"}'])
async def test_a_key_that_is_none_stops_no_booking(mirrored: Any, at: At, account: str) -> None:
    mirrored.reconnect(account)
    await mirrored.book(at("24 14:30"))
    for _ in range(4):
        await mirrored.settle(minutes=6)
    assert len(mirrored.probe.of(BookingConfirmed)) == 1
    assert await mirrored.breakers.states() == [{"dependency": "google", "state": "open"}]


async def test_a_key_file_that_is_mended_is_read_again(mirrored: Any, at: At, tmp_path: Path) -> None:
    right = mirrored.google._account.get_secret_value()
    file = tmp_path / "key.json"
    file.write_text(json.dumps({**json.loads(right), "client_email": "somebody@else"}))
    mirrored.reconnect(str(file))
    await mirrored.book(at("24 14:30"))
    await mirrored.settle(minutes=1)
    assert await mirrored.events() == []
    file.write_text(right)
    await asyncio.sleep(0.05)  # as long as the breaker stays open
    await mirrored.settle(minutes=6)
    assert len(await mirrored.events()) == 1


async def test_a_calendar_that_is_not_ours_is_refused_as_a_whole(mirrored: Any, at: At) -> None:
    mirrored.google.calendar_id = "another@calendar"
    await mirrored.book(at("24 14:30"))
    for _ in range(4):
        await mirrored.settle(minutes=6)
    assert await mirrored.breakers.states() == [{"dependency": "google", "state": "open"}]
    assert await mirrored.probe.store.pool.fetchval("select count(*) from projections where stale") == 1


async def test_what_the_unit_has_in_google_is_not_offered(mirrored: Any, at: At) -> None:
    meeting = await mirrored.by_hand(summary="Reunião", **lasting(at("24 14:45"), 60))
    await mirrored.by_hand(summary="Férias", start={"date": "2026-11-26"}, end={"date": "2026-11-27"})
    weekly = {"recurrence": ["RRULE:FREQ=WEEKLY"], "summary": "Equipe", **lasting(at("25 09:00"))}
    await mirrored.by_hand(**weekly)
    await mirrored.by_hand(summary="Aniversário", transparency="transparent", **lasting(at("27 09:00")))
    await mirrored.settle(minutes=1)
    taken = ["24 14:30", "24 15:30", "26 09:00", "26 16:30", "25 09:00", "32 09:00"]
    assert [await free(mirrored, at(start)) for start in taken] == [False] * 6
    assert await free(mirrored, at("24 14:00"))
    assert await free(mirrored, at("27 09:00"))
    await mirrored.by_hand(meeting["id"], **lasting(at("24 16:00")))
    await mirrored.settle(minutes=1)
    assert await free(mirrored, at("24 14:30"))
    assert not await free(mirrored, at("24 16:00"))
    await mirrored.delete_by_hand(meeting["id"])
    await mirrored.settle(minutes=1)
    assert await free(mirrored, at("24 16:00"))
    (rejected,) = await mirrored.probe.deliver(mirrored.booking(at("26 09:00")))
    assert isinstance(rejected.data, BookingRejected)
    assert rejected.data.reason == "taken"


async def test_an_import_is_incremental_until_its_token_is_too_old(mirrored: Any, at: At) -> None:
    meeting = await mirrored.by_hand(summary="Reunião", **lasting(at("24 14:30")))
    await mirrored.settle(minutes=1)
    assert await mirrored.calls("list") == 2
    await mirrored.delete_by_hand(meeting["id"])
    await mirrored.by_hand(summary="Outra", **lasting(at("24 15:00")))
    await mirrored.http.post("/sandbox/google/forget-tokens")
    await mirrored.settle(minutes=1)
    assert await mirrored.calls("list") == 4
    assert await free(mirrored, at("24 14:30"))
    assert not await free(mirrored, at("24 15:00"))
    await mirrored.settle(hours=25)
    assert not await free(mirrored, at("24 15:00"))


async def test_an_event_moved_by_hand_moves_the_visit_and_its_reminder(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.by_hand(events.event_id(visit.id), **lasting(at("25 16:00")))
    await mirrored.settle(minutes=1)
    (moved,) = mirrored.probe.of(VisitRescheduled)
    assert (moved.by, moved.visit.id, moved.visit.version) == ("unit", visit.id, 2)
    assert (moved.previous, moved.visit.slot.start) == (visit.slot, at("25 16:00"))
    assert not await free(mirrored, at("25 16:00"))
    await mirrored.settle(minutes=5)
    assert len(mirrored.probe.of(VisitRescheduled)) == 1
    await mirrored.settle(days=2, hours=4)
    assert [each.visit.slot.start for each in mirrored.probe.of(ReminderDue)] == [at("25 16:00")]
    (event,) = await mirrored.events()
    assert event["extendedProperties"]["private"]["version"] == "2"


async def test_an_event_deleted_by_hand_cancels_the_visit_once(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.delete_by_hand(events.event_id(visit.id))
    await mirrored.settle(minutes=1)
    await mirrored.settle(minutes=5)
    (cancelled,) = mirrored.probe.of(VisitCancelled)
    assert (cancelled.by, cancelled.visit.id, cancelled.visit.status) == ("unit", visit.id, "cancelled")
    assert await free(mirrored, at("24 14:30"))
    assert await mirrored.events() == []
    await mirrored.settle(days=2)
    assert mirrored.probe.of(ReminderDue) == []


async def test_an_event_deleted_while_the_token_was_lost_is_missed(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.delete_by_hand(events.event_id(visit.id))
    await mirrored.http.post("/sandbox/google/forget-tokens")
    await mirrored.settle(minutes=1)
    assert [each.by for each in mirrored.probe.of(VisitCancelled)] == ["unit"]


async def test_a_word_changed_by_hand_moves_nothing(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.by_hand(events.event_id(visit.id), summary="Visita da Ana (trazer material)")
    await mirrored.settle(minutes=1)
    assert mirrored.probe.of(VisitRescheduled) == mirrored.probe.of(CalendarConflictFound) == []
    assert (await mirrored.events())[0]["summary"] == "Visita da Ana (trazer material)"


async def test_an_event_of_the_past_is_tidied_up_without_a_word(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.settle(days=2)
    await mirrored.delete_by_hand(events.event_id(visit.id))
    await mirrored.settle(minutes=1)
    assert mirrored.probe.of(VisitCancelled) == mirrored.probe.of(CalendarConflictFound) == []
    assert await mirrored.events() == []


async def test_who_did_not_come_is_given_another_time_by_dragging_the_event(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.settle(days=1, hours=5)
    await mirrored.by_hand(events.event_id(visit.id), **lasting(at("26 10:00")))
    await mirrored.settle(minutes=1)
    assert [each.visit.slot.start for each in mirrored.probe.of(VisitRescheduled)] == [at("26 10:00")]


async def test_an_event_of_the_unit_over_a_visit_is_told_once_with_both_sides(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    meeting = await mirrored.by_hand(summary="Reunião de pais", **lasting(at("24 14:00"), 60))
    await mirrored.settle(minutes=1)
    (conflict,) = mirrored.probe.of(CalendarConflictFound)
    assert (conflict.kind, conflict.visit, conflict.title) == ("event_over_visit", visit, "Reunião de pais")
    assert (conflict.wanted.start, conflict.wanted.end) == (at("24 14:00"), at("24 15:00"))
    await mirrored.http.post("/sandbox/google/forget-tokens")
    await mirrored.settle(minutes=2)
    await mirrored.by_hand(meeting["id"], description="sala 6")
    await mirrored.settle(minutes=2)
    assert len(mirrored.probe.of(CalendarConflictFound)) == 1
    assert await mirrored.probe.store.pool.fetchval("select status from visits") == "booked"


@pytest.mark.parametrize(
    "onto,kind",
    [
        ("25 10:15", "moved_onto_visit"),
        ("24 12:30", "moved_outside"),
        ("28 10:00", "moved_outside"),
        ("23 09:00", "moved_outside"),
    ],
)
async def test_an_event_moved_where_no_visit_can_be_goes_back_and_is_told(
    mirrored: Any, at: At, onto: str, kind: str
) -> None:
    visit = await mirrored.book(at("24 14:30"))
    other = await mirrored.book(at("25 10:00"), "cnv_bia")
    await mirrored.settle()
    await mirrored.by_hand(events.event_id(visit.id), **lasting(at(onto)))
    await mirrored.settle(minutes=1)
    await mirrored.settle(minutes=3)
    (conflict,) = mirrored.probe.of(CalendarConflictFound)
    assert (conflict.kind, conflict.visit, conflict.wanted.start) == (kind, visit, at(onto))
    assert conflict.other == (other if kind == "moved_onto_visit" else None)
    assert await mirrored.starts() == ["2026-11-24T14:30:00-03:00", "2026-11-25T10:00:00-03:00"]
    assert mirrored.probe.of(VisitRescheduled) == []


async def test_a_visit_changed_by_the_family_and_by_hand_stays_the_familys_and_is_told(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.by_hand(events.event_id(visit.id), **lasting(at("25 16:00")))
    await mirrored.probe.deliver(moving(visit, at("26 15:00")))
    await mirrored.settle(minutes=1)
    (conflict,) = mirrored.probe.of(CalendarConflictFound)
    assert (conflict.kind, conflict.visit.slot.start) == ("changed_twice", at("26 15:00"))
    assert conflict.wanted.start == at("25 16:00")
    assert await mirrored.starts() == ["2026-11-26T15:00:00-03:00"]
    assert [each.by for each in mirrored.probe.of(VisitRescheduled)] == ["parent"]


async def test_an_event_deleted_while_the_family_moved_the_visit_comes_back_and_is_told(mirrored: Any, at: At) -> None:
    visit = await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.delete_by_hand(events.event_id(visit.id))
    await mirrored.probe.deliver(moving(visit, at("26 15:00")))
    await mirrored.settle(minutes=1)
    assert [each.kind for each in mirrored.probe.of(CalendarConflictFound)] == ["changed_twice"]
    assert await mirrored.starts() == ["2026-11-26T15:00:00-03:00"]


async def test_a_change_by_hand_during_our_own_is_not_overwritten(mirrored: Any, at: At) -> None:
    await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    read = mirrored.google.get

    async def read_and_then_somebody_moves_it(event_id: str) -> Any:
        event = await read(event_id)
        mirrored.google.get = read
        await mirrored.by_hand(event_id, **lasting(at("25 16:00")))
        return event

    mirrored.google.get = read_and_then_somebody_moves_it
    await mirrored.probe.store.pool.execute("update visits set lead = lead")
    await mirrored.begin()
    await mirrored.settle()
    assert [each.visit.slot.start for each in mirrored.probe.of(VisitRescheduled)] == [at("25 16:00")]
    assert await mirrored.starts() == ["2026-11-25T16:00:00-03:00"]


async def test_a_clock_that_jumps_neither_loses_nor_doubles(mirrored: Any, at: At) -> None:
    await mirrored.book(at("24 14:30"))
    await mirrored.settle()
    await mirrored.by_hand(summary="Reunião", **lasting(at("24 15:00")))
    for hours in (-3, +5, -2):
        await mirrored.settle(hours=hours)
        await mirrored.begin()
        await mirrored.settle()
    assert not await free(mirrored, at("24 15:00"))
    assert len(await mirrored.events()) == 2
    assert mirrored.probe.of(VisitRescheduled) == mirrored.probe.of(VisitCancelled) == []
    assert mirrored.probe.of(CalendarConflictFound) == []


async def test_a_new_calendar_gets_every_visit_that_is_ahead(mirrored: Any, at: At) -> None:
    await mirrored.book(at("24 14:30"))
    await mirrored.book(at("26 09:00"), "cnv_bia")
    await mirrored.settle()
    assert len(await mirrored.events()) == 2
    await mirrored.settle(days=2, hours=1)
    await mirrored.http.delete("/sandbox/state")
    await mirrored.probe.store.pool.execute("update google_sync set calendar_id = 'the one before'")
    await mirrored.begin()
    await mirrored.settle()
    assert await mirrored.starts() == ["2026-11-26T09:00:00-03:00"]
    await mirrored.probe.store.pool.execute("delete from google_sync")
    await mirrored.begin()
    await mirrored.settle()
    assert await mirrored.starts() == ["2026-11-26T09:00:00-03:00"], "found missing by a full import"


async def test_only_one_copy_talks_to_google_at_a_time(mirrored: Any, at: At) -> None:
    await mirrored.book(at("24 14:30"))
    async with mirrored.probe.store.pool.acquire() as another:
        await another.fetchval("select pg_advisory_lock(hashtext('calendar.google'))")
        await mirrored.settle()
        assert await mirrored.events() == []
        await another.fetchval("select pg_advisory_unlock(hashtext('calendar.google'))")
    await mirrored.settle(seconds=3)
    assert len(await mirrored.events()) == 1


async def test_calls_are_spread_under_the_quota(mirrored: Any) -> None:
    google: Google = mirrored.google
    google._pause_s = 0.05
    began = time.monotonic()
    for _ in range(4):
        await google.get("nothing")
    assert time.monotonic() - began >= 0.15
