"""What the channel says of its own accord: echoes of what was sent, and receipts, in any order and any number."""

import asyncio
from itertools import permutations
from typing import Any

import asyncpg
import pytest
from contracts.postprocessor import DeliveryFailed, Recognise, ReplyDelivered, ReplyRead

pytestmark = pytest.mark.stores


async def sent(desk: Any, *texts: str) -> list[str]:
    """Send a reply; the channel's ids of its bubbles."""
    await desk.say(*texts)
    return [one["id"] for one in await desk.outside.messages()]


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
async def test_receipts_move_a_bubble_on_and_never_back(desk: Any, order: tuple[str, ...]) -> None:
    (key,) = await sent(desk, "Olá!")
    for status in (*order, *order):
        await desk.receipt(key, status)
    assert await desk.states() == ["read"]
    assert len(desk.probe.of(ReplyRead)) == 1


async def test_a_played_voice_counts_as_read_once(desk: Any) -> None:
    (key,) = await sent(desk, "Olá!")
    await desk.receipt(key, "played")
    await desk.receipt(key, "read")
    assert len(desk.probe.of(ReplyRead)) == 1


async def test_a_reply_is_read_when_its_last_bubble_is(desk: Any) -> None:
    first, second = await sent(desk, "um", "dois")
    await desk.receipt(first, "read")
    assert desk.probe.of(ReplyRead) == []
    await desk.receipt(second, "read")
    (read,) = desk.probe.of(ReplyRead)
    assert read.reply_id == desk.probe.of(ReplyDelivered)[0].reply_id


@pytest.mark.parametrize("status", ["pending", "sent", "deleted"])
async def test_some_receipts_say_nothing_new(desk: Any, status: str) -> None:
    (key,) = await sent(desk, "Olá!")
    await desk.receipt(key, status)
    assert await desk.states() == ["sent"]


async def test_an_error_before_the_delivery_is_a_failure(desk: Any) -> None:
    first, second = await sent(desk, "um", "dois")
    await desk.receipt(second, "error")
    await desk.receipt(second, "error")
    (failed,) = desk.probe.of(DeliveryFailed)
    assert (failed.reason, [one.key.id for one in failed.sent]) == ("rejected", [first])
    assert await desk.states() == ["sent", "failed"]


async def test_an_error_after_the_delivery_is_none(desk: Any) -> None:
    (key,) = await sent(desk, "Olá!")
    await desk.receipt(key, "delivered")
    await desk.receipt(key, "error")
    assert await desk.states() == ["delivered"]
    assert desk.probe.of(DeliveryFailed) == []


async def test_a_reading_after_an_error_proves_it_wrong(desk: Any) -> None:
    (key,) = await sent(desk, "Olá!")
    await desk.receipt(key, "error")
    await desk.receipt(key, "read")
    assert await desk.states() == ["read"]


async def test_receipts_that_overtake_the_channels_answer_are_applied_after_it(desk: Any) -> None:
    await desk.outside.breaks("timeout_after_send", delay_s=0.3)
    event = desk.draft("Olá!")
    await desk.probe.deliver(event)
    working = asyncio.create_task(desk.courier.work(event.subject))
    messages = await desk.outside.receives()
    for status in ("sent", "delivered", "read", "delivered"):
        await desk.receipt(messages[0]["id"], status)
    assert await desk.states() == ["sending"]
    await working
    assert await desk.states() == ["read"]
    assert (len(desk.probe.of(ReplyDelivered)), len(desk.probe.of(ReplyRead))) == (1, 1)


async def test_a_receipt_and_the_answer_that_it_meets_miss_each_other_never(desk: Any) -> None:
    for number in range(15):
        event = desk.draft(f"{number}")
        await desk.probe.deliver(event)
        working = asyncio.create_task(desk.courier.work(event.subject))
        messages = await desk.outside.receives(number + 1)
        await asyncio.gather(working, desk.receipt(messages[number]["id"], "read"))
    assert await desk.states() == ["read"] * 15


async def test_receipts_of_other_peoples_messages_change_nothing(desk: Any) -> None:
    await desk.receipt("3A0001", "read")
    assert desk.probe.published == []


async def test_an_echo_settles_a_message_of_which_nobody_knows(desk: Any) -> None:
    await desk.outside.breaks("http_500")
    await desk.say("um", "dois")
    assert await desk.states() == ["unknown", "queued"]
    await desk.probe.deliver(desk.echo("um", "3EB0AA"))
    await desk.run()
    assert await desk.rows("state, channel_id = '3EB0AA'") == [("sent", True), ("sent", False)]
    assert await desk.outside.phone() == ["dois"]  # the first is only said to be there in this test
    (said,) = desk.probe.of(ReplyDelivered)
    assert said.bubbles[0].key.id == "3EB0AA"


async def test_an_echo_that_comes_before_the_lost_answer_settles_it(desk: Any) -> None:
    await desk.outside.breaks("timeout_after_send", delay_s=5)
    await desk.outside.breaks("http_500", target="findMessages", times=100)
    event = desk.draft("Olá!")
    await desk.probe.deliver(event)
    working = asyncio.create_task(desk.courier.work(event.subject))
    messages = await desk.outside.receives()
    await desk.probe.deliver(desk.echo("Olá!", messages[0]["id"]))
    assert await desk.states() == ["sending"]
    await working
    assert await desk.states() == ["sent"]


