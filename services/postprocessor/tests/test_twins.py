"""A channel that hung does late what it was asked to do: our own late message is ours, and silences nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations, product
from typing import Any

import pytest
from contracts.postprocessor import Recognise, ReplyDelivered
from postprocessor_service.results import MAY_BE_LATE
from postprocessor_service.steps import Bubble
from postprocessor_service.store import Deliveries

pytestmark = pytest.mark.stores

TEXT = "Aceitamos alunos a partir de *2 anos*. 😊"


async def in_doubt(desk: Any, **about: Any) -> str:
    """Nobody knows what became of the first attempt; the conversation."""
    await desk.outside.breaks("http_500")
    event = await desk.say(TEXT, **about)
    assert await desk.rows("state, attempts") == [("unknown", 1)]
    return str(event.subject)


async def arrives_late(desk: Any, to: str) -> str:
    """The channel does what it was asked to do; the message's id."""
    answer = await desk.outside.http.post("/message/sendText/kumon", json={"number": to, "text": TEXT})
    return str(answer.raise_for_status().json()["key"]["id"])


async def is_ours(desk: Any, channel_id: str, **about: Any) -> bool:
    echo = desk.echo(TEXT, channel_id, **about).data
    asked = Recognise(key=echo.key, address=echo.address, text=TEXT, sent_at=echo.sent_at)
    return bool((await desk.probe.ask(asked)).ours)


async def reported(desk: Any, channel_id: str, **about: Any) -> None:
    """The channel reports a message as sent through its API."""
    await desk.probe.deliver(desk.echo(TEXT, channel_id, **about))


async def doubtful(desk: Any, channel_id: str, **about: Any) -> None:
    """The channel reports a message as any of the unit's, and ingress could not learn whose it is."""
    await desk.probe.deliver(desk.echo(TEXT, channel_id, origin="phone", unsure=True, **about))


async def asked(desk: Any, channel_id: str, **about: Any) -> None:
    """Ingress, or dialogue, asks whose a message is."""
    assert await is_ours(desk, channel_id, **about)


WAYS = (reported, doubtful, asked)
by_any_way = pytest.mark.parametrize("comes", WAYS)


async def is_silent(desk: Any, **about: Any) -> bool:
    """Whether the assistant says nothing more to somebody."""
    event = desk.draft("mais uma", **about)
    await desk.probe.deliver(event)
    await desk.courier.work(event.subject)
    query = "select state, reason from bubble where reply_id = $1"
    end = tuple(await desk.probe.store.pool.fetchrow(query, event.data.reply_id))
    assert end in {("sent", None), ("failed", "taken_over")}
    return end[0] == "failed"


@by_any_way
async def test_what_was_proven_absent_and_comes_before_it_is_sent_again_is_not_sent_again(
    open_desk: Any, helpers: Any, comes: Callable[..., Any]
) -> None:
    async with open_desk(resend_after_s=0) as desk:
        await desk.outside.breaks("http_500")
        await desk.outside.breaks("connection_closed")
        await desk.say(TEXT)
        assert await desk.rows("state, attempts, looks") == [("queued", 2, 0)]
        message = await arrives_late(desk, helpers.ANA)
        await comes(desk, message)
        assert await desk.rows("state, channel_id") == [("sent", message)]
        await desk.wait(5)
        assert await desk.outside.phone() == [TEXT]
        assert not await is_silent(desk)


