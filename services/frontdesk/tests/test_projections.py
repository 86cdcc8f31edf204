"""What the read model says after which facts."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from chassis.errors import DeadlineExceeded, Unavailable
from contracts import Event, Fact
from contracts.dialogue import OptedOut
from contracts.frontdesk import StaffReleased, StaffTookOver
from contracts.ingress import ChannelStateChanged, MessageEchoed
from contracts.postprocessor import DeliveryFailed, Recognise, Recognised
from contracts.preprocessor import ContactsMerged, MessageRejected
from frontdesk_service.rebuilding import Rebuilding

pytestmark = pytest.mark.stores


async def contact(frontdesk: Any, phone: str = "+5551987650001") -> dict[str, Any]:
    async with frontdesk.client() as client:
        return dict((await client.get(f"/api/v1/contacts/{phone}")).raise_for_status().json())


async def statuses(frontdesk: Any) -> list[str]:
    return [each["status"] for each in (await contact(frontdesk))["messages"] if each["direction"] == "out"]


async def test_one_message_makes_a_contact(frontdesk: Any, ana: Any) -> None:
    said = ana.says("oi")
    await frontdesk.deliver(said)
    shown = await contact(frontdesk)
    assert (shown["stage"], shown["owner"], shown["handoff"]) == ("greeting", "assistant", None)
    assert shown["lead"]["phone"] == "+5551987650001"
    (message,) = shown["messages"]
    assert message["id"] == str(said.id)
    assert (message["author"], message["status"], message["text"]) == ("parent", "received", "oi")


async def test_a_reply_goes_from_queued_to_read(frontdesk: Any, ana: Any) -> None:
    draft, key = ana.drafted("Oi!"), ana.key(from_me=True)
    steps = [
        (draft, "queued"),
        (ana.delivered(draft.data.reply_id, [key]), "sent"),
        (ana.receipt(key, "delivered"), "delivered"),
        (ana.receipt(key, "read"), "read"),
    ]
    await frontdesk.deliver(ana.says("oi"))
    for event, expected in steps:
        await frontdesk.deliver(event)
        assert await statuses(frontdesk) == [expected]


async def test_a_receipt_counts_that_came_before_we_knew_the_message(frontdesk: Any, ana: Any) -> None:
    draft, key = ana.drafted("Oi!"), ana.key(from_me=True)
    await frontdesk.deliver(ana.says("oi"), draft, ana.receipt(key, "read"))
    assert await statuses(frontdesk) == ["queued"]
    await frontdesk.deliver(ana.delivered(draft.data.reply_id, [key]))
    assert await statuses(frontdesk) == ["read"]


@pytest.mark.parametrize("late", ["sent", "delivered", "error", "pending"])
async def test_a_status_never_goes_back(frontdesk: Any, ana: Any, late: Any) -> None:
    draft, key = ana.drafted("Oi!"), ana.key(from_me=True)
    await frontdesk.deliver(ana.says("oi"), draft, ana.delivered(draft.data.reply_id, [key]), ana.receipt(key, "read"))
    await frontdesk.deliver(ana.receipt(key, late))
    assert await statuses(frontdesk) == ["read"]


async def test_only_what_was_not_sent_of_a_reply_failed(frontdesk: Any, ana: Any) -> None:
    draft = ana.drafted("Uma", "Duas")
    delivered = ana.delivered(draft.data.reply_id, [ana.key(from_me=True)])
    failed = DeliveryFailed(
        reply_id=draft.data.reply_id,
        contact=ana.contact,
        reason="exhausted",
        sent=delivered.data.bubbles,
        attempts=5,
    )
    await frontdesk.deliver(ana.says("oi"), draft, ana.fact(failed))
    assert await statuses(frontdesk) == ["sent", "failed"]


async def test_a_question_stays_before_its_answer_though_the_channel_counts_whole_seconds(
    frontdesk: Any, ana: Any
) -> None:
    said = ana.says("oi")
    ana.clock.on(seconds=-2.9)
    await frontdesk.deliver(ana.drafted("Oi!"), said)
    assert [each["text"] for each in (await contact(frontdesk))["messages"]] == ["oi", "Oi!"]


async def test_a_person_known_by_a_lid_first_is_one_person_later(frontdesk: Any, family: Callable[..., Any]) -> None:
    lid = "200000000000001@lid"
    before, now_known = family(phone=None, lid=lid), family(lid=lid)
    await frontdesk.deliver(before.says("oi"), now_known.says("sou eu"))
    assert [each["text"] for each in (await contact(frontdesk))["messages"]] == ["oi", "sou eu"]


async def test_two_conversations_that_are_one_persons_are_shown_as_one(
    frontdesk: Any, family: Callable[..., Any]
) -> None:
    lid = "200000000000001@lid"
    by_lid, by_phone = family(phone=None, lid=lid), family()
    await frontdesk.deliver(by_lid.says("oi"), by_phone.says("sou eu"))
    assert [each["text"] for each in (await contact(frontdesk))["messages"]] == ["sou eu"]
    merged = ContactsMerged(merged=by_lid.subject, contact=family(lid=lid).contact)
    await frontdesk.deliver(by_phone.fact(merged))
    assert [each["text"] for each in (await contact(frontdesk))["messages"]] == ["oi", "sou eu"]


async def test_typing_on_the_units_phone_makes_it_the_units(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.handed_over())
    await frontdesk.deliver(typed(ana))
    shown = await contact(frontdesk)
    assert (shown["owner"], shown["stage"], shown["handoff"]["status"]) == ("unit", "handed_over", "taken")
    assert [each["author"] for each in shown["messages"]] == ["parent", "unit"]


def typed(ana: Any, text: str = "Oi, Ana", **told: Any) -> Event[Fact]:
    """What somebody wrote from the unit's number."""
    told = {"key": ana.key(from_me=True), "sent_at": ana.clock.at, **told}
    return cast("Event[Fact]", ana.fact(MessageEchoed(address=ana.contact.address, origin="phone", text=text, **told)))