async def test_the_channels_answer_wins_over_an_echo_of_the_same_words(desk: Any) -> None:
    await desk.outside.breaks("slow", delay_s=0.2)
    event = desk.draft("Olá!")
    await desk.probe.deliver(event)
    working = asyncio.create_task(desk.courier.work(event.subject))
    await desk.reaches("sending")
    await desk.probe.deliver(desk.echo("Olá!", "3EB0OTHER"))
    await working
    (message,) = await desk.outside.messages()
    assert await desk.rows("state, channel_id") == [("sent", message["id"])]


async def test_one_echo_settles_one_of_two_alike(open_desk: Any) -> None:
    async with open_desk(resend_after_s=30) as desk:
        await desk.outside.breaks("http_500", times=2)
        await desk.probe.deliver(desk.staff_reply("Oi!"))
        await desk.run()
        await desk.execute("update reply set author = 'assistant'")  # so that the next one goes past it
        await desk.probe.deliver(desk.staff_reply("Oi!"))
        await desk.run()
        assert await desk.states() == ["unknown", "unknown"]
        for _ in range(3):
            await desk.probe.deliver(desk.echo("Oi!", "3EB0AA"))
        assert sorted(await desk.states()) == ["sent", "unknown"]
        await desk.probe.deliver(desk.echo("Oi!", "3EB0BB"))
        assert await desk.states() == ["sent", "sent"]


async def test_an_echo_of_a_message_that_is_known_settles_nothing_else(desk: Any) -> None:
    (key,) = await sent(desk, "Oi!")
    await desk.outside.breaks("http_500")
    await desk.say("Oi!")
    await desk.probe.deliver(desk.echo("Oi!", key))
    assert await desk.states() == ["sent", "unknown"]


@pytest.mark.parametrize(
    "about",
    [
        {"text": "outra coisa"},
        {"to": "5551991234503"},
        {"key": {"instance": "another", "id": "3EB0AA", "from_me": True}},
    ],
)
async def test_an_echo_of_something_else_settles_nothing(desk: Any, about: dict[str, Any]) -> None:
    await desk.outside.breaks("http_500")
    await desk.say("Olá!")
    await desk.probe.deliver(desk.echo(**{"text": "Olá!", "channel_id": "3EB0AA", **about}))
    assert await desk.states() == ["unknown"]


async def test_an_echo_from_long_before_settles_nothing(desk: Any) -> None:
    before = desk.clock()
    desk.clock.on(seconds=300)
    await desk.outside.breaks("http_500")
    await desk.say("Olá!")
    await desk.probe.deliver(desk.echo("Olá!", "3EB0AA", sent_at=before))
    assert await desk.states() == ["unknown"]


async def test_the_missing_ninth_digit_hides_nobody(desk: Any) -> None:
    await desk.outside.breaks("http_500")
    await desk.say("Olá!")
    address = {"jid": "555191234501@s.whatsapp.net"}
    await desk.probe.deliver(desk.echo("Olá!", "3EB0AA", address=address))
    assert await desk.states() == ["sent"]


async def test_a_message_can_belong_to_one_bubble_only(desk: Any) -> None:
    await desk.say("um", "dois")
    with pytest.raises(asyncpg.UniqueViolationError):
        await desk.execute("update bubble set channel_id = 'same'")


@pytest.mark.parametrize(
    "change",
    [
        "state = 'queued'",
        "channel_id = null",
        "state = 'failed'",
        "text = 'Olá!'",
        "state = 'lost'",
        "sent_at = null",
        "lease_until = now()",
    ],
)
async def test_half_states_cannot_be_written(desk: Any, change: str) -> None:
    await desk.say("Olá!")
    with pytest.raises(asyncpg.CheckViolationError):
        await desk.execute(f"update bubble set {change}")


async def test_two_bubbles_of_one_person_cannot_be_on_their_way(desk: Any) -> None:
    await desk.probe.deliver(desk.draft("um", "dois"))
    with pytest.raises(asyncpg.UniqueViolationError):
        await desk.execute("update bubble set state = 'sending', attempts = 1, began_at = now(), lease_until = now()")


async def recognises(desk: Any, text: str, channel_id: str) -> bool:
    echo = desk.echo(text, channel_id).data
    asked = Recognise(key=echo.key, address=echo.address, text=text, sent_at=echo.sent_at)
    return bool((await desk.probe.ask(asked)).ours)


async def test_what_was_sent_is_recognised_as_ours_and_what_somebody_typed_is_not(desk: Any) -> None:
    (key,) = await sent(desk, "Olá!")
    assert await recognises(desk, "Olá!", key)
    assert not await recognises(desk, "Olá!", "3EB0FF")
    assert not await recognises(desk, "", "3EB0FF")


async def test_what_is_being_sent_is_recognised_as_ours_before_its_id_is_known(desk: Any) -> None:
    await desk.outside.breaks("timeout_after_send", delay_s=0.3)
    event = desk.draft("Olá!")
    await desk.probe.deliver(event)
    working = asyncio.create_task(desk.courier.work(event.subject))
    (message,) = await desk.outside.receives()
    assert await recognises(desk, "Olá!", message["id"])
    assert not await recognises(desk, "Outra coisa", "3EB0FF")
    await working
