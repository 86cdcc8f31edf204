"""What the channel has and no webhook told is fetched: in order, once, and by one of several copies."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from chassis.errors import Transient, Unavailable
from contracts.ingress import ChannelStateChanged, MessageEchoed, MessageReceived
from contracts.postprocessor import Recognise, Recognised
from ingress_service.catching_up import OVERLAP
from pydantic import SecretStr

pytestmark = pytest.mark.stores
NOWHERE = SecretStr("redis://127.0.0.1:9/0")
Start = Callable[..., Any]


async def test_what_no_webhook_told_is_told_in_order_and_once(ingress: Any, channel: Any) -> None:
    for text in ("oi", "quanto custa?", "é pro Pedro"):
        await channel.writes(text)
    assert await ingress.looks() == 3
    assert ingress.texts() == ["oi", "quanto custa?", "é pro Pedro"]
    assert await ingress.looks() == 0
    channel.clock.on(minutes=1)
    assert await ingress.looks() == 0


async def test_what_is_fetched_has_the_id_that_its_webhook_would_have(ingress: Any, channel: Any) -> None:
    body = await channel.webhook_of(await channel.writes("oi"))
    await ingress.looks()
    await ingress.reports.keep(json.dumps(body).encode())
    first, again = (event for event in ingress.probe.published if isinstance(event.data, MessageReceived))
    assert first.id == again.id
    assert first.data == again.data


async def test_what_a_webhook_told_is_not_told_again(ingress: Any, copy: Start, channel: Any) -> None:
    body = json.dumps(await channel.webhook_of(await channel.writes("oi"))).encode()
    await ingress.reports.keep(body)
    assert await ingress.looks() == 0
    other = await copy()
    assert await other.looks() == 0


async def test_what_has_a_webhook_on_its_way_is_left_to_it(ingress: Any, channel: Any) -> None:
    await channel.writes("oi")
    channel.clock.on(seconds=-4)
    assert await ingress.looks() == 0
    channel.clock.on(seconds=4)
    assert await ingress.looks() == 1


async def test_more_than_a_page_is_fetched_whole(ingress: Any, channel: Any) -> None:
    wanted = [str(number) for number in range(110)]
    for text in wanted:
        await channel.writes(text)
    assert await ingress.looks() == 110
    assert ingress.texts() == wanted


async def test_what_was_written_while_nobody_was_connected_is_found_when_it_arrives(ingress: Any, channel: Any) -> None:
    for _ in range(20):
        await ingress.looks()
        channel.clock.on(minutes=1)
    await channel.is_now("close")
    await ingress.looks()
    await channel.writes("tem alguém aí?")
    for _ in range(6):
        channel.clock.on(minutes=30)
        await ingress.looks()
    assert ingress.texts() == []
    await channel.is_now("open")
    assert await ingress.looks() == 1
    channel.clock.on(minutes=2)
    await channel.writes("oi", at=(channel.clock() - timedelta(hours=2)).timestamp())
    assert await ingress.looks() == 1, "what trickles in after the connection is found, too"


async def test_a_steady_channel_is_looked_at_no_further_back_than_needed(ingress: Any, channel: Any) -> None:
    await ingress.looks()
    channel.clock.on(minutes=20)
    await ingress.looks()
    mark = await ingress.memory.mark()
    assert mark.since == channel.clock() - OVERLAP


async def test_what_is_older_than_a_day_is_not_answered_any_more(ingress: Any, channel: Any) -> None:
    await channel.writes("oi")
    channel.clock.on(hours=25)
    assert await ingress.looks() == 0


async def test_what_was_taken_back_meanwhile_is_not_for_us(ingress: Any, channel: Any) -> None:
    message_id = await channel.writes("oi")
    (await channel.http.delete(f"/sandbox/messages/{message_id}")).raise_for_status()
    assert await ingress.looks() == 0


async def test_what_the_unit_typed_is_told_as_typed(ingress: Any, channel: Any, asked_about: Any) -> None:
    await channel.writes("Oi, aqui é a Marta", from_unit=True)
    assert await ingress.looks() == 1
    (echo,) = ingress.probe.of(MessageEchoed)
    assert (echo.origin, echo.text) == ("phone", "Oi, aqui é a Marta")
    assert asked_about(ingress.probe) == [], "its id says that a phone made it"


async def test_what_we_sent_is_not_taken_for_the_units_word(ingress: Any, channel: Any, asked_about: Any) -> None:
    ours = await channel.sends("São R$ 375,00")
    ingress.probe.answer(Recognise, Recognised(ours=True))
    assert await ingress.looks() == 0
    assert await ingress.looks() == 0
    assert ingress.probe.of(MessageEchoed) == []
    assert asked_about(ingress.probe) == [ours], "once is enough"


async def test_what_somebody_typed_on_whatsapp_web_is(ingress: Any, channel: Any) -> None:
    await channel.writes("Oi, aqui é a Marta", from_unit=True, id="3EB0C767D71D7B9D1A2B3C")
    assert await ingress.looks() == 1
    assert ingress.probe.of(MessageEchoed)[0].origin == "phone"


async def test_while_nobody_can_say_whose_a_message_is_only_that_one_waits(ingress: Any, channel: Any) -> None:
    await channel.sends("São R$ 375,00")
    await channel.writes("obrigada")
    ingress.probe.answer(Recognise, Unavailable("postprocessor is away"))
    with pytest.raises(Transient):
        await ingress.looks()
    assert ingress.texts() == ["obrigada"]
    ingress.probe.answer(Recognise, Recognised(ours=True))
    assert await ingress.looks() == 0
    assert ingress.texts() == ["obrigada"]
    assert ingress.probe.of(MessageEchoed) == []


async def test_without_a_broker_nothing_counts_as_told(ingress: Any, channel: Any) -> None:
    await channel.writes("oi")
    ingress.probe.broker_away = True
    with pytest.raises(Unavailable):
        await ingress.looks()
    ingress.probe.broker_away = False
    assert await ingress.looks() == 1


async def test_without_the_channel_it_is_tried_again(ingress: Any, channel: Any) -> None:
    await channel.writes("oi")
    await channel.breaks("http_500")
    with pytest.raises(Unavailable):
        await ingress.looks()
    assert await ingress.looks() == 1


async def test_without_redis_a_copy_remembers_for_itself_and_repeats_are_recognisable(
    copy: Start, channel: Any
) -> None:
    await channel.writes("oi")
    one, other = await copy(redis=NOWHERE), await copy(redis=None)
    assert [await one.looks(), await one.looks(), await other.looks()] == [1, 0, 1]
    first, again = (
        [event.id for event in each.probe.published if isinstance(event.data, MessageReceived)] for each in (one, other)
    )
    assert first == again


async def test_of_several_copies_one_looks_unless_another_saw_a_gap(copy: Start) -> None:
    one, other = await copy(), await copy()
    turns = [await each.memory.take_turn(60, at_once=False) for each in (one, other, one)]
    assert turns == [True, False, False]
    assert await other.memory.take_turn(60, at_once=True)


async def test_a_change_of_the_connection_whose_webhook_was_lost_is_told_once(ingress: Any, channel: Any) -> None:
    await ingress.looks()
    await channel.is_now("close")
    await ingress.looks()
    await ingress.looks()
    await channel.is_now("open")
    await ingress.looks()
    assert [each.state for each in ingress.probe.of(ChannelStateChanged)] == ["open", "closed", "open"]


async def test_a_mistake_of_ours_ends_nothing(copy: Start, channel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await channel.writes("um")
    ingress = await copy(every_s=0.05)
    with monkeypatch.context() as broken:
        broken.setattr("ingress_service.catching_up.in_order", lambda _: 1 / 0)
        running = asyncio.create_task(ingress.catching.run())
        await until(lambda: not ingress.catching._gap.is_set())
        await until(ingress.catching._gap.is_set)
    await until(lambda: ingress.texts() == ["um"])
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_it_looks_at_the_start_every_so_often_and_after_a_gap(copy: Start, channel: Any) -> None:
    await channel.writes("um")
    ingress = await copy(every_s=0.1)
    running = [asyncio.create_task(each()) for each in (ingress.catching.run, ingress.memory.run)]
    await until(lambda: ingress.texts() == ["um"])
    await channel.writes("dois")
    await until(lambda: ingress.texts() == ["um", "dois"])
    ingress.probe.broker_away = True
    body = json.dumps(await channel.webhook_of(await channel.writes("três"))).encode()
    with pytest.raises(Unavailable):
        await ingress.reports.keep(body)
    ingress.probe.broker_away = False
    await until(lambda: ingress.texts() == ["um", "dois", "três"])
    for task in running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