async def test_a_doubtful_message_that_is_ours_is_neither_shown_again_nor_a_take_over(frontdesk: Any, ana: Any) -> None:
    await frontdesk.deliver(ana.says("oi"), *ana.replied("Oi!"), ana.handed_over())
    before = await contact(frontdesk)
    frontdesk.probe.answer(Recognise, Recognised(ours=True))
    doubtful = typed(ana, "Oi!", unsure=True)
    await frontdesk.deliver(doubtful)
    (asked,) = frontdesk.probe.asked
    assert (asked.key, asked.text, asked.sent_at) == (doubtful.data.key, "Oi!", doubtful.data.sent_at)
    assert await contact(frontdesk) == before
    assert before["handoff"]["status"] == "open"


async def test_a_doubtful_message_that_is_not_ours_is_the_units(frontdesk: Any, ana: Any) -> None:
    frontdesk.probe.answer(Recognise, Recognised(ours=False))
    await frontdesk.deliver(ana.says("oi"), ana.handed_over(), typed(ana, unsure=True))
    shown = await contact(frontdesk)
    assert (shown["owner"], shown["handoff"]["status"], shown["messages"][-1]["author"]) == ("unit", "taken", "unit")


@pytest.mark.parametrize("ours", [True, False])
async def test_a_doubtful_message_is_shown_when_somebody_can_say_whose_it_is_and_for_good(
    frontdesk: Any, ana: Any, ours: bool
) -> None:
    doubtful = typed(ana, unsure=True)
    await frontdesk.deliver(ana.says("oi"))
    before = await contact(frontdesk)
    for error in (Unavailable("postprocessor is away"), DeadlineExceeded("it is slow")):
        frontdesk.probe.answer(Recognise, error)
        with pytest.raises(Unavailable):  # which is waited for longer than any other error
            await frontdesk.deliver(doubtful)
    assert await contact(frontdesk) == before
    frontdesk.probe.answer(Recognise, Recognised(ours=ours))
    await frontdesk.deliver(doubtful, doubtful)
    settled = await contact(frontdesk)
    assert (settled == before) is ours
    await frontdesk.store.pool.execute("delete from people; delete from messages; delete from staff_acts")
    await Rebuilding(frontdesk.store, frontdesk.changes).run()
    assert await contact(frontdesk) == settled


