"""The local transcriber: the real library on a model of a few weights, its process, and its place beside OpenAI."""

import asyncio
import base64
import fcntl
import hashlib
import importlib
import math
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chassis.errors import BadConfiguration
from contracts.llm_gateway import CompletionServed, ProviderFailedOver, Transcribe, Transcription
from llm_gateway_service import hearing
from llm_gateway_service.domain import Usage
from llm_gateway_service.providers import local, transcribers
from llm_gateway_service.providers.answers import Patience
from llm_gateway_service.providers.errors import ProviderFailed, Unusable
from llm_gateway_service.providers.local import Local, why_unfit
from llm_gateway_service.settings import Settings
from llm_gateway_service.trial import try_providers

sys.path.append(str(Path(__file__).parent))
import tiny_whisper

Start = Callable[..., Awaitable[Any]]
PROJECT = Path(__file__).resolve().parents[3]
LOCK = PROJECT / "requirements-transcriber.lock"
WORDS = "Meu filho tem sete"
ENOUGH = Patience(60, 60)


@pytest.fixture(scope="session")
def extra() -> Iterator[str]:
    """The folder with the extra, installed from its lock where it is not there yet, and on the path."""
    if find_spec("faster_whisper") is not None:
        yield ""
        return
    folder = PROJECT / ".local" / "extras" / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            pip = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-compile",
                "--require-hashes",
                "--requirement",
                str(LOCK),
            ]
            subprocess.run([*pip, "--target", str(folder)], check=True)
            (folder / "complete").touch()
    sys.path.append(str(folder))
    importlib.invalidate_caches()
    yield str(folder)
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def model(extra: str, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001  # it makes the path
    return tiny_whisper.write(tmp_path_factory.mktemp("whisper") / "tiny")


@pytest.fixture
def _with_extra(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if extra:
        monkeypatch.setenv("PYTHONPATH", extra)


@asynccontextmanager
async def listening(folder: Path, longest_s: float = 60) -> AsyncIterator[Local]:
    transcriber = Local(folder, longest_s)
    try:
        yield transcriber
    finally:
        await transcriber.close()


async def hear(transcriber: Local, audio: bytes, patience: Patience = ENOUGH) -> Any:
    return await transcriber.transcribe(audio, "audio/ogg", "tiny", patience)


@pytest.mark.usefixtures("_with_extra")
async def test_the_real_library_hears_a_voice_and_no_words_in_silence(model: Path) -> None:
    async with listening(model) as transcriber:
        heard = await hear(transcriber, tiny_whisper.a_voice())
        assert (heard.text, heard.usage) == (WORDS, Usage(seconds=2.0))
        assert 0.9 < heard.confidence < 1
        silence = await hear(transcriber, tiny_whisper.wav(bytes(32_000)))
        assert (silence.text, silence.confidence, silence.usage) == ("", 0.0, Usage(seconds=1.0))
        for no_audio in (b"not audio", b""):
            with pytest.raises(Unusable, match="bad_request"):
                await hear(transcriber, no_audio)


@pytest.mark.usefixtures("_with_extra")
async def test_the_doctor_loads_the_model_and_says_how_long_that_took(model: Path) -> None:
    (trial,) = await try_providers({"WHISPER_MODEL": str(model)})
    assert (trial.provider, trial.model, trial.brl, trial.trouble) == ("local", "tiny", 0, None)
    (model.parent / "broken").mkdir()
    for name in local.FILES:
        (model.parent / "broken" / name).write_text("{}")
    (trial,) = await try_providers({"WHISPER_MODEL": str(model.parent / "broken")})
    assert (trial.model, trial.trouble) == ("broken", "server")


@pytest.mark.usefixtures("_with_extra")
async def test_a_note_that_is_longer_than_the_owner_wants_is_not_heard(model: Path) -> None:
    async with listening(model, longest_s=1.5) as transcriber:
        with pytest.raises(Unusable, match="bad_request"):
            await hear(transcriber, tiny_whisper.a_voice())
        assert transcriber._process is None  # its bytes alone say so
        small = tiny_whisper.wav(tiny_whisper.a_voice()[44:], rate=8_000)  # the same bytes, twice as slow
    async with listening(model, longest_s=3) as transcriber:
        with pytest.raises(Unusable, match="bad_request"):
            await hear(transcriber, small)
        assert transcriber._process is not None


@pytest.mark.usefixtures("_with_extra")
async def test_the_librarys_own_results_are_read() -> None:
    from faster_whisper.transcribe import Segment

    about = {"id": 1, "seek": 0, "start": 0.0, "end": 1.0, "compression_ratio": 1.0, "words": None, "temperature": 0.0}
    sure = Segment(text=" Meu filho", tokens=[1, 2, 3], avg_logprob=math.log(0.9), no_speech_prob=0.0, **about)
    unsure = Segment(text=" tem sete.", tokens=[4], avg_logprob=math.log(0.5), no_speech_prob=0.4, **about)
    told = hearing.told([sure, unsure])
    assert told["text"] == "Meu filho tem sete."
    assert told["confidence"] == pytest.approx((0.9**3 * 0.5) ** (1 / 4) * (1 - 0.4 / 4))
    assert hearing.told([]) == {"text": "", "confidence": 0.0}


async def test_a_model_that_knows_only_english_is_not_used() -> None:
    english = SimpleNamespace(model=SimpleNamespace(is_multilingual=False))
    assert hearing.hear(english, b"", 60) == {"trouble": "english"}  # type: ignore[arg-type]  # the part that is looked at
    with pytest.raises(ProviderFailed, match="server"):
        local._read({"trouble": "english"})


ECHO = """
import sys, json, os
while size := sys.stdin.buffer.read(4):
    note = sys.stdin.buffer.read(int.from_bytes(size)).decode()
    if note == "hang":
        import time; time.sleep(600)
    if note == "die":
        os.abort()
    said = "?" if note == "babble" else json.dumps(
        {"text": note, "confidence": 1, "seconds": 1, "of": os.getpid(), "env": sorted(os.environ)})
    print(said, flush=True)
"""
"""A process that answers what it was given, and may be told to misbehave."""


@pytest.fixture
async def echo(tmp_path: Path) -> AsyncIterator[Local]:
    async with listening(tmp_path) as transcriber:
        transcriber._command = (sys.executable, "-c", ECHO)
        yield transcriber


async def test_who_takes_too_long_is_ended_and_the_next_note_is_heard(echo: Local) -> None:
    await hear(echo, b"oi")
    hanging = echo._process
    with pytest.raises(TimeoutError):
        await hear(echo, b"hang", Patience(0.2, 0.2))
    assert hanging is not None
    await hanging.wait()
    assert (await hear(echo, b"oi")).text == "oi"
    assert echo._process is not hanging


@pytest.mark.parametrize("note", [b"die", b"babble"])
async def test_a_process_that_breaks_is_trouble_of_the_transcriber_and_a_new_one_hears(
    echo: Local, note: bytes
) -> None:
    with pytest.raises(ProviderFailed, match="server"):
        await hear(echo, note)
    assert (await hear(echo, b"oi")).text == "oi"


async def test_notes_are_heard_one_after_another_by_one_process(echo: Local) -> None:
    heard = await asyncio.gather(*(hear(echo, str(nth).encode()) for nth in range(5)))
    assert [each.text for each in heard] == ["0", "1", "2", "3", "4"]


async def test_who_gives_up_waiting_for_their_turn_ends_nobody(echo: Local) -> None:
    await hear(echo, b"oi")
    process = echo._process
    async with echo._turn:
        with pytest.raises(TimeoutError):
            await hear(echo, b"oi", Patience(0.05, 0.05))
    assert echo._process is process


async def test_the_process_knows_no_secret(echo: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    known = (await echo._heard(b"oi"))["env"]
    assert "PATH" in known
    assert "HF_HUB_OFFLINE" in known  # nothing is fetched behind the owner's back
    assert "OPENAI_API_KEY" not in known


async def test_the_memory_is_given_back_once_nobody_has_spoken_for_a_while(
    echo: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "IDLE_S", 0.05)
    await hear(echo, b"oi")
    process = echo._process
    assert process is not None
    async with asyncio.timeout(10):
        await process.wait()
    assert (await hear(echo, b"oi")).text == "oi"


def a_folder(tmp_path: Path, *files: str) -> Path:
    for name in files:
        (tmp_path / name).touch()
    return tmp_path


def test_a_folder_without_a_model_is_named_at_the_start(tmp_path: Path) -> None:
    about = {"rabbitmq_url": "amqp://localhost/", "database_url": "postgresql://localhost/"}
    settings = Settings(whisper_model=a_folder(tmp_path, "model.bin", "config.json"), **about)  # type: ignore[arg-type]
    with pytest.raises(BadConfiguration, match=r"WHISPER_MODEL: .* has no tokenizer\.json"):
        transcribers(settings, {})


def test_without_the_extra_the_service_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "find_spec", lambda _: None)
    assert why_unfit(a_folder(tmp_path, *local.FILES)) == (
        "the local transcriber is not installed; ./assistant transcriber installs it"
    )


def test_nothing_of_the_extra_is_loaded_before_a_note_comes() -> None:
    loaded = "import sys, llm_gateway_service.app, llm_gateway_service.providers.local; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True).stdout.split()
    assert not {"faster_whisper", "ctranslate2", "onnxruntime", "av", "numpy"} & set(said)


@pytest.mark.parametrize("wrong", ["anthropic", "openai,whisper", ","])
def test_who_cannot_listen_is_no_listener(wrong: str) -> None:
    with pytest.raises(ValueError, match="transcribers are openai, local"):
        Settings(rabbitmq_url="amqp://x/", database_url="postgresql://x/", listen_order=wrong)  # type: ignore[arg-type]


def a_note() -> Transcribe:
    return Transcribe(audio=base64.b64encode(tiny_whisper.a_voice()).decode(), mimetype="audio/wav", seconds=2)


@pytest.mark.stores
@pytest.mark.usefixtures("_with_extra")
@pytest.mark.parametrize(
    "about",
    [
        {"openai_base_url": "http://127.0.0.1:9/v1"},
        {"keys": ()},
        {"budget": "warning_brl = 0\ncritical_brl = 0\nlimit_brl = 0"},
        {"listen_order": "local"},
        {"listen_order": "local,openai"},
    ],
)
async def test_it_listens_where_openai_does_not(
    start: Start, providers: Any, model: Path, deadline: Any, about: dict[str, Any]
) -> None:
    await providers.script("transcription", "outra coisa")
    running = await start(whisper_model=model, **about)
    with deadline(90):
        heard: Transcription = await running.ask(a_note())
    assert (heard.text, heard.refusal) == (WORDS, None)
    served = running.probe.of(CompletionServed)[-1]
    assert (served.provider, served.model, served.brl, served.refusal) == ("local", "tiny", 0, None)
    assert await providers.calls() == []
    assert await running.day() == (0, 0)


@pytest.mark.stores
@pytest.mark.usefixtures("_with_extra")
async def test_while_openai_listens_the_local_one_is_neither_asked_nor_begun(
    start: Start, providers: Any, model: Path
) -> None:
    await providers.script("transcription", "oi, tudo bem?", delay_s=0.5)
    running = await start(whisper_model=model)
    running.gateway.asking.calling.pace.note("transcribe gpt-4o-mini-transcribe", 0.0)
    assert (await running.ask(a_note())).text == "oi, tudo bem?"
    assert running.gateway.transcribers[-1]._process is None
    assert running.probe.of(ProviderFailedOver) == []
