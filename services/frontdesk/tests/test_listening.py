"""Voice notes on the page: had from the channel each time, for those who may, and kept nowhere."""

import base64
import re
from typing import Any

import httpx
import pytest
from chassis.errors import DeadlineExceeded, Permanent, Unavailable
from contracts import Event
from contracts.ingress import ChannelKey, Media
from contracts.preprocessor import FetchRecording, MessageSanitized, Recording
from frontdesk_service.pages.voice import GONE, ranged
from frontdesk_service.tokens import Account

pytestmark = pytest.mark.stores

SOUND = bytes(range(250))
FOUND = Recording(audio=base64.b64encode(SOUND).decode(), mimetype="audio/ogg; codecs=opus")
AT = "/conversas/5551987650001/audios"


def a_note(ana: Any, instance: str = "kumon", media: Media | None = None) -> Event[Any]:
    now = ana.clock.on(seconds=3)
    key = ChannelKey(instance=instance, id="3AF0")
    note = MessageSanitized(
        key=key,
        contact=ana.contact,
        kind="audio",
        text="quero marcar",
        transcription_confidence=0.9,
        seconds=7,
        media=media,
        sent_at=now,
        received_at=now,
    )
    told: Event[Any] = ana.fact(note)
    return told


async def play(frontdesk: Any, message: Any, *, role: Any = "receptionist", **headers: str) -> httpx.Response:
    async with frontdesk.client(signed_in=False) as client:
        if role:
            client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("maria", role)))
        answer: httpx.Response = await client.get(f"{AT}/{message}", headers={"Accept": "text/html", **headers})
    return answer


async def test_a_voice_note_plays_with_its_words_beneath_and_is_nowhere_afterwards(frontdesk: Any, ana: Any) -> None:
    note = a_note(ana)
    await frontdesk.deliver(note)
    frontdesk.probe.answer(FetchRecording, FOUND)
    heard = await play(frontdesk, note.id)
    assert (heard.status_code, heard.content) == (200, SOUND)
    assert heard.headers["content-type"] == "audio/ogg; codecs=opus"
    assert heard.headers["cache-control"] == "no-store"
    assert frontdesk.probe.asked == [FetchRecording(key=ChannelKey(instance="kumon", id="3AF0"))]
    async with frontdesk.client(signed_in=False) as client:
        client.cookies.set("frontdesk_session", frontdesk.tokens.mint(Account("maria", "receptionist")))
        page = (await client.get("/conversas/5551987650001")).text
    assert re.search(
        rf'<audio class="voice" controls preload="none" src="{AT}/{note.id}">.*quero marcar', page, re.DOTALL
    )
    kept = "select count(*) from facts where data::text like '%' || $1 || '%'"
    assert await frontdesk.store.pool.fetchval(kept, FOUND.audio) == 0


async def test_a_channel_that_wants_to_be_told_where_is_told(frontdesk: Any, ana: Any) -> None:
    media = Media(mimetype="audio/ogg", id="771")
    note = a_note(ana, "cloud:123", media)
    await frontdesk.deliver(note)
    frontdesk.probe.answer(FetchRecording, FOUND)
    assert (await play(frontdesk, note.id)).status_code == 200
    assert frontdesk.probe.asked[-1].media == media


@pytest.mark.parametrize("answer", [Recording(), Recording(audio="no base64!"), Permanent("too long")])
async def test_a_voice_note_that_is_gone_is_said_to_be(frontdesk: Any, ana: Any, answer: Any) -> None:
    note = a_note(ana)
    await frontdesk.deliver(note)
    frontdesk.probe.answer(FetchRecording, answer)
    gone = await play(frontdesk, note.id)
    assert gone.status_code == 404
    assert GONE in gone.text


@pytest.mark.parametrize("answer", [Unavailable("away"), DeadlineExceeded("late")])
async def test_while_the_channel_is_away_it_may_be_tried_again(frontdesk: Any, ana: Any, answer: Any) -> None:
    note = a_note(ana)
    await frontdesk.deliver(note)
    frontdesk.probe.answer(FetchRecording, answer)
    away = await play(frontdesk, note.id)
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")


async def test_only_who_sees_conversations_hears_and_only_this_familys(frontdesk: Any, ana: Any, family: Any) -> None:
    note, text, other = a_note(ana), ana.says("oi"), family(phone="+5551980000009", name="Bia")
    others = other.says("", kind="audio")
    await frontdesk.deliver(note, text, others)
    frontdesk.probe.answer(FetchRecording, FOUND)
    assert (await play(frontdesk, note.id, role=None)).status_code == 303
    assert (await play(frontdesk, note.id, role="operator")).status_code == 403
    assert [(await play(frontdesk, each.id)).status_code for each in (text, others)] == [404, 404]
    assert frontdesk.probe.asked == []


@pytest.mark.parametrize(
    "wanted, status, told, length",
    [
        (None, 200, None, 250),
        ("bytes=0-", 206, "bytes 0-249/250", 250),
        ("bytes=10-19", 206, "bytes 10-19/250", 10),
        ("bytes=200-999", 206, "bytes 200-249/250", 50),
        ("bytes=-20", 206, "bytes 230-249/250", 20),
        ("bytes=-999", 206, "bytes 0-249/250", 250),
        ("bytes=250-", 416, "bytes */250", 0),
        ("bytes=20-10", 416, "bytes */250", 0),
        ("bytes=-", 200, None, 250),
        ("bytes=0-1,5-6", 200, None, 250),
        ("lines=1-2", 200, None, 250),
    ],
)
def test_a_range_is_answered_as_it_was_asked(wanted: str | None, status: int, told: str | None, length: int) -> None:
    answer = ranged(SOUND, "audio/ogg", wanted)
    assert (answer.status_code, answer.headers.get("content-range"), len(answer.body)) == (status, told, length)
    assert answer.headers["accept-ranges"] == "bytes"
