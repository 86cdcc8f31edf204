"""A reply goes after the one that it follows, whichever came first; what never comes is waited for a moment only."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.testing import an_event
from contracts import Event, conversation_id
from contracts.postprocessor import DeliveryFailed
from contracts.privacy import DataErased, ErasureRequested
from contracts.rules import ReplyDrafted
from postprocessor_service.steps import PATIENCE
from postprocessor_service.store import Deliveries

pytestmark = pytest.mark.stores


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, nobody goes without the one before."""
    monkeypatch.setattr("postprocessor_service.store.PATIENCE", timedelta(hours=1))


def a_chain(desk: Any, *texts: str, order: Iterable[int] | None = None) -> list[Event[ReplyDrafted]]:
    """Replies of which each follows the one before, in the order in which rules drafted them."""
    ids = [uuid4() for _ in texts]
    before = [None, *ids[:-1]]
    return [
        desk.draft(texts[nth], reply_id=ids[nth], follows=before[nth])
        for nth in (range(len(texts)) if order is None else order)
    ]


def the_later_first(desk: Any) -> list[Event[ReplyDrafted]]:
    return a_chain(desk, "um", "dois", order=(1, 0))


async def waited(desk: Any, reply_id: UUID) -> timedelta:
    """How long after it came a reply was sent."""
    query = "select began_at - due_at from bubble where reply_id = $1"
    return timedelta(seconds=(await desk.probe.store.pool.fetchval(query, reply_id)).total_seconds())


@pytest.mark.usefixtures("patient")
async def test_who_comes_before_the_reply_that_it_follows_waits_for_it(desk: Any) -> None:
    second, first = the_later_first(desk)
    await desk.probe.deliver(second)
    await desk.run()
    assert await desk.outside.phone() == []
    await desk.probe.deliver(first)
    await desk.wait(1)
    assert await desk.outside.phone() == ["um", "dois"]


@pytest.mark.usefixtures("patient")
async def test_the_end_of_the_one_before_lets_it_go_without_any_timer(open_desk: Any, helpers: Any) -> None:
    async with open_desk(at_once=True) as desk:
        for event in the_later_first(desk):
            await desk.probe.deliver(event)
        await helpers.until(lambda: desk.outside.phone(), within_s=20)
        await desk.reaches("sent", "sent")
        assert await desk.outside.phone() == ["um", "dois"]


@pytest.mark.usefixtures("patient")
async def test_every_bubble_of_the_one_before_goes_first(desk: Any) -> None:
    first = desk.draft("um", "dois", "três")
    second = desk.draft("quatro", "cinco", follows=first.data.reply_id)
    await desk.probe.deliver(second)
    await desk.probe.deliver(first)
    await desk.wait(1)
    assert await desk.outside.phone() == ["um", "dois", "três", "quatro", "cinco"]


async def test_who_died_on_the_way_is_waited_for_a_moment_and_no_longer(desk: Any) -> None:
    second, _ = the_later_first(desk)
    await desk.probe.deliver(second)
    await desk.wait(4)
    assert await desk.outside.phone() == ["dois"]
    assert await waited(desk, second.data.reply_id) >= PATIENCE


async def test_who_comes_after_all_is_still_said(desk: Any) -> None:
    second, first = the_later_first(desk)
    await desk.probe.deliver(second)
    await desk.wait(4)
    await desk.probe.deliver(first)
    await desk.run()
    assert await desk.outside.phone() == ["dois", "um"]


async def test_who_follows_what_is_over_or_nothing_waits_for_nobody(desk: Any) -> None:
    first = await desk.say("um")
    await desk.say("dois", follows=first.data.reply_id)
    dropped = await desk.say("tarde demais", expires_s=0)
    await desk.say("três", follows=dropped.data.reply_id)
    assert desk.probe.of(DeliveryFailed)[0].reason == "expired"
    assert await desk.outside.phone() == ["um", "dois", "três"]
    assert set(await desk.rows("follows, held_until")) == {(None, None)}


async def test_what_is_over_costs_no_look_at_the_tables(desk: Any) -> None:
    """The queueing says that it may go, as without one before."""
    first = await desk.say("um")
    second = desk.draft("dois", follows=first.data.reply_id)
    (bubble,) = (await scene_of_adding(desk, second)).bubbles
    assert (bubble.follows, bubble.held_until) == (None, None)
    await desk.run()
    fourth = desk.draft("quatro", follows=uuid4())
    (bubble,) = (await scene_of_adding(desk, fourth)).bubbles
    assert (bubble.follows, bubble.held_until) == (fourth.data.follows, bubble.due_at + PATIENCE)


async def scene_of_adding(desk: Any, event: Event[ReplyDrafted]) -> Any:
    """Deliver a reply; the scene that its queueing returned."""
    scenes: list[Any] = []
    add = Deliveries.add

    async def adding(self: Deliveries, *about: Any, **more: Any) -> Any:
        scenes.append(await add(self, *about, **more))
        return scenes[-1]

    with pytest.MonkeyPatch.context() as watching:
        watching.setattr(Deliveries, "add", adding)
        await desk.probe.deliver(event)
    (scene,) = scenes
    return scene


