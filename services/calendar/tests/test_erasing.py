"""A person who is forgotten has no visits, and their times are free."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from chassis.testing import Probe, an_event
from contracts.calendar import Availability, BookingConfirmed, SlotWish
from contracts.dialogue import BookingRequested, Lead, Slot
from contracts.ingress import Address
from contracts.preprocessor import Contact
from contracts.privacy import DataErased, ErasureRequested

pytestmark = pytest.mark.stores

ANA, BIA = "+5551987650001", "+5551987650002"


def booking(start: datetime, phone: str) -> BookingRequested:
    contact = Contact(phone=phone, address=Address(jid=f"{phone[1:]}@s.whatsapp.net", phone=phone))
    slot = Slot(start=start, end=start + timedelta(minutes=30))
    return BookingRequested(slot=slot, lead=Lead(parent_name="Ana", phone=phone), contact=contact)


async def test_an_erased_persons_visits_are_gone_their_times_free_and_others_stay(
    calendar: Probe, clock: Callable[[], datetime], at: Callable[[str], datetime]
) -> None:
    assert calendar.store
    for text, phone, conversation in (("24 14:30", ANA, "cnv_ana"), ("24 15:00", BIA, "cnv_bia")):
        await calendar.deliver(an_event(booking(at(text), phone), subject=conversation))
    assert len(calendar.of(BookingConfirmed)) == 2
    request = an_event(ErasureRequested(phone=ANA, asked_by="unit"), subject="cnv_ana")
    for _ in range(2):
        await calendar.deliver(request)
    (done,) = calendar.of(DataErased)
    assert (done.owner, done.rows >= 1) == ("calendar", True)
    rows = await calendar.store.pool.fetch("select conversation from visits")
    assert [row["conversation"] for row in rows] == ["cnv_bia"]
    timers = await calendar.store.pool.fetchval("select count(*) from timer where payload::text like '%87650001%'")
    assert timers == 0
    wish = SlotWish(exact=at("24 14:30"))
    offer = await calendar.ask(Availability(conversation="cnv_carla", now=clock(), wish=wish))
    assert offer.exact_free is True
