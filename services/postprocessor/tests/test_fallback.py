"""Evolution is away: who waits is said within a minute, another channel stands in, and nothing is sent twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from contracts.dialogue import ApprovedTemplate
from contracts.postprocessor import ChannelOutageReported, DeliveryFailed, ReplyDelivered
from postprocessor_service.channels.rest import Rest

pytestmark = pytest.mark.stores

CLOUD, TWILIO = "cloud:123", "twilio:+14155238886"
AWAY = "http://127.0.0.1:9/"


def meta(outside: Any) -> dict[str, Any]:
    return {
        "meta_access_token": "token",
        "meta_phone_number_id": "123",
        "meta_base_url": f"{outside.url}/graph",
    }


def twilio(outside: Any) -> dict[str, Any]:
    return {
        "twilio_account_sid": "AC1",
        "twilio_auth_token": "secret",
        "twilio_from": "+14155238886",
        "twilio_base_url": f"{outside.url}/twilio",
        "twilio_content_sids": {"lembrete": "HXlembrete"},
    }


OTHERS = {CLOUD: meta, TWILIO: twilio}


async def has_written(outside: Any, helpers: Any, instance: str) -> None:
    """The parent has written to this number of the unit, too."""
    created = {"instanceName": instance, "integration": "WHATSAPP-BUSINESS", "webhook": {"events": []}}
    (await outside.http.post("/instance/create", json=created)).raise_for_status()
    (await outside.http.post("/sandbox/connection", json={"instance": instance, "state": "open"})).raise_for_status()
    written = {"phone": helpers.ANA, "text": "Oi", "instance": instance}
    (await outside.http.post("/sandbox/messages", json=written)).raise_for_status()


async def breaks_down(desk: Any) -> None:
    """Evolution does not answer any more, and its breaker has noticed."""
    for number in range(5):
        await desk.say("x", to=f"555199000000{number}")


@pytest.mark.parametrize("instance", [CLOUD, TWILIO])
async def test_another_channel_stands_in_after_a_while(
    open_desk: Any, outside: Any, helpers: Any, instance: str
) -> None:
    await has_written(outside, helpers, instance)
    async with open_desk(
        evolution_url=AWAY, breaker_s=600, fallback_after_s=2, channel_timeout_s=10, **OTHERS[instance](outside)
    ) as desk:
        await breaks_down(desk)
        await desk.say("Olá!")
        assert await outside.phone() == []
        assert await desk.states() == ["queued"] * 6
        await desk.wait_for_phone()
        assert await outside.phone() == ["Olá!"]
        (said,) = desk.probe.of(ReplyDelivered)
        assert said.bubbles[0].key.instance == instance
        assert (said.channel, said.attempts) == ({CLOUD: "cloud_api", TWILIO: "twilio"}[instance], 1)


@pytest.mark.parametrize("instance", [CLOUD, TWILIO])
async def test_a_family_that_never_wrote_to_the_other_number_gets_the_template(
    open_desk: Any, outside: Any, instance: str
) -> None:
    body = {"name": "lembrete", "body": "Lembrete: sua visita é {{1}}. Até lá!"}
    (await outside.http.post("/sandbox/templates", json=body)).raise_for_status()
    async with open_desk(
        evolution_url=AWAY, breaker_s=600, fallback_after_s=2, channel_timeout_s=10, **OTHERS[instance](outside)
    ) as desk:
        await breaks_down(desk)
        template = ApprovedTemplate(name="lembrete", parameters=("terça",))
        await desk.say("Sua visita é *terça*.", approved_template=template, last_inbound_at=desk.clock())
        await desk.wait_for_phone()
        assert await outside.phone() == ["Lembrete: sua visita é terça. Até lá!"]


async def test_everybody_who_waits_is_taken_to_another_channel_at_the_same_time(
    open_desk: Any, outside: Any, helpers: Any
) -> None:
    await has_written(outside, helpers, CLOUD)
    async with open_desk(
        evolution_url=AWAY, breaker_s=600, fallback_after_s=2, channel_timeout_s=10, **meta(outside)
    ) as desk:
        await breaks_down(desk)
        for number in range(30):
            await desk.say("Olá!", to=f"555188000{number:04}")
        await desk.say("Olá!")
        await desk.wait(6)  # the channel is tried again every five seconds, by one of them
        assert await outside.phone() == ["Olá!"]
        assert set(await desk.rows("may_move")) == {(False,), (True,)}, "the others never wrote to that number"
        assert len([row for row in await desk.rows("may_move") if row == (True,)]) == 1


async def test_what_another_channel_refuses_waits_for_its_own(open_desk: Any, outside: Any) -> None:
    async with open_desk(
        evolution_url=AWAY, breaker_s=600, fallback_after_s=2, channel_timeout_s=10, **meta(outside)
    ) as desk:
        await breaks_down(desk)
        await desk.say("Olá!")
        async with asyncio.timeout(60):
            while (await desk.rows("may_move"))[-1] == (True,):  # a slow machine takes it there later
                await desk.wait(5)
        assert desk.probe.of(DeliveryFailed) == []
        assert (await desk.rows("state, b.instance, may_move, text"))[-1] == ("queued", "kumon", False, "Olá!")
    async with open_desk(**meta(outside)) as desk:
        await desk.wait(20)
        assert await outside.phone() == ["Olá!"]
        assert {one.channel for one in desk.probe.of(ReplyDelivered)} == {"evolution"}


async def test_evolution_is_used_again_as_soon_as_it_is_back(open_desk: Any, outside: Any, helpers: Any) -> None:
    await has_written(outside, helpers, CLOUD)
    async with open_desk(breaker_s=0.01, **meta(outside)) as desk:
        live = desk.courier._channels.of("kumon")
        live._rest, alive = Rest(AWAY, {}), live._rest
        await breaks_down(desk)
        await live._rest.close()
        live._rest = alive
        await desk.say("Olá!")
        await desk.wait(10)
        assert {one.channel for one in desk.probe.of(ReplyDelivered)} == {"evolution"}


async def test_a_number_of_another_channel_is_answered_there(open_desk: Any, outside: Any, helpers: Any) -> None:
    await has_written(outside, helpers, TWILIO)
    async with open_desk(**twilio(outside)) as desk:
        await desk.say("Olá!", instance=TWILIO)
        assert await outside.phone() == ["Olá!"]
        assert [one.channel for one in desk.probe.of(ReplyDelivered)] == ["twilio"]


async def test_a_message_that_twilio_may_have_is_looked_for_in_its_list(
    open_desk: Any, outside: Any, helpers: Any
) -> None:
    await has_written(outside, helpers, TWILIO)
    async with open_desk(resend_after_s=5, **twilio(outside)) as desk:
        await outside.breaks("timeout_after_send", target="twilio", delay_s=5)
        await desk.say("Olá!", instance=TWILIO)
        await desk.wait(10)
        assert await outside.phone() == ["Olá!"]
        assert await desk.states() == ["sent"]


async def test_a_message_that_meta_may_have_is_never_sent_again_but_known_by_its_receipt(
    open_desk: Any, outside: Any, helpers: Any
) -> None:
    await has_written(outside, helpers, CLOUD)
    async with open_desk(resend_after_s=5, **meta(outside)) as desk:
        await outside.breaks("timeout_after_send", target="cloudApi", delay_s=5)
        event = await desk.say("Olá!", instance=CLOUD)
        await desk.wait(60)
        assert await desk.states() == ["unknown"]
        assert await outside.phone() == ["Olá!"]
        wamid = (await outside.messages())[-1]["id"]
        for reference in ("not ours", f"{event.id}:0", f"{event.data.reply_id}:1", f"{event.data.reply_id}:0"):
            assert desk.probe.of(ReplyDelivered) == []
            await desk.receipt(wamid, "delivered", instance=CLOUD, reference=reference)
        assert await desk.states() == ["delivered"]
        assert [one.bubbles[0].key.id for one in desk.probe.of(ReplyDelivered)] == [wamid]


async def test_one_person_who_waits_is_enough_for_another_channel(open_desk: Any, outside: Any, helpers: Any) -> None:
    await has_written(outside, helpers, CLOUD)
    async with open_desk(
        evolution_url=AWAY, breaker_s=600, fallback_after_s=5, channel_timeout_s=10, **meta(outside)
    ) as desk:
        await desk.say("Olá!")  # too few failures for the breaker to open
        await desk.wait_for_phone()
        assert await outside.phone() == ["Olá!"]
        desk.clock.on(seconds=20)
        await desk.outages.tell()
        assert [one.channel for one in desk.probe.of(ChannelOutageReported)] == ["evolution"]


async def test_who_waits_is_said_within_a_minute_and_that_it_is_over(open_desk: Any, helpers: Any) -> None:
    async with open_desk(evolution_url=AWAY, breaker_s=600) as desk:
        await desk.outages.tell()
        assert desk.probe.of(ChannelOutageReported) == []
        await breaks_down(desk)
        event = await desk.say("um", "dois", to=helpers.BIA)
        await desk.outages.tell()
        assert desk.probe.of(ChannelOutageReported) == [], "it may be a hiccup"
        desk.clock.on(seconds=20)
        for _ in range(3):
            await desk.outages.tell()
        (said,) = desk.probe.of(ChannelOutageReported)
        assert (said.channel, said.ended_at, len(said.waiting)) == ("evolution", None, 6)
        last = said.waiting[-1]
        assert (last.conversation, last.contact.phone, last.bubbles) == (event.subject, f"+{helpers.BIA}", 2)
        desk.clock.on(seconds=61)
        await desk.outages.tell()
        assert len(desk.probe.of(ChannelOutageReported)) == 2
    async with open_desk() as desk:
        await desk.outages.tell()
        assert len(desk.probe.of(ChannelOutageReported)) == 0, "another copy, and the minute is not over"
        desk.clock.on(seconds=30)
        await desk.run()
        await desk.outages.tell()
        (over,) = (one for one in desk.probe.of(ChannelOutageReported) if one.ended_at)
        assert over.ended_at - over.began_at >= timedelta(seconds=30)
        said_so_far = len(desk.probe.of(ChannelOutageReported))
        await desk.outages.tell()
        assert len(desk.probe.of(ChannelOutageReported)) == said_so_far
