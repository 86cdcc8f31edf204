"""What is kept of traces, what it costs when nobody takes it, and that it ends where it should."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from chassis import outbox
from chassis.outbox import carried, carrying
from chassis.telemetry import current_traceparent, declaring, foreign, shipping, span, spans, sql
from chassis.telemetry import keeping as keeping_module
from chassis.telemetry.declaring import Operation
from chassis.telemetry.keeping import HELD_SPANS, Bucket, Keeper
from chassis.telemetry.local import MOST_BYTES, Folder
from chassis.telemetry.shipping import TRACES, close, configure, sampler
from chassis.telemetry.spans import SLOW_NS, Span
from chassis.telemetry.telling import Telling
from opentelemetry import trace
from opentelemetry.trace import SpanKind

# Made by hand: what `signals` declares stands in docs/telemetry.md.
WORK, STEP = (
    Operation(name, name, "Work of a test.", (), SpanKind.INTERNAL, "some") for name in ("some.work", "some.step")
)


@pytest.fixture(autouse=True)
def nothing_stays_declared() -> Iterator[None]:
    yield
    for each in ("some.work", "some.step"):
        declaring.OPERATIONS.pop(each, None)


class Desk:
    """A keeper of its own, and what it shipped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, samples: bool) -> None:
        self.now = 1_000.0
        self.shipped: list[Span] = []
        self.told: list[int] = []
        self.keeper = Keeper(lambda: self.now)
        self.keeper.start(self.shipped.append, lambda _: samples)
        self.keeper.tell = self.told.append
        monkeypatch.setattr(spans, "keeper", self.keeper)
        monkeypatch.setattr(sql, "keeper", self.keeper)

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.shipped]


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, samples=True)


@pytest.fixture
def unsampled(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, samples=False)


def test_a_trace_that_is_sampled_is_shipped_span_by_span_and_says_so_to_the_next_hop(sampled: Desk) -> None:
    with span(WORK) as outer, span(STEP) as inner:
        assert current_traceparent() == f"00-{outer.of.id:032x}-{inner.span_id:016x}-01"
        assert trace.get_current_span() is inner
    assert sampled.names == ["some.step", "some.work"]
    assert inner.parent_id == outer.span_id
    assert inner.service == "some"


def test_a_trace_that_is_not_sampled_ships_nothing_while_all_is_well(unsampled: Desk) -> None:
    with span(WORK), span(STEP):
        assert (current_traceparent() or "").endswith("-00")
    assert unsampled.names == []


def test_an_error_keeps_what_came_before_it_and_what_comes_after(unsampled: Desk) -> None:
    with span(WORK) as outer:
        with span(STEP):
            pass
        with pytest.raises(KeyError), span(STEP):
            raise KeyError("Maria, 51 99999-0000")
        onward = current_traceparent() or ""
    assert unsampled.names == ["some.step", "some.step", "some.work"]
    assert unsampled.told == [outer.of.id]
    assert onward.endswith("-01")  # whoever works on it next keeps it too
    failed = unsampled.shipped[1]
    assert failed.attributes == {"error.type": "KeyError"}
    assert "Maria" not in repr(shipping.readable(failed, "some").to_json())


def test_work_that_was_taken_back_is_no_error(unsampled: Desk) -> None:
    with pytest.raises(asyncio.CancelledError), span(WORK):
        raise asyncio.CancelledError
    assert unsampled.names == []


def test_a_slow_hop_is_kept_and_a_slow_step_of_it_is_not_enough(unsampled: Desk) -> None:
    with span(WORK):
        step = span(STEP)
        step.end(step.start_ns + SLOW_NS + 1)
    assert unsampled.names == []
    hop = span(WORK)
    hop.end(hop.start_ns + SLOW_NS + 1)
    assert unsampled.names == ["some.work"]


def test_what_another_process_keeps_is_kept_here_before_and_after_it_comes(unsampled: Desk) -> None:
    with span(WORK) as mine:
        pass
    unsampled.keeper.keep_told(mine.of.id)
    assert unsampled.names == ["some.work"]
    unsampled.keeper.keep_told(77)
    with span(STEP, parent=f"00-{77:032x}-{5:016x}-00"):
        pass
    assert unsampled.names == ["some.work", "some.step"]
    assert unsampled.told == []  # what one was told is not told on


