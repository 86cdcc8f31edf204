"""Voice notes become words, or a reason why not."""

import math
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from contracts.llm_gateway import CompletionServed, Transcribe, Transcription
from llm_gateway_service.domain import Usage
from llm_gateway_service.providers.answers import TRANSCRIPTION_CONFIDENCE
from llm_gateway_service.providers.errors import Unusable
from llm_gateway_service.providers.openai import _extension, _read_transcription

Start = Callable[..., Awaitable[Any]]
OGG = "audio/ogg; codecs=opus"
WORDS = "Meu filho tem sete anos"


def a_voice_note(audio: str) -> Transcribe:
    return Transcribe(audio=audio, mimetype=OGG, seconds=7)


@pytest.mark.stores
async def test_a_voice_note_is_heard(start: Start, providers: Any) -> None:
    running = await start()
    heard = await running.ask(a_voice_note(await providers.voice_note(WORDS)))
    assert heard == Transcription(text=WORDS, confidence=TRANSCRIPTION_CONFIDENCE)
    (served,) = running.probe.of(CompletionServed)
    assert (served.task, served.provider, served.model) == ("transcribe", "openai", "gpt-4o-mini-transcribe")
    assert await running.day() == (served.brl, 0)
    assert served.brl > 0
    (asked,) = await providers.requests()
    assert asked["request"] == {"model": "gpt-4o-mini-transcribe", "file": "voice.ogg"}


@pytest.mark.stores
async def test_what_nobody_understands_is_refused_and_breaks_nothing(start: Start, not_audio: str) -> None:
    running = await start()
    for _ in range(6):
        assert await running.ask(a_voice_note(not_audio)) == Transcription(refusal="failed")
    assert await running.breakers() == {"openai": "closed"}
    assert await running.day() == (0, 0)


@pytest.mark.stores
async def test_what_is_no_base64_is_never_sent(start: Start, providers: Any) -> None:
    running = await start()
    assert await running.ask(a_voice_note("not base64!")) == Transcription(refusal="failed")
    assert await providers.calls() == []


@pytest.mark.stores
@pytest.mark.parametrize(
    "about, refusal",
    [
        ({"keys": ()}, "no_provider"),
        ({"keys": ("anthropic",)}, "no_provider"),
        ({"budget": "warning_brl = 0\ncritical_brl = 0\nlimit_brl = 0"}, "budget"),
    ],
)
async def test_who_cannot_listen_says_why(start: Start, providers: Any, about: dict[str, Any], refusal: str) -> None:
    running = await start(**about)
    assert (await running.ask(a_voice_note(await providers.voice_note(WORDS)))).refusal == refusal
    assert [each.refusal for each in running.probe.of(CompletionServed)] == [refusal]
    assert await providers.calls() == []


@pytest.mark.stores
async def test_a_transcriber_that_is_down_or_hangs_is_a_refusal(start: Start, providers: Any, deadline: Any) -> None:
    running = await start()
    note = a_voice_note(await providers.voice_note(WORDS))
    await providers.script("transcription", fault="http_500", times=2)
    assert (await running.ask(note)).refusal == "failed"
    await providers.script("transcription", fault="hang", times=1)
    with deadline(1.5):
        assert (await running.ask(note)).refusal == "deadline"


@pytest.mark.stores
async def test_a_voice_note_that_is_too_long_for_the_budget_is_not_heard(start: Start, providers: Any) -> None:
    running = await start()
    huge = Transcribe(audio="A" * 9_000_000, mimetype=OGG, seconds=1)  # what the sender says about it does not count
    assert (await running.ask(huge)).refusal == "budget"
    assert await providers.calls() == []


def tokens(*logs: float | None) -> list[SimpleNamespace]:
    return [SimpleNamespace(logprob=each) for each in logs]


@pytest.mark.parametrize(
    "logprobs, confidence",
    [
        (None, TRANSCRIPTION_CONFIDENCE),
        ([], TRANSCRIPTION_CONFIDENCE),
        (tokens(None), TRANSCRIPTION_CONFIDENCE),
        (tokens(0.0, 0.0), 1.0),
        (tokens(math.log(0.5), math.log(0.5), None), 0.5),
        (tokens(0.001), 1.0),
    ],
)
def test_confidence_is_the_mean_probability_of_the_tokens(logprobs: Any, confidence: float) -> None:
    used = SimpleNamespace(input_tokens=70, output_tokens=9, type="tokens")
    answer = _read_transcription(SimpleNamespace(text=" oi ", usage=used, logprobs=logprobs))
    assert (answer.text, answer.usage) == ("oi", Usage(70, 9))
    assert answer.confidence == pytest.approx(confidence)


def test_a_transcription_that_does_not_say_what_it_used_is_not_used() -> None:
    for strange in ("oi", SimpleNamespace(text=None), SimpleNamespace(text="oi", usage=None)):
        with pytest.raises(Unusable):
            _read_transcription(strange)


@pytest.mark.parametrize(
    "mimetype, extension",
    [
        (OGG, "ogg"),
        ("audio/mpeg", "mp3"),
        ("audio/mp4", "m4a"),
        ("audio/x-wav", "wav"),
        ("", "ogg"),
        ("audio/amr", "ogg"),
    ],
)
def test_a_file_is_named_after_its_format(mimetype: str, extension: str) -> None:
    assert _extension(mimetype) == extension
