"""What waits in queues of somebody who was erased: looked for in every service's, taken out, and nothing else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from chassis.errors import Unavailable
from contracts import Event
from contracts.privacy import ErasureRequested
from frontdesk_service.leftovers import CLEAR, LONGEST, QUEUES

pytestmark = pytest.mark.stores

PHONE = "+5551987650001"
DIED = "dialogue.preprocessor.message_sanitized.v1.dead"
HOOK = json.dumps({"data": {"key": {"remoteJid": "5551987650001@s.whatsapp.net"}, "odd": True}}).encode()
OTHER_HOOK = HOOK.replace(b"5551987650001", b"5551987650002")


async def erase(frontdesk: Any) -> None:
    async with frontdesk.client() as client:
        assert (await client.delete(f"/api/v1/contacts/{PHONE}")).status_code == 202


def bodies(*events: Event[Any]) -> list[bytes]:
    return [event.to_wire() for event in events]


def test_every_queue_in_which_a_fact_can_wait_is_looked_into() -> None:
    assert {DIED, "rules.dialogue.reply_proposed.v1.dead", "receptionist.retry.300", "ingress.quarantine"} <= {*QUEUES}


async def test_what_died_of_an_erased_person_is_taken_away_and_what_died_of_others_stays(
    frontdesk: Any, ana: Any, family: Any
) -> None:
    bia = family(phone="+5551987650002", name="Bia")
    theirs, others = ana.says("oi, sou a Ana"), bia.says("oi")
    naming = bia.fact(ErasureRequested(phone=PHONE, asked_by="unit"))
    await frontdesk.deliver(theirs)
    frontdesk.probe.waiting = {
        DIED: [*bodies(theirs, others), b"no fact at all"],
        "calendar.privacy.erasure_requested.v1.dead": bodies(naming),
        "ingress.quarantine": [HOOK, OTHER_HOOK],
    }
    await erase(frontdesk)
    await frontdesk.probe.fire(CLEAR, CLEAR)
    left = {queue: kept for queue, kept in frontdesk.probe.waiting.items() if kept}
    assert left == {DIED: [*bodies(others), b"no fact at all"], "ingress.quarantine": [OTHER_HOOK]}


async def test_what_dies_later_goes_too_and_what_they_began_anew_stays(frontdesk: Any, ana: Any) -> None:
    before = ana.says("oi")
    await frontdesk.deliver(before)
    await erase(frontdesk)
    await frontdesk.probe.fire(CLEAR, CLEAR)
    of_the_chain = before.causes(ana.replied("Oi, Ana!")[0].data, now=ana.clock.on(seconds=9))
    frontdesk.probe.waiting = {DIED: bodies(of_the_chain, anew := ana.says("oi de novo"))}
    assert await frontdesk.probe.fire_due(frontdesk.clock.on(seconds=30)) > 0
    assert frontdesk.probe.waiting[DIED] == bodies(anew)


async def test_the_search_ends_by_itself_and_outlives_a_broker_that_is_away(frontdesk: Any, ana: Any) -> None:
    armed = f"select count(*) from timer where name = '{CLEAR}'"
    await frontdesk.deliver(ana.says("oi"))
    await erase(frontdesk)
    assert await frontdesk.store.pool.fetchval(armed) == 1
    frontdesk.probe.broker_away = True
    with pytest.raises(Unavailable):
        await frontdesk.probe.fire(CLEAR, CLEAR)
    assert await frontdesk.store.pool.fetchval(armed) == 1
    frontdesk.probe.broker_away = False
    await frontdesk.store.pool.execute("delete from timer")
    frontdesk.clock.at += LONGEST + timedelta(seconds=1)
    await frontdesk.probe.fire(CLEAR, CLEAR)
    assert await frontdesk.store.pool.fetchval(armed) == 0
