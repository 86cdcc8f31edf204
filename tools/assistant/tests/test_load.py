"""Figures of a load; one is put on a running system in `tests/e2e`."""

import asyncio
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import typer
from aiormq.exceptions import AMQPConnectionError
from assistant.commands import loading
from assistant.home import Home
from assistant.load import watching
from assistant.load.report import chart, figures, is_good, percentiles, tables
from assistant.load.sampling import Sample, seen
from assistant.load.talking import SCRIPT, Crowd, Load, Waited, in_parts
from assistant.load.watching import Line
from contracts import Event
from contracts.dialogue import TurnClosed
from contracts.examples import AT, FACTS
from contracts.ingress import MessageReceived
from httpx import ConnectError
from rich.console import Console

RECEIVED, CLOSED = (next(each for each in FACTS if isinstance(each, kind)) for kind in (MessageReceived, TurnClosed))


def sample(at: float, *, talking: int = 0, cpu: float = 0.0, memory: float = 50.0) -> Sample:
    return Sample(at=at, talking=talking, queued=talking, cpu_s={"dialogue": cpu}, memory_mb={"dialogue": memory})


@pytest.fixture
def crowd() -> Crowd:
    """Two conversations that ended well, of one turn each."""
    crowd = Crowd(Load())
    crowd.begun = crowd.finished = 2
    crowd.waited = [Waited(at=at, total_s=2.0 + at, window_s=1.0, turn=CLOSED) for at in (1.0, 2.0)]
    return crowd


def test_cpu_is_told_per_turn_and_growth_of_memory_from_the_second_half(crowd: Crowd) -> None:
    grown = (50.0, 90.0, 91.0, 92.0)
    looks = [sample(2.0 * nth, talking=nth, cpu=0.1 * nth, memory=memory) for nth, memory in enumerate(grown)]
    found = figures(crowd, Line(), looks)
    assert found["cpu_ms_per_turn"] == {"dialogue": 150.0}
    assert found["memory_mb"] == {"dialogue": {"at_end": 92.0, "growth_per_min": 30.0}}
    assert found["conversations"]["most_at_once"] == found["queued"]["most"] == 3
    assert (found["reply_s"]["p50"], found["reply_without_window_s"]["p50"]) == (3.5, 2.5)


@pytest.mark.parametrize("lost", ["unanswered", "refused"])
def test_a_single_lost_conversation_is_an_error(crowd: Crowd, lost: str) -> None:
    looks = [sample(0), sample(2)]
    assert is_good(figures(crowd, Line(), looks))
    setattr(crowd, lost, 1)
    assert not is_good(figures(crowd, Line(), looks))


def test_a_hop_is_timed_from_the_fact_that_caused_another() -> None:
    line = Line()
    first = Event.first(RECEIVED, key="1", source="ingress", subject="cnv_1", now=AT)
    second = first.causes(CLOSED, now=AT + timedelta(milliseconds=250))
    for event in (first, second):
        line.hear(type(event.data).routing_key(), event.model_dump_json().encode())
    assert line.hops == {"ingress.message_received → dialogue.turn_closed": [0.25]}
    assert line.conversations["cnv_1"].closed == [CLOSED]


def test_the_memory_of_a_process_is_counted_with_that_of_its_children() -> None:
    child = "memory = bytearray(b'.') * 60_000_000; print('there', flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        alone_mb = psutil.Process(process.pid).memory_info().rss / 1e6
        cpu_s, memory_mb = seen(psutil.Process(process.pid))
        process.communicate(b"\n")
    assert alone_mb < 60 < memory_mb
    assert cpu_s > 0


def test_percentiles_of_hardly_anything_are_not_told() -> None:
    assert percentiles([1.0]) == {}
    assert percentiles([1.0, 3.0])["mean"] == 2.0


@pytest.mark.parametrize("parts", [1, 2, 3, 100])
def test_a_message_in_parts_is_the_same_message(parts: int) -> None:
    for text in SCRIPT:
        assert " ".join(in_parts(text, parts)) == text
        assert len(in_parts(text, parts)) <= parts


def test_tables_and_chart_show_what_was_found(crowd: Crowd) -> None:
    looks = [sample(0), sample(2, talking=2, cpu=0.3), sample(4, cpu=0.4)]
    console = Console(width=120)
    with console.capture() as capture:
        console.print(*tables(figures(crowd, Line(), looks)))
    shown = capture.get()
    assert "2 conversations, 2 at once: 2 turns answered" in shown
    assert "dialogue" in shown
    drawn = chart(crowd.waited, looks)
    assert "reply (s)" in drawn
    assert "\x1b" not in drawn


async def test_a_broker_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "CONNECT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as hangs:  # takes a connection and never answers
        async with asyncio.timeout(20):
            with pytest.raises(TimeoutError):
                async with watching.listening(f"amqp://127.0.0.1:{hangs.getsockname()[1]}/"):
                    pass


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionRefusedError(), AMQPConnectionError(), ConnectError("x")])
def test_a_system_that_does_not_answer_is_one_clear_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def put(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("assistant.load.running.put", put)
    with pytest.raises(typer.Exit) as ended:
        loading.load(Home(Path("none"), Path()), Load(), model_ms=0, as_json=False)
    assert ended.value.exit_code == 1
    said = capsys.readouterr().err
    assert said == f"the system does not answer ({type(error).__name__}); see ./assistant status\n"
