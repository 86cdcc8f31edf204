"""Voice notes: what is heard, and that the conversation goes on when nothing is."""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from chassis.errors import DeadlineExceeded, Permanent, Unavailable
from chassis.testing import Probe, an_event
from contracts import Event, conversation_id
from contracts.ingress import Address, ChannelKey, Media, MessageReceived
from contracts.llm_gateway import Transcribe, Transcription
from contracts.preprocessor import FetchRecording, MessageSanitized, Recording
from starlette.responses import JSONResponse, PlainTextResponse, Response

pytestmark = pytest.mark.stores
Start = Callable[..., Awaitable[Any]]
SENT_AT = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
WORDS = "quero marcar uma visita"


def a_question(event: Event[MessageReceived], **changes: Any) -> Transcribe:
    whose = conversation_id(event.data.address.phone or "")
    given = {"audio": "T2dnUw==", "mimetype": "audio/ogg", "seconds": 7, "conversation": whose}
    return Transcribe(**{**given, **changes})


def a_voice_note(text: str | None = None, size: int = 9000, **media: Any) -> Event[MessageReceived]:
    phone = f"+55519{uuid4().int % 10**8:08d}"
    message = MessageReceived(
        key=ChannelKey(instance="unidade um", id=uuid4().hex),
        address=Address(jid=f"{phone[1:]}@s.whatsapp.net", phone=phone),
        kind="audio",
        text=text,
        media=Media(**{"mimetype": "audio/ogg; codecs=opus", "seconds": 7, "bytes": size, "voice_note": True, **media}),
        sent_at=SENT_AT,
    )
    return an_event(message, at=SENT_AT)


async def heard(probe: Probe, event: Event[MessageReceived]) -> MessageSanitized:
    (said,) = await probe.deliver(event)
    assert isinstance(said.data, MessageSanitized)
    assert said.data.kind == "audio"
    return said.data


@pytest.fixture
async def probe(start: Start, channel: Any) -> Probe:
    running = (await start(channel_url=channel.url)).probe
    assert isinstance(running, Probe)
    running.answer(Transcribe, Transcription(text=f" {WORDS}\u200b", confidence=0.8))
    return running


async def test_a_voice_note_is_fetched_from_the_channel_and_heard(probe: Probe, channel: Any) -> None:
    event = a_voice_note()
    said = await heard(probe, event)
    assert (said.text, said.transcription_confidence) == (WORDS, 0.8)
    asked = {"message": {"key": {"id": event.data.key.id}}, "convertToMp4": False}
    assert channel.asked == [("unidade um", asked, "key")]
    assert probe.asked == [a_question(event)]


async def test_what_was_sent_along_is_not_fetched(probe: Probe, channel: Any) -> None:
    event = a_voice_note(content="T2dnUw==", url=f"{channel.url}/stored/voice.ogg")
    said = await heard(probe, event)
    assert (said.text, channel.asked, channel.downloads) == (WORDS, [], 0)
    assert probe.asked == [a_question(event, mimetype="audio/ogg; codecs=opus")]


async def test_a_voice_note_with_an_address_is_downloaded(probe: Probe, channel: Any) -> None:
    event = a_voice_note(url=f"{channel.url}/stored/voice.ogg")
    said = await heard(probe, event)
    assert (said.text, channel.asked, channel.downloads) == (WORDS, [], 1)
    assert probe.asked == [a_question(event)]


@pytest.mark.parametrize(
    "stored",
    [
        lambda: Response(b"", 200),
        lambda: Response(b"denied", 403),
        lambda: Response(b"down", 503),
        lambda: Response(b"", 302, {"location": "http://127.0.0.1:9/elsewhere"}),
        lambda: Response(b"A" * 7_600_000),
    ],
    ids=["empty", "expired", "down", "moved", "too_long"],
)
async def test_what_is_not_at_its_address_is_asked_of_the_channel(
    probe: Probe, channel: Any, stored: Callable[[], Response]
) -> None:
    channel.stored = stored
    said = await heard(probe, a_voice_note(url=f"{channel.url}/stored/voice.ogg"))
    assert (said.text, len(channel.asked), channel.downloads) == (WORDS, 1, 1)


async def test_an_address_is_enough_without_a_channel(start: Start, channel: Any) -> None:
    probe = (await start()).probe
    probe.answer(Transcribe, Transcription(text=WORDS, confidence=0.9))
    assert (await heard(probe, a_voice_note(url=f"{channel.url}/stored/voice.ogg"))).text == WORDS


@pytest.mark.parametrize("url", ["http://[", "ftp://example.com/a", "http://127.0.0.1:9/a"])
async def test_an_address_that_leads_nowhere_is_no_error(probe: Probe, url: str) -> None:
    assert (await heard(probe, a_voice_note(url=url))).text == WORDS


@pytest.mark.parametrize(
    "text,confidence,is_heard",
    [
        ("quero marcar uma visita", 0.4, True),
        ("quero marcar uma visita", None, True),
        ("quero marcar uma visita", 0.39, False),
        ("Legendas pela comunidade Amara.org", 0.95, False),
        ("Obrigado por assistir!", 0.9, False),
        ("Transcrição e legendas por Fulano", 0.9, False),
        ("...", 0.9, False),
        ("obrigada por me ouvir", 0.9, True),
    ],
)
async def test_what_nobody_said_is_not_heard(probe: Probe, text: str, confidence: float | None, is_heard: bool) -> None:
    probe.answer(Transcribe, Transcription(text=text, confidence=confidence))
    said = await heard(probe, a_voice_note())
    assert (said.text, said.transcription_confidence) == ((text, confidence) if is_heard else ("", None))