def test_a_hop_of_a_trace_that_was_decided_for_later_brings_what_was_held(unsampled: Desk) -> None:
    parent = f"00-{9:032x}-{5:016x}-"
    with span(WORK, parent=f"{parent}00"):
        pass
    with span(STEP, parent=f"{parent}01"):
        pass
    assert unsampled.names == ["some.work", "some.step"]


def test_what_nobody_decides_for_is_let_go_by_number_and_by_age(unsampled: Desk) -> None:
    for _ in range(HELD_SPANS + 50):
        span(WORK).end()
    assert unsampled.keeper._held <= HELD_SPANS
    unsampled.now += keeping_module.HELD_S + 1
    span(WORK).end()
    assert unsampled.keeper._held == 1


def test_when_everything_fails_a_part_of_it_is_kept(unsampled: Desk) -> None:
    for _ in range(1_000):
        with pytest.raises(OSError, match="away"), span(WORK):
            raise OSError("away")
    assert len(unsampled.shipped) == 2 * keeping_module.TROUBLES_PER_S


def test_all_is_kept_while_it_is_calm_and_a_few_a_second_under_load() -> None:
    now = 0.0
    bucket = Bucket(5.0, lambda: now)
    assert sum(bucket.take() for _ in range(100)) == 10
    now += 1
    assert sum(bucket.take() for _ in range(100)) == 5
    for _ in range(20):
        now += 0.5
        assert bucket.take()


@pytest.mark.parametrize(
    "name, argument, kept",
    [
        (None, None, 10),
        ("parentbased_rate", "1", 2),
        ("parentbased_always_on", None, 100),
        ("traceidratio", "0", 0),
        ("parentbased_traceidratio", "1.0", 100),
    ],
)
def test_the_standard_variable_chooses_what_is_kept(
    monkeypatch: pytest.MonkeyPatch, name: str | None, argument: str | None, kept: int
) -> None:
    for variable, value in (("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)):
        monkeypatch.setenv(variable, value) if value else monkeypatch.delenv(variable, raising=False)
    samples = sampler()
    assert samples
    assert sum(samples(each << 64 | each) for each in range(100)) == kept


def test_always_off_records_nothing_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    assert sampler() is None


@pytest.mark.parametrize("traceparent", ["", "00-zz-11-01", "nonsense", "00-" + "a" * 32])
def test_a_parent_that_cannot_be_read_begins_a_trace(sampled: Desk, traceparent: str) -> None:
    with span(WORK, parent=traceparent) as current:
        assert current.parent_id is None
    assert sampled.names == ["some.work"]


@pytest.mark.usefixtures("sampled")
def test_a_trace_is_foreign_that_is_not_the_running_one() -> None:
    with span(WORK) as mine:
        other = f"00-{1:032x}-{2:016x}-01"
        assert foreign(mine.traceparent) is None
        assert foreign(None) is None
        assert foreign(other) == other


@pytest.mark.parametrize(
    "statement, name",
    [
        ("select a\n from visits where b = $1", "select visits"),
        ("with x as (select 1 from a) insert into mailbox select 1 from x", "insert mailbox"),
        ("update timer set held_until = $1", "update timer"),
        ("delete from outbox where key = $1", "delete outbox"),
        ("BEGIN;", "begin"),
        ("select pg_notify($1, $2)", "select"),
    ],
)
def test_a_statement_is_named_after_what_it_does_and_where(statement: str, name: str) -> None:
    assert sql._told(statement)[0].name == name


@pytest.mark.usefixtures("sampled")
def test_the_local_store_has_whole_lines_and_is_bounded(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "traces", "some")
    with span(WORK, attributes={"receptionist.conversation": "cnv_1"}) as current:
        current.link(f"00-{7:032x}-{2:016x}-00")
    folder.export([current])
    (line,) = (tmp_path / "traces" / "some.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert told["trace"] == f"{current.of.id:032x}"
    assert told["attributes"] == {"receptionist.conversation": "cnv_1"}
    assert told["links"] == [f"{7:032x}"]
    while not (tmp_path / "traces" / "some.old.jsonl").exists():
        folder.export([current] * 5_000)
    for _ in range(10):
        folder.export([current] * 5_000)
    sizes = [file.stat().st_size for file in (tmp_path / "traces").iterdir()]
    assert len(sizes) == 2
    assert max(sizes) < MOST_BYTES + 5_000 * len(line) * 2


@pytest.mark.usefixtures("sampled")
def test_a_disk_that_is_full_ends_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "some")
    (tmp_path / "some.jsonl").mkdir()
    with span(WORK) as current:
        pass
    assert folder.export([current]).name == "FAILURE"


class Backend:
    """An OTLP endpoint: it refuses (nobody listens), or takes a request and never answers."""

    def __init__(self, *, hangs: bool) -> None:
        self.asked, self.answer = threading.Event(), threading.Event()
        backend = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                backend.asked.set()
                backend.answer.wait(60)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        if hangs:
            threading.Thread(target=self.server.serve_forever, daemon=True).start()
        else:
            self.server.server_close()

    def end(self) -> None:
        self.answer.set()
        if self.asked.is_set():
            self.server.shutdown()
            self.server.server_close()


@pytest.mark.parametrize("hangs", [False, True], ids=["refuses", "hangs"])
def test_a_backend_that_is_away_neither_stops_the_work_nor_holds_the_end_of_the_process(
    monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    backend = Backend(hangs=hangs)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", backend.url)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")  # its provider is one for all the tests of the process
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "600")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "600")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3")  # seconds; longer than `close` waits
    monkeypatch.delenv(TRACES, raising=False)
    configure("some")
    try:
        for _ in range(5_000):  # far more than the queue holds
            with span(WORK):
                pass
        if hangs:
            assert backend.asked.wait(30)
        close()
        assert not backend.answer.is_set()  # nobody waited for the answer
        with span(WORK):
            pass
    finally:
        backend.end()
        for thread in threading.enumerate():  # what still tries to send draws from `random`, under later tests
            if thread.name.startswith("OtelBatch"):
                thread.join(30)
                assert not thread.is_alive()


