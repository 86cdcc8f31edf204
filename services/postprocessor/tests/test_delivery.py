"""What is on the parent's phone in the end, whatever happens on the way."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from chassis.errors import Unavailable
from contracts.ingress import Address, ChannelKey
from contracts.postprocessor import DeliveryFailed, ReplyDelivered
from postprocessor_service.store import Deliveries

pytestmark = pytest.mark.stores


async def test_a_draft_reaches_the_parent_and_is_reported_once(desk: Any) -> None:
    event = await desk.say("Olá!", "Tudo bem?")
    assert await desk.outside.phone() == ["Olá!", "Tudo bem?"]
    (said,) = desk.probe.of(ReplyDelivered)
    ids = [one["id"] for one in await desk.outside.messages()]
    assert (said.reply_id, said.turn_id, said.channel) == (event.data.reply_id, event.data.turn_id, "evolution")
    assert [(one.index, one.key.id, one.key.from_me) for one in said.bubbles] == [(0, ids[0], True), (1, ids[1], True)]
    assert said.attempts == 2
    (published,) = [one for one in desk.probe.published if isinstance(one.data, ReplyDelivered)]
    assert (published.causationid, published.correlationid) == (event.id, event.correlationid)
    assert published.subject == event.subject


async def test_text_is_forgotten_once_it_is_sent(desk: Any) -> None:
    await desk.say("Olá!")
    assert await desk.rows("state, text") == [("sent", None)]


async def test_markdown_becomes_the_formatting_of_whatsapp(desk: Any) -> None:
    await desk.say("Custa **R$ 375,00** por mês")
    assert await desk.outside.phone() == ["Custa *R$ 375,00* por mês"]


async def test_a_duplicate_draft_is_sent_once(desk: Any) -> None:
    event = await desk.say("Olá!")
    await desk.probe.deliver(event)
    again = desk.draft("Olá!", reply_id=event.data.reply_id)  # the same reply in an event of another id
    await desk.probe.deliver(again)
    await desk.run()
    assert await desk.outside.phone() == ["Olá!"]
    assert len(desk.probe.of(ReplyDelivered)) == 1


async def test_a_draft_that_says_nothing_sends_nothing(desk: Any) -> None:
    await desk.say("  ", "")
    assert await desk.outside.messages() == []


async def test_a_lid_is_answered_as_it_came(desk: Any, helpers: Any) -> None:
    parents = (await desk.outside.http.get("/sandbox/parents")).json()["items"]
    lid = next(one["lid"] for one in parents if one["phone"] == helpers.ANA)
    await desk.say("Olá!", contact=helpers.a_contact(jid=lid, lid=lid))
    assert await desk.outside.phone() == ["Olá!"]


async def test_replies_go_out_in_the_order_in_which_they_were_drafted(desk: Any) -> None:
    first, second = desk.draft("um", "dois"), desk.draft("três", "quatro")
    await desk.probe.deliver(second)
    await desk.probe.deliver(first)
    await desk.run()
    assert await desk.outside.phone() == ["um", "dois", "três", "quatro"]


async def test_a_retry_keeps_the_order(desk: Any) -> None:
    await desk.outside.breaks("connection_closed", times=2)
    await desk.say("um", "dois")
    await desk.say("três")
    assert await desk.outside.phone() == []
    await desk.wait(5)
    assert await desk.outside.phone() == ["um", "dois", "três"]


async def test_two_copies_at_once_send_once_and_in_order(desk: Any, open_desk: Any) -> None:
    async with open_desk() as other:
        event = desk.draft("um", "dois", "três")
        await desk.probe.deliver(event)
        await desk.outside.breaks("slow", times=3, delay_s=0.05)
        works = [copy.courier.work(event.subject) for copy in (desk, other) * 4]
        await asyncio.gather(*works)
        await desk.run()
        await desk.wait(10)
        assert await desk.outside.phone() == ["um", "dois", "três"]
        published = [*desk.probe.published, *other.probe.published]  # the relay of one may repeat what the other said
        assert len({one.id for one in published if isinstance(one.data, ReplyDelivered)}) == 1


async def test_a_copy_that_finds_another_sending_comes_back_after_it(desk: Any, open_desk: Any) -> None:
    async with open_desk() as other:
        await desk.outside.breaks("slow", delay_s=0.2)
        event = desk.draft("um")
        await desk.probe.deliver(event)
        sending = asyncio.create_task(desk.courier.work(event.subject))
        await desk.reaches("sending")
        await other.probe.deliver(desk.draft("dois"))
        await other.run()  # must leave alone what the first copy is about to send
        assert await desk.outside.phone() == []
        await sending
        assert await desk.outside.phone() == ["um", "dois"]


async def test_different_people_are_not_kept_waiting_for_one_another(desk: Any, helpers: Any) -> None:
    await desk.outside.breaks("slow", delay_s=0.4, phone=helpers.ANA)
    slow, quick = desk.draft("devagar"), desk.draft("já", to=helpers.BIA)
    await desk.probe.deliver(slow)
    await desk.probe.deliver(quick)
    late = asyncio.create_task(desk.courier.work(slow.subject))
    await desk.courier.work(quick.subject)
    assert await desk.outside.phone(helpers.BIA) == ["já"]
    assert await desk.outside.phone() == []
    await late


@pytest.mark.parametrize(
    "kind",
    ["timeout_after_send", "timeout_before_send", "http_500", "http_503", "connection_closed", "no_key", "slow"],
)
async def test_a_channel_that_fails_leaves_exactly_one_message(desk: Any, kind: str) -> None:
    await desk.outside.breaks(kind, delay_s=0.1 if kind == "slow" else 5)
    await desk.say("Olá!")
    await desk.wait(50)
    assert await desk.outside.phone() == ["Olá!"]
    assert await desk.outside.struck() == 1
    assert len(desk.probe.of(ReplyDelivered)) == 1
    assert desk.probe.of(DeliveryFailed) == []


@pytest.mark.parametrize("kind", ["timeout_after_send", "timeout_before_send", "http_500", "no_key"])
async def test_a_channel_that_fails_twice_leaves_exactly_one_message_in_order(desk: Any, kind: str) -> None:
    await desk.outside.breaks(kind, times=2, delay_s=5)
    await desk.say("um", "dois")
    await desk.wait(110)
    assert await desk.outside.phone() == ["um", "dois"]


async def test_a_message_sent_without_an_answer_is_found_at_once(desk: Any) -> None:
    await desk.outside.breaks("timeout_after_send", delay_s=5)
    await desk.say("Olá!")
    (message,) = await desk.outside.messages()
    (said,) = desk.probe.of(ReplyDelivered)
    assert said.bubbles[0].key.id == message["id"]


async def test_an_absent_message_is_not_sent_again_before_its_time(open_desk: Any) -> None:
    async with open_desk(resend_after_s=20) as desk:
        desk.clock.stop()
        await desk.outside.breaks("http_500")
        await desk.say("Olá!")
        await desk.wait(19)
        assert await desk.outside.phone() == []
        assert await desk.states() == ["unknown"]
        await desk.wait(2)
        assert await desk.outside.phone() == ["Olá!"]


async def test_absence_that_cannot_be_proven_sends_nothing_again(open_desk: Any) -> None:
    async with open_desk(resend_after_s=5) as desk:
        await desk.outside.breaks("timeout_before_send", delay_s=5)
        await desk.outside.breaks("http_500", target="findMessages", times=100)
        await desk.say("Olá!")
        await desk.wait(30)
        assert await desk.states() == ["unknown"]
        assert await desk.outside.phone() == []
        await desk.outside.http.delete("/sandbox/faults")
        async with asyncio.timeout(20):  # a slow machine may fail one more look, and the next one comes later
            while not await desk.outside.phone():
                await desk.wait(30)
        await desk.wait(70)
        assert await desk.outside.phone() == ["Olá!"]


async def test_an_absence_that_was_proven_long_ago_is_proven_again(open_desk: Any, helpers: Any) -> None:
    async with open_desk(resend_after_s=5) as desk:
        await desk.outside.breaks("timeout_before_send", delay_s=5)
        await desk.say("Olá!")
        await desk.execute(
            "update bubble set state = 'queued', looks = 1, due_at = $1", desk.clock() - timedelta(seconds=6)
        )
        late = {"number": helpers.ANA, "text": "Olá!"}  # what was asked for before the channel hung
        (await desk.outside.http.post("/message/sendText/kumon", json=late)).raise_for_status()
        await desk.wait(30)
        assert await desk.states() == ["sent"]
        assert await desk.outside.phone() == ["Olá!"]


async def test_a_process_killed_between_sending_and_the_answer_sends_nothing_twice(desk: Any) -> None:
    await desk.probe.deliver(desk.draft("um", "dois"))
    await _die_while_sending(desk)
    await desk.outside.http.post("/message/sendText/kumon", json={"number": "5551991234501", "text": "um"})
    await desk.wait(1)
    assert await desk.states() == ["sending", "queued"]  # its sender may still live
    await _let_the_lease_end(desk)
    await desk.wait(5)
    assert await desk.outside.phone() == ["um", "dois"]
    assert len(desk.probe.of(ReplyDelivered)) == 1


async def test_a_process_killed_before_the_call_loses_nothing(open_desk: Any) -> None:
    async with open_desk(resend_after_s=3) as desk:
        await desk.probe.deliver(desk.draft("um", "dois"))
        await _die_while_sending(desk)
        await _let_the_lease_end(desk)
        await desk.wait(5)
        assert await desk.outside.phone() == ["um", "dois"]


async def test_a_sender_that_was_thought_dead_changes_nothing(desk: Any) -> None:
    await desk.outside.breaks("slow", delay_s=0.3)
    event = desk.draft("um")
    await desk.probe.deliver(event)
    sending = asyncio.create_task(desk.courier.work(event.subject))
    await desk.reaches("sending")
    await desk.execute("update bubble set state = 'unknown', lease_until = null, attempts = attempts + 1")
    await asyncio.gather(sending, desk.execute("update bubble set due_at = now() + interval '1 hour'"))
    assert await desk.states() == ["unknown"]
    await desk.execute("update bubble set due_at = now()")
    await desk.execute("update timer set due_at = now()")
    await desk.run()
    assert await desk.outside.phone() == ["um"]
    assert len(desk.probe.of(ReplyDelivered)) == 1


async def test_a_number_without_whatsapp_ends_the_reply(desk: Any) -> None:
    await desk.outside.breaks("not_on_whatsapp", times=9)
    event = await desk.say("um", "dois")
    await desk.wait(3)
    (failed,) = desk.probe.of(DeliveryFailed)
    assert (failed.reason, failed.sent, failed.attempts) == ("not_on_whatsapp", (), 1)
    assert failed.reply_id == event.data.reply_id
    assert await desk.outside.struck() == 1
    assert await desk.rows("state, text, reason") == [("failed", None, "not_on_whatsapp")] * 2


async def test_a_failure_in_the_middle_says_what_was_sent(desk: Any) -> None:
    event = desk.draft("um", "dois", "três")
    await desk.say("antes")
    await desk.probe.deliver(event)
    await desk.execute("update bubble set text = '' where nth = 1 and state = 'queued'")  # Evolution refuses it
    await desk.run()
    (failed,) = desk.probe.of(DeliveryFailed)
    assert (failed.reason, [one.index for one in failed.sent]) == ("rejected", [0])
    assert await desk.outside.phone() == ["antes", "um"]


async def test_an_instance_that_is_missing_is_tried_again_and_then_said_to_be(desk: Any) -> None:
    await desk.say("Olá!", instance="another")
    await desk.wait(120)
    assert desk.probe.of(DeliveryFailed) == []
    await desk.wait(300)
    assert [one.reason for one in desk.probe.of(DeliveryFailed)] == ["instance_missing"]


async def test_an_instance_that_comes_back_is_used(desk: Any) -> None:
    await desk.say("Olá!", instance="another")
    created = {"instanceName": "another", "integration": "WHATSAPP-BAILEYS", "webhook": {"events": []}}
    (await desk.outside.http.post("/instance/create", json=created)).raise_for_status()
    await desk.outside.http.post("/sandbox/connection", json={"instance": "another", "state": "open"})
    await desk.wait(10)
    assert await desk.outside.phone() == ["Olá!"]


async def test_a_wrong_key_is_tried_again(open_desk: Any) -> None:
    async with open_desk(evolution_api_key="wrong") as desk:
        await desk.say("Olá!")
        assert await desk.rows("state, attempts") == [("queued", 1)]


async def test_a_channel_that_is_away_loses_nothing(open_desk: Any) -> None:
    async with open_desk(evolution_url="http://127.0.0.1:9/", breaker_s=60) as desk:
        for number in range(7):
            await desk.say(f"{number}", to=f"555199000000{number}")
        await desk.wait(3)
        assert set(await desk.states()) == {"queued"}
        assert await desk.breakers.states() == [{"dependency": "evolution", "state": "open"}]
    async with open_desk() as desk:
        await desk.wait(40)
        assert set(await desk.states()) == {"sent"}
        for number in range(7):
            assert await desk.outside.phone(f"555199000000{number}") == [f"{number}"]


async def test_sends_that_fail_open_the_breaker_although_looking_for_them_works(open_desk: Any) -> None:
    async with open_desk(breaker_s=60) as desk:
        await desk.outside.breaks("http_503", times=100)
        for number in range(5):
            await desk.say("x", to=f"555199000000{number}")
            await desk.wait(1)  # long enough for a look
        assert await desk.breakers.states() == [
            {"dependency": "evolution", "state": "open"},
            {"dependency": "evolution.messages", "state": "closed"},
        ]


async def test_an_open_breaker_costs_no_attempt(open_desk: Any) -> None:
    async with open_desk(evolution_url="http://127.0.0.1:9/", breaker_s=60) as desk:
        for number in range(5):
            await desk.say("x", to=f"555199000000{number}")
        await desk.say("y", to="5551990000009")
        assert (await desk.rows("state, attempts, text"))[-1] == ("queued", 0, "y")


async def test_a_schedule_that_ends_is_said_to_have(desk: Any) -> None:
    await desk.outside.breaks("connection_closed", times=2)
    event = desk.draft("Olá!")
    await desk.probe.deliver(event)
    await desk.execute("update bubble set attempts = 11")
    await desk.courier.work(event.subject)
    assert desk.probe.of(DeliveryFailed) == []
    await desk.wait(301)
    (failed,) = desk.probe.of(DeliveryFailed)
    assert (failed.reason, failed.attempts) == ("exhausted", 13)
    assert await desk.outside.phone() == []


async def test_a_notice_may_wait_longer_than_an_answer(desk: Any) -> None:
    for purpose in ("answer", "notice"):
        await desk.probe.deliver(desk.draft(purpose, purpose=purpose, expires_s=3600))
    desk.clock.on(seconds=1900)
    await desk.run()
    assert await desk.outside.phone() == ["notice"]
    assert [one.reason for one in desk.probe.of(DeliveryFailed)] == ["expired"]


async def test_a_draft_that_has_expired_is_not_sent(desk: Any) -> None:
    await desk.probe.deliver(desk.draft("Olá!", expires_s=60))
    desk.clock.on(seconds=61)
    await desk.run()
    assert [one.reason for one in desk.probe.of(DeliveryFailed)] == ["expired"]
    assert await desk.outside.messages() == []


async def test_a_draft_older_than_the_limit_is_not_sent_whatever_its_policy_says(open_desk: Any) -> None:
    async with open_desk(stale_after_min=5) as desk:
        await desk.probe.deliver(desk.draft("Olá!", expires_s=86_400))
        desk.clock.on(seconds=301)
        await desk.run()
        assert [one.reason for one in desk.probe.of(DeliveryFailed)] == ["expired"]


async def test_what_was_answered_is_marked_as_read(desk: Any, helpers: Any) -> None:
    written = {"phone": helpers.ANA, "text": "Oi"}
    asked = (await desk.outside.http.post("/sandbox/messages", json=written)).json()["id"]
    other = (await desk.outside.http.post("/sandbox/messages", json=written)).json()["id"]
    await desk.say("Olá!", "Tudo bem?", answers=(ChannelKey(instance="kumon", id=asked),))
    status = {one["id"]: one["status"] for one in await desk.outside.messages()}
    assert (status[asked], status[other]) == ("READ", "DELIVERY_ACK")


async def test_a_person_gets_a_burst_and_then_a_pause_between_messages(open_desk: Any) -> None:
    async with open_desk(channel_per_user_s=6) as desk:
        desk.clock.stop()
        await desk.say(*(f"{number}" for number in range(12)))
        assert len(await desk.outside.phone()) == 10
        await desk.wait(4)
        assert len(await desk.outside.phone()) == 10
        await desk.wait(3)
        assert len(await desk.outside.phone()) == 11
        await desk.wait(7)
        assert await desk.outside.phone() == [f"{number}" for number in range(12)]


async def test_the_number_pauses_between_messages_to_anybody(open_desk: Any) -> None:
    async with open_desk(channel_per_number_s=0.15) as desk:
        events = [desk.draft("oi", to=f"555199000000{number}") for number in range(4)]
        for event in events:
            await desk.probe.deliver(event)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(desk.courier.work(event.subject) for event in events))
        assert loop.time() - began >= 0.4


async def test_whoever_dies_while_many_wait_for_the_number_s_turn_leaves_nobody_waiting(open_desk: Any) -> None:
    async with open_desk(channel_per_number_s=0.5) as desk:
        events = [desk.draft("oi", to=f"555199000{number:04}") for number in range(40)]
        for event in events:
            await desk.probe.deliver(event)
        works = [asyncio.create_task(desk.courier.work(event.subject)) for event in events]
        await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        assert await Deliveries(desk.probe.store).take_turn("kumon", 0.5) <= 0.5


async def test_a_bubble_is_typed_before_it_is_sent(open_desk: Any) -> None:
    async with open_desk(burst_window_s=None, channel_timeout_s=5) as desk:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await desk.say("Oi!")
        assert 0.6 <= loop.time() - began <= 2.5
        assert [one["delay"] for one in await desk.outside.messages()] == [0]  # the pause is not part of the sending


async def test_whoever_has_waited_for_the_answer_sees_the_first_bubble_typed_for_a_moment_only(open_desk: Any) -> None:
    seen: list[float] = []

    async def show_typing(_instance: str, _to: Address, seconds: float) -> None:
        seen.append(round(seconds, 1))

    async with open_desk(burst_window_s=None) as desk:
        desk.courier._channels.of("kumon").show_typing = show_typing
        long_ago = desk.clock() - timedelta(seconds=60)
        await desk.say("a" * 250, "b" * 250, last_inbound_at=long_ago)
        await desk.say("c" * 250, last_inbound_at=None)
    assert seen == [0.3, 1.6, 1.6]


async def test_a_typing_that_fails_delays_nothing(open_desk: Any) -> None:
    async with open_desk(burst_window_s=None) as desk:
        await desk.outside.breaks("http_500", target="sendPresence")
        loop = asyncio.get_running_loop()
        began = loop.time()
        await desk.say("Oi!")
        assert loop.time() - began < 0.5
        assert await desk.outside.phone() == ["Oi!"]


async def test_the_courier_begins_without_waiting_for_a_timer(open_desk: Any, helpers: Any) -> None:
    async with open_desk(at_once=True) as desk:
        await desk.probe.deliver(desk.draft("Olá!"))
        await helpers.until(lambda: desk.probe.of(ReplyDelivered))
        await desk.wait(3)  # its timer comes, and finds nothing to do
        assert await desk.outside.phone() == ["Olá!"]


async def test_what_a_process_that_died_has_left_is_swept(desk: Any, helpers: Any) -> None:
    await desk.probe.deliver(desk.draft("Olá!"))  # and whoever took it dies before beginning
    await desk.courier.sweep()
    assert desk.courier._fresh.empty(), "it is too early to think so"
    await desk.courier.sweep(older_than_s=0)
    await helpers.until(lambda: desk.probe.of(ReplyDelivered))
    await desk.courier.sweep(older_than_s=0)
    assert desk.courier._fresh.empty()
    assert await desk.outside.phone() == ["Olá!"]


async def test_a_bubble_whose_settling_fails_is_looked_for_and_not_sent_again(
    desk: Any, helpers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> bool:
        raise Unavailable("the database is away")

    event = desk.draft("Olá!")
    await desk.probe.deliver(event)
    with monkeypatch.context() as patched:
        patched.setattr(desk.courier._results, "sent", fails)
        with pytest.raises(Unavailable):
            await desk.courier.work(event.subject)
    await desk.courier.sweep(older_than_s=0)
    assert desk.courier._fresh.empty(), "whoever sends it may still live"
    await desk.execute("update bubble set lease_until = clock_timestamp()")
    await desk.courier.sweep(older_than_s=0)
    await helpers.until(lambda: desk.probe.of(ReplyDelivered))
    assert await desk.outside.phone() == ["Olá!"]


async def test_work_that_fails_stops_nothing_else(
    open_desk: Any, helpers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_desk(at_once=True) as desk:
        await desk.execute("alter table bubble rename to elsewhere")
        desk.courier.start("cnv_0")
        await helpers.until(lambda: "work_failed" in caplog.messages)
        await desk.execute("alter table elsewhere rename to bubble")
        await desk.probe.deliver(desk.draft("Olá!"))
        await helpers.until(lambda: desk.probe.of(ReplyDelivered))


async def test_the_same_words_twice_are_two_messages(desk: Any) -> None:
    await desk.say("Oi!")
    await desk.outside.breaks("timeout_after_send", delay_s=5)
    await desk.say("Oi!")
    await desk.wait(2)
    assert await desk.outside.phone() == ["Oi!", "Oi!"]
    ids = [one["id"] for one in await desk.outside.messages()]
    assert [one.bubbles[0].key.id for one in desk.probe.of(ReplyDelivered)] == ids


async def test_the_same_words_before_prove_nothing(open_desk: Any) -> None:
    async with open_desk(resend_after_s=5) as desk:
        await desk.say("Oi!")
        desk.clock.on(seconds=1)
        desk.clock.stop()
        await desk.outside.breaks("timeout_before_send", delay_s=5)
        await desk.say("Oi!")
        await desk.wait(3)
        assert await desk.states() == ["sent", "unknown"]
        await desk.wait(4)
        assert await desk.outside.phone() == ["Oi!", "Oi!"]


async def test_another_persons_message_proves_nothing(open_desk: Any, helpers: Any) -> None:
    async with open_desk(resend_after_s=5) as desk:
        await desk.outside.breaks("timeout_before_send", delay_s=5)
        await desk.say("Oi!")
        await desk.outside.http.post("/message/sendText/kumon", json={"number": helpers.BIA, "text": "Oi!"})
        await desk.wait(7)
        assert await desk.outside.phone() == ["Oi!"]


async def test_a_message_under_a_lid_that_nobody_is_known_by_may_be_the_lost_one(open_desk: Any, helpers: Any) -> None:
    async with open_desk(resend_after_s=5) as desk:
        await desk.outside.breaks("timeout_before_send", delay_s=5)
        await desk.say("Oi!")
        parents = (await desk.outside.http.get("/sandbox/parents")).json()["items"]
        lid = next(one["lid"] for one in parents if one["phone"] == helpers.ANA)
        await desk.outside.http.post("/message/sendText/kumon", json={"number": lid, "text": "Oi!"})
        await desk.wait(10)
        assert await desk.outside.phone() == ["Oi!"]
        assert await desk.states() == ["sent"]


async def test_a_message_under_a_lid_of_somebody_else_proves_nothing(open_desk: Any, helpers: Any) -> None:
    async with open_desk(resend_after_s=5) as desk:
        parents = (await desk.outside.http.get("/sandbox/parents")).json()["items"]
        lid = next(one["lid"] for one in parents if one["phone"] == helpers.BIA)
        await desk.say("Olá!", to=helpers.BIA, contact=helpers.a_contact(helpers.BIA, lid=lid))
        await desk.outside.breaks("timeout_before_send", delay_s=5, phone=helpers.ANA)
        await desk.say("Oi!")
        await desk.outside.http.post("/message/sendText/kumon", json={"number": lid, "text": "Oi!"})
        await desk.wait(10)
        assert await desk.outside.phone() == ["Oi!"]


async def test_what_is_old_is_forgotten_and_what_is_unfinished_is_not(desk: Any) -> None:
    await desk.say("Olá!")
    await desk.outside.breaks("connection_closed")
    await desk.say("espera")
    later = desk.clock() + timedelta(days=1)
    await Deliveries(desk.probe.store).forget(later, later)
    assert await desk.rows("state, text") == [("queued", "espera")]


async def _die_while_sending(desk: Any) -> None:
    await desk.execute(
        """update bubble set state = 'sending', attempts = 1, began_at = $1,
            lease_until = clock_timestamp() + interval '30 seconds' where nth = 0""",
        desk.clock(),
    )


async def _let_the_lease_end(desk: Any) -> None:
    await desk.execute("update bubble set lease_until = clock_timestamp() where state = 'sending'")
    await desk.execute("update timer set due_at = $1", desk.clock())