async def test_a_voice_note_of_many_minutes_is_not_listened_to(probe: Probe, channel: Any) -> None:
    assert (await heard(probe, a_voice_note(seconds=301))).text == ""
    assert (probe.asked, channel.asked) == ([], [])


async def test_what_the_channel_has_heard_is_not_heard_again(probe: Probe, channel: Any) -> None:
    said = await heard(probe, a_voice_note("o canal ouviu"))
    assert (said.text, said.transcription_confidence) == ("o canal ouviu", None)
    assert (probe.asked, channel.asked) == ([], [])


@pytest.mark.parametrize(
    "reply",
    [
        Transcription(refusal="no_provider"),
        Transcription(refusal="budget"),
        Transcription(text="", confidence=0.9),
        DeadlineExceeded("late"),
        Unavailable("away"),
        Permanent("cannot"),
    ],
    ids=repr,
)
async def test_without_a_transcription_the_conversation_goes_on(probe: Probe, reply: Any) -> None:
    probe.answer(Transcribe, reply)
    said = await heard(probe, a_voice_note())
    assert (said.text, said.transcription_confidence) == ("", None)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: JSONResponse({"status": 400, "response": {"message": ["Message not found"]}}, 400),
        lambda: JSONResponse({"error": "Unauthorized"}, 401),
        lambda: PlainTextResponse("bad gateway", 502),
        lambda: PlainTextResponse("<html>", 201),
        lambda: JSONResponse(["not", "an", "object"], 201),
        lambda: JSONResponse({"base64": None}, 201),
        lambda: JSONResponse({"base64": "A" * 10_000_001}, 201),
    ],
    ids=["unknown", "unauthorised", "down", "html", "list", "empty", "too_long"],
)
async def test_without_the_file_nobody_is_asked_and_the_conversation_goes_on(
    probe: Probe, channel: Any, answer: Callable[[], Response]
) -> None:
    channel.answer = answer
    said = await heard(probe, a_voice_note())
    assert (said.text, said.transcription_confidence) == ("", None)
    assert probe.asked == []


async def test_a_file_that_is_said_to_be_huge_is_not_fetched(probe: Probe, channel: Any) -> None:
    assert (await heard(probe, a_voice_note(size=20_000_000))).text == ""
    assert channel.asked == []


async def test_a_channel_that_is_away_is_left_alone_after_a_while(start: Start) -> None:
    running = await start(channel_url="http://127.0.0.1:9")
    for _ in range(6):
        assert (await heard(running.probe, a_voice_note())).text == ""
    assert {"dependency": "evolution", "state": "open"} in await running.breakers.states()


async def test_a_channel_that_refuses_a_file_is_not_broken(start: Start, channel: Any) -> None:
    running = await start(channel_url=channel.url)
    channel.answer = lambda: JSONResponse({"response": {"message": ["Message not found"]}}, 400)
    for _ in range(6):
        await heard(running.probe, a_voice_note())
    assert {"dependency": "evolution", "state": "closed"} in await running.breakers.states()
    assert len(channel.asked) == 6


async def test_without_a_channel_nothing_is_heard(start: Start) -> None:
    probe = (await start()).probe
    assert (await heard(probe, a_voice_note())).text == ""


async def test_no_word_of_anybody_reaches_the_logs(
    probe: Probe, channel: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    event = a_voice_note()
    await heard(probe, event)
    channel.answer = lambda: PlainTextResponse("secret words", 502)
    await heard(probe, a_voice_note())
    ours = [record for record in caplog.records if record.name.startswith(("preprocessor_service", "chassis"))]
    logged = " ".join(f"{record.getMessage()} {getattr(record, 'ids', '')}" for record in ours)
    assert "voice_note_unheard" in logged
    for private in (WORDS, "secret", event.data.address.phone or "", "T2dnUw=="):
        assert private not in logged


async def test_a_voice_note_can_be_had_again_by_its_key(probe: Probe, channel: Any) -> None:
    key = ChannelKey(instance="unidade um", id="3A01")
    assert await probe.ask(FetchRecording(key=key)) == Recording(audio="T2dnUw==", mimetype="audio/ogg")
    ((instance, asked, _),) = channel.asked
    assert (instance, asked["message"]["key"]["id"]) == ("unidade um", "3A01")


async def test_a_voice_note_that_the_channel_has_no_more_is_gone_and_a_channel_that_is_away_is_not(
    probe: Probe, channel: Any
) -> None:
    key = ChannelKey(instance="unidade um", id="3A01")
    channel.answer = lambda: JSONResponse({"message": ["Message not found"]}, 400)
    assert await probe.ask(FetchRecording(key=key)) == Recording()
    channel.answer = lambda: PlainTextResponse("", 503)
    with pytest.raises(Unavailable):
        await probe.ask(FetchRecording(key=key))


@pytest.mark.parametrize(
    "instance, kept",
    [("cloud:123", Media(mimetype="audio/ogg", id="771", url="https://media.test/1")), ("unidade um", None)],
)
async def test_a_message_keeps_where_its_voice_is_only_for_channels_that_want_to_be_told(
    probe: Probe, instance: str, kept: Media | None
) -> None:
    event = a_voice_note("quero marcar", mimetype="audio/ogg", id="771", url="https://media.test/1", content="T2dn")
    data = event.data.model_copy(update={"key": ChannelKey(instance=instance, id="3A01")})
    said = await heard(probe, event.model_copy(update={"data": data}))
    assert said.media == kept