def test_without_an_address_and_a_folder_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OTEL_EXPORTER_OTLP_ENDPOINT", TRACES):
        monkeypatch.delenv(variable, raising=False)
    configure("some")
    with span(WORK) as current:
        assert not current.is_recording()
        assert current_traceparent()  # ids go along for the logs


def test_a_timer_goes_on_with_the_trace_in_which_it_was_armed_and_one_that_arms_itself_does_not(
    sampled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with span(WORK) as armed:
        payload = carrying("turn", {"failures": 1})
    assert carried(payload) == ({"failures": 1}, armed.traceparent)
    working: ContextVar[str | None] = ContextVar("timer", default="turn")
    monkeypatch.setattr(outbox, "_working", working)
    with span(WORK):
        assert carrying("turn", None) == {}
        assert carried(carrying("other", None))[1] is not None
    assert len(sampled.shipped) == 2


@pytest.mark.stores
async def test_what_one_process_keeps_for_an_error_the_others_keep_too(amqp_url: str) -> None:
    shipped: dict[str, list[Span]] = {"one": [], "other": []}
    keepers = {name: Keeper() for name in shipped}
    connection = await aio_pika.connect_robust(amqp_url)
    async with connection:
        for name, each in keepers.items():
            each.start(shipped[name].append, lambda _: False)
            await Telling(each).start(connection, name)
        begun = keepers["one"].begun()
        held = Span(WORK, keepers["other"].joined(begun.id, sampled=False))
        held.end_ns = held.start_ns
        keepers["other"].take(held)
        assert shipped["other"] == []
        keepers["one"].keep(begun)
        async with asyncio.timeout(20):
            while not shipped["other"]:
                await asyncio.sleep(0.01)
    assert shipped["other"] == [held]