async def test_what_was_typed_before_the_unit_gave_back_takes_nothing_over_when_it_is_found_later(
    frontdesk: Any, ana: Any
) -> None:
    late = typed(ana)
    await frontdesk.deliver(ana.says("oi"), ana.handed_over(), ana.fact(StaffReleased(by="maria")))
    found = late.model_copy(update={"time": ana.clock.on(minutes=5)})
    await frontdesk.deliver(found)
    shown = await contact(frontdesk)
    assert (shown["owner"], shown["handoff"]["status"]) == ("assistant", "released")
    assert "Oi, Ana" in [each["text"] for each in shown["messages"]]


async def test_what_our_own_api_sent_is_not_shown_twice(frontdesk: Any, ana: Any) -> None:
    (draft, *rest) = ana.replied("Oi!")
    key = rest[0].data.bubbles[0].key
    echo = MessageEchoed(key=key, address=ana.contact.address, origin="api", text="Oi!", sent_at=ana.clock.at)
    await frontdesk.deliver(ana.says("oi"), draft, *rest, ana.fact(echo))
    assert len((await contact(frontdesk))["messages"]) == 2


async def test_the_assistant_has_it_again_when_it_is_given_back(frontdesk: Any, ana: Any) -> None:
    took, gave = ana.fact(StaffTookOver(by="maria")), ana.fact(StaffReleased(by="maria"))
    await frontdesk.deliver(ana.says("oi"), ana.handed_over(), took, gave)
    assert (await contact(frontdesk))["owner"] == "unit", "the handoff came after both"
    await frontdesk.deliver(ana.fact(StaffReleased(by="maria")))
    shown = await contact(frontdesk)
    assert (shown["owner"], shown["handoff"]["status"]) == ("assistant", "released")


async def test_twelve_hours_after_the_unit_last_spoke_the_assistants_answer_shows_whose_it_is(
    frontdesk: Any, ana: Any
) -> None:
    await frontdesk.deliver(ana.says("oi"), ana.fact(StaffTookOver(by="maria")))
    said = ana.says("e então?")
    await frontdesk.deliver(said, *ana.turn(said))
    assert (await contact(frontdesk))["owner"] == "unit", "an answer that only crossed the take-over"
    ana.clock.on(hours=13)
    said = ana.says("oi?")
    await frontdesk.deliver(said, *ana.turn(said))
    assert (await contact(frontdesk))["owner"] == "assistant"


async def test_who_opted_out_stays_so_until_they_may_be_answered_again(frontdesk: Any, ana: Any) -> None:
    refused = MessageRejected(key=ana.key(), contact=ana.contact, text="oi", reason="opted_out", sent_at=ana.clock.at)
    await frontdesk.deliver(ana.says("sair"), ana.fact(OptedOut(contact=ana.contact)), ana.fact(refused))
    assert (await contact(frontdesk))["opted_out"] is True
    await frontdesk.deliver(ana.says("quero voltar"))
    assert (await contact(frontdesk))["opted_out"] is False


async def test_a_message_without_an_end_counts_as_unanswered_after_a_minute(frontdesk: Any, ana: Any) -> None:
    async def summary() -> Any:
        async with frontdesk.client(signed_in=False) as client:
            return (await client.get("/internal/summary")).raise_for_status().json()

    said = ana.says("oi")
    await frontdesk.deliver(said, ana.fact(ChannelStateChanged(instance="kumon", state="closed")))
    assert await summary() == {"channel": "closed", "unanswered": 0}
    ana.clock.on(minutes=1)
    assert await summary() == {"channel": "closed", "unanswered": 1}
    await frontdesk.deliver(*ana.turn(said))
    assert (await summary())["unanswered"] == 0