@by_any_way
async def test_what_comes_after_it_was_sent_again_is_a_second_message_of_ours(
    open_desk: Any, comes: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with open_desk(resend_after_s=0) as desk:
        await desk.outside.breaks("http_500")
        await desk.say(TEXT)
        assert await desk.rows("state, attempts") == [("sent", 2)]
        for _ in range(2):
            await comes(desk, "3EB0LATE")
        assert [record.message for record in caplog.records].count("arrived_twice") == 1
        assert not await is_silent(desk)
        await desk.run()
        assert len(desk.probe.of(ReplyDelivered)) == 2


@by_any_way
async def test_what_comes_after_it_was_given_up_is_ours(open_desk: Any, comes: Callable[..., Any]) -> None:
    async with open_desk(resend_after_s=20) as desk:
        await in_doubt(desk, expires_s=10)
        await desk.wait(25)
        assert await desk.states() == ["failed"]
        await comes(desk, "3EB0LATE")
        assert not await is_silent(desk)


@by_any_way
async def test_every_copy_says_the_same_also_after_a_restart(open_desk: Any, comes: Callable[..., Any]) -> None:
    async with open_desk(resend_after_s=0) as desk:
        await desk.outside.breaks("http_500")
        await desk.say(TEXT)
        await comes(desk, "3EB0LATE")
    async with open_desk() as another:
        another.clock.on(MAY_BE_LATE.total_seconds() * 2)
        assert await is_ours(another, "3EB0LATE")
        await doubtful(another, "3EB0LATE")
        assert not await is_silent(another)


@by_any_way
async def test_what_comes_before_it_leaves_by_another_channel_is_not_sent_there(
    desk: Any, comes: Callable[..., Any]
) -> None:
    conversation = await in_doubt(desk)
    await desk.execute("update bubble set state = 'queued', home = instance, instance = 'cloud:123'")
    await comes(desk, "3EB0LATE")
    assert await desk.rows("state, b.instance, channel_id") == [("sent", "kumon", "3EB0LATE")]
    await desk.courier.work(conversation)
    assert await desk.outside.phone() == []
    assert not await is_silent(desk)


@by_any_way
@pytest.mark.parametrize("state", ["sending", "unknown", "sent"])
async def test_what_comes_after_it_left_by_another_channel_is_a_second_message_of_ours(
    desk: Any, comes: Callable[..., Any], state: str
) -> None:
    await in_doubt(desk)
    await desk.execute(
        """update bubble set home = instance, instance = 'cloud:123', attempts = 2, state = $1,
            lease_until = case when $1 = 'sending' then clock_timestamp() + interval '30 seconds' end,
            text = case when $1 <> 'sent' then text end, channel_id = case when $1 = 'sent' then 'wamid.1' end,
            sent_at = case when $1 = 'sent' then began_at end""",
        state,
    )
    before = await desk.rows("state, b.instance, channel_id")
    for _ in range(2):
        await comes(desk, "3EB0LATE")
    assert await desk.rows("state, b.instance, channel_id") == before
    assert await is_ours(desk, "3EB0LATE")


async def test_somebody_who_says_the_same_by_chance_takes_over(desk: Any) -> None:
    await desk.say(TEXT)
    assert not await is_ours(desk, "3EB0WEB")
    await doubtful(desk, "3EB0WEB")
    assert await is_silent(desk)


async def test_somebody_who_says_on_a_phone_what_was_sent_twice_takes_over(open_desk: Any) -> None:
    async with open_desk(resend_after_s=0) as desk:
        await desk.outside.breaks("http_500")
        await desk.say(TEXT)
        await desk.probe.deliver(desk.echo(TEXT, "3A" + "7" * 18, origin="phone"))
        assert await is_silent(desk)


async def test_there_are_no_more_messages_of_ours_than_attempts(open_desk: Any) -> None:
    async with open_desk(resend_after_s=0) as desk:
        await desk.outside.breaks("http_500", times=2)
        await desk.say(TEXT)
        assert await desk.rows("state, attempts") == [("sent", 3)]
        assert [await is_ours(desk, each) for each in ("3EB0A", "3EB0B", "3EB0WEB")] == [True, True, False]
        await doubtful(desk, "3EB0WEB")
        assert await is_silent(desk)


async def test_what_says_the_same_long_after_is_the_units_word(open_desk: Any) -> None:
    async with open_desk(resend_after_s=0) as desk:
        await desk.outside.breaks("http_500")
        await desk.say(TEXT)
        desk.clock.on((MAY_BE_LATE + timedelta(seconds=2)).total_seconds())
        assert not await is_ours(desk, "3EB0WEB")
        await doubtful(desk, "3EB0WEB")
        assert await is_silent(desk)


@pytest.mark.parametrize(
    "about", [{"to": "5551991234503"}, {"key": {"instance": "another", "id": "3EB0", "from_me": True}}]
)
async def test_what_is_said_to_somebody_else_is_no_message_of_a_bubble(open_desk: Any, about: dict[str, Any]) -> None:
    async with open_desk(resend_after_s=0) as desk:
        await desk.outside.breaks("http_500")
        await desk.say(TEXT)
        assert not await is_ours(desk, **{"channel_id": "3EB0LATE", **about})


async def test_a_second_attempt_that_the_breaker_holds_uses_up_the_proof(open_desk: Any, helpers: Any) -> None:
    async with open_desk(resend_after_s=5, breaker_s=60) as desk:
        conversation = await in_doubt(desk)
        await desk.execute("update bubble set state = 'queued', looks = 1, due_at = $1", desk.clock())
        for _ in range(4):
            with pytest.raises(RuntimeError):
                async with desk.breakers.guard("evolution"):
                    raise RuntimeError
        await desk.courier.work(conversation)
        assert await desk.rows("state, attempts, looks") == [("queued", 1, 0)]
    await arrives_late(desk, helpers.ANA)
    async with open_desk(resend_after_s=5) as another:
        await another.wait_until_sent()
        assert await another.outside.phone() == [TEXT]


async def test_a_second_attempt_that_was_not_taken_uses_up_the_proof(open_desk: Any, helpers: Any) -> None:
    async with open_desk(resend_after_s=0) as desk:
        await desk.outside.breaks("http_500")
        await desk.outside.breaks("connection_closed")
        await desk.say(TEXT)
        assert await desk.states() == ["queued"]
        await arrives_late(desk, helpers.ANA)
        await desk.wait_until_sent()
        assert await desk.outside.phone() == [TEXT]


async def test_it_is_looked_for_from_the_first_attempt_on(open_desk: Any, helpers: Any) -> None:
    async with open_desk(resend_after_s=0) as desk:
        await in_doubt_for_long(desk)
        message = await arrives_late(desk, helpers.ANA)
        desk.clock.on(300)
        await desk.execute("update bubble set state = 'unknown', began_at = $1, due_at = $1", desk.clock())
        await desk.outside.http.delete("/sandbox/faults")
        await desk.wait_until_sent()
        assert await desk.rows("channel_id") == [(message,)]


async def in_doubt_for_long(desk: Any) -> None:
    await desk.outside.breaks("http_500", target="findMessages", times=100)
    await in_doubt(desk)


async def again(desk: Any, to: str) -> Bubble:
    """A bubble whose first attempt is in doubt and whose second one is on its way."""
    await desk.outside.breaks("http_500")
    event = await desk.say(TEXT, to=to)
    deliveries = Deliveries(desk.probe.store)
    proven = "update bubble set state = 'queued', looks = 1 where conversation = $1 and state = 'unknown'"
    await desk.execute(proven, event.subject)
    scene = await deliveries.scene(event.subject)
    (bubble,) = scene.bubbles
    assert await deliveries.claim(bubble, scene.version, desk.clock(), lease_s=30, pace_s=0)
    return replace(bubble, state="sending", attempts=2, began_at=desk.clock())


async def test_whatever_comes_in_whatever_order_both_are_ours_and_the_next_is_the_units(open_desk: Any) -> None:
    """The echo of either message, in every way, and the answer of the second attempt, taken or lost, in any order."""
    async with open_desk(resend_after_s=60) as desk:
        results = desk.courier._results
        plans = list(product(permutations(("first", "second", "answer")), WAYS, WAYS, (True, False)))
        for number, (order, first, second, is_answered) in enumerate(plans):
            to = f"55519{80000000 + number}"
            ids, ways = (
                {each: f"3EB0{each}{number}" for each in ("first", "second")},
                {"first": first, "second": second},
            )
            bubble = await again(desk, to)
            for each in order:
                if each != "answer":
                    await ways[each](desk, ids[each], to=to)
                elif is_answered:
                    await results.sent(bubble, ids["second"])
                else:
                    await results.unknown(bubble)
            plan = f"{order}, {first.__name__}, {second.__name__}, answered: {is_answered}"
            assert [await is_ours(desk, each, to=to) for each in ids.values()] == [True, True], plan
            rows = await desk.probe.store.pool.fetch(
                """select b.state, b.channel_id, t.channel_id from bubble b join twin t using (reply_id, nth)
                where conversation = $1""",
                bubble.conversation,
            )
            assert [(state, {one, other}) for state, one, other in rows] == [("sent", set(ids.values()))], plan
            assert not await is_silent(desk, to=to), plan
            await doubtful(desk, f"3EB0WEB{number}", to=to)
            assert await is_silent(desk, to=to), plan
        await desk.run()
        delivered = [one.reply_id for one in desk.probe.of(ReplyDelivered)]
        assert len(delivered) == len(set(delivered)) == 2 * len(plans)