@pytest.mark.usefixtures("patient")
async def test_who_is_behind_one_that_waits_for_the_channel_stays_behind_it(desk: Any) -> None:
    second, first = the_later_first(desk)
    await desk.outside.breaks("connection_closed", times=3)
    await desk.probe.deliver(first)
    await desk.run()
    await desk.probe.deliver(second)
    await desk.wait(5)
    assert await desk.states() == ["queued", "queued"]
    await desk.wait(6)
    assert await desk.outside.phone() == ["um", "dois"]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("order", list(permutations(range(4)))[3::4], ids=str)
async def test_many_come_in_any_order(desk: Any, order: tuple[int, ...]) -> None:
    for event in a_chain(desk, "um", "dois", "três", "quatro", order=order):
        await desk.probe.deliver(event)
        await desk.run()
    await desk.wait(1)
    assert await desk.outside.phone() == ["um", "dois", "três", "quatro"]


async def test_one_that_died_among_many_is_waited_for_once(desk: Any) -> None:
    first, _, third, fourth, fifth = a_chain(desk, "um", "dois", "três", "quatro", "cinco")
    for event in (fifth, fourth, third, first):
        await desk.probe.deliver(event)
    await desk.wait(4)
    assert await desk.outside.phone() == ["um", "três", "quatro", "cinco"]
    assert await waited(desk, third.data.reply_id) >= PATIENCE


@pytest.mark.usefixtures("patient")
async def test_the_one_before_comes_to_another_copy(open_desk: Any) -> None:
    async with open_desk(at_once=True) as desk, open_desk(at_once=True) as other:
        await other.outside.breaks("slow", times=1, delay_s=0.3)
        for copy, event in zip((desk, other), the_later_first(desk), strict=True):
            await copy.probe.deliver(event)
        await desk.reaches("sent", "sent")
        assert await desk.outside.phone() == ["um", "dois"]


@pytest.mark.usefixtures("patient")
async def test_the_one_before_comes_to_a_copy_that_dies_with_it(open_desk: Any) -> None:
    async with open_desk() as desk:
        async with open_desk(at_once=False) as dying:  # it writes down what came, and begins with nothing
            second, first = the_later_first(desk)
            await desk.probe.deliver(second)
            await desk.run()
            await dying.probe.deliver(first)
        await desk.wait(1)
        assert await desk.outside.phone() == ["um", "dois"]


async def test_who_waits_is_not_forgotten_when_its_copy_dies(open_desk: Any) -> None:
    async with open_desk(at_once=True) as dying:
        second, _ = the_later_first(dying)
        await dying.probe.deliver(second)
    async with open_desk() as desk:
        await desk.wait(4)
        assert await desk.outside.phone() == ["dois"]


@pytest.mark.usefixtures("patient")
async def test_the_one_before_is_under_another_name_of_the_person(desk: Any, helpers: Any) -> None:
    first = desk.draft("um", to=helpers.BIA)
    second = desk.draft("dois", follows=first.data.reply_id)
    await desk.probe.deliver(second)
    await desk.run()
    await desk.probe.deliver(first)
    await desk.wait(1)
    assert (await desk.outside.phone(helpers.BIA), await desk.outside.phone()) == (["um"], ["dois"])
    began = dict(await desk.rows("reply_id, began_at"))
    ended = dict(await desk.rows("reply_id, sent_at"))
    assert ended[first.data.reply_id] <= began[second.data.reply_id]


@pytest.mark.usefixtures("patient")
async def test_nobody_else_waits(desk: Any, helpers: Any) -> None:
    await desk.probe.deliver(desk.draft("dois", follows=uuid4()))
    await desk.probe.deliver(desk.draft("já", to=helpers.BIA))
    await desk.run()
    assert (await desk.outside.phone(), await desk.outside.phone(helpers.BIA)) == ([], ["já"])


@pytest.mark.usefixtures("patient")
async def test_staff_do_not_wait_for_what_is_held(desk: Any) -> None:
    await desk.probe.deliver(desk.draft("dois", follows=uuid4()))
    await desk.probe.deliver(desk.staff_reply("Oi, aqui é a Paula."))
    await desk.wait(1)
    assert await desk.outside.phone() == ["Oi, aqui é a Paula."]
    assert desk.probe.of(DeliveryFailed)[0].reason == "taken_over"


async def test_who_is_forgotten_meanwhile_leaves_nothing(desk: Any, helpers: Any) -> None:
    subject = conversation_id(f"+{helpers.ANA}")
    await desk.probe.deliver(desk.draft("dois", follows=uuid4()))
    await desk.run()
    request = ErasureRequested(phone=f"+{helpers.ANA}", asked_by="parent")
    await desk.probe.deliver(an_event(request, subject=subject, at=desk.clock()))
    await desk.wait(12)
    assert await desk.outside.phone() == ["dois"]
    assert len(desk.probe.of(DataErased)) == 1
    assert await desk.rows() == []
    assert await desk.probe.store.pool.fetch("select from timer where key = $1", subject) == []


async def test_who_follows_what_was_forgotten_is_sent(desk: Any, helpers: Any) -> None:
    first = await desk.say("um")
    request = ErasureRequested(phone=f"+{helpers.ANA}", asked_by="parent")
    await desk.probe.deliver(an_event(request, subject=first.subject, at=desk.clock()))
    await desk.wait(3)
    await desk.say("Pronto, apaguei seus dados.", follows=first.data.reply_id)
    await desk.wait(4)
    assert await desk.outside.phone() == ["um", "Pronto, apaguei seus dados."]
