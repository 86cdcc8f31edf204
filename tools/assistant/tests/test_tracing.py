"""`assistant trace`: what is found, wherever it is kept, and how it is drawn."""

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from assistant.commands import tracing
from assistant.home import Home
from assistant.tracing import backend, finding, local, waterfall
from assistant.tracing.model import Recorded, in_order
from rich.console import Console
from typer import Exit

TRACE, OTHER = "a" * 32, "b" * 32
MS = 1_000_000


def a_line(span: str, parent: str | None = None, *, start: int = 0, **more: Any) -> dict[str, Any]:
    line = {"trace": TRACE, "span": span, "parent": parent, "service": "dialogue", "name": f"work {span}"}
    line |= {"kind": "internal", "start": start * MS, "end": (start + 5) * MS, "error": None}
    return {**line, "attributes": {}, "links": [], **more}


def kept(folder: Path, *lines: dict[str, Any], name: str = "dialogue.jsonl") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return folder


def names(spans: list[Recorded]) -> list[str]:
    return [span.name for _, span in in_order(spans)]


def test_a_trace_is_read_from_all_files_together_with_those_that_link_to_it(tmp_path: Path) -> None:
    folder = kept(tmp_path / "traces", a_line("1"), a_line("9", trace="c" * 32))
    kept(folder, a_line("2", "1", start=1), name="rules.jsonl")
    kept(folder, a_line("3", trace=OTHER, links=[TRACE], start=2), a_line("4", "3", trace=OTHER), name="b.old.jsonl")
    assert names(local.spans_of(folder, {TRACE})) == ["work 1", "work 2", "work 3", "work 4"]


def test_half_a_line_at_the_end_of_a_file_is_passed_over(tmp_path: Path) -> None:
    folder = kept(tmp_path, a_line("1"))
    with (folder / "dialogue.jsonl").open("a") as file:
        file.write(json.dumps(a_line("2"))[:-20])
    assert names(local.spans_of(folder, {TRACE})) == ["work 1"]


def test_a_conversation_or_a_fact_is_found_by_its_id(tmp_path: Path) -> None:
    told = {"receptionist.conversation": "cnv_1"}
    folder = kept(tmp_path, a_line("1", attributes=told), a_line("2", trace=OTHER, start=9, attributes=told))
    assert local.traces_of(folder, "cnv_1") == [TRACE, OTHER]
    assert local.traces_of(folder, "cnv_2") == []


def answers(told: dict[str, Any]) -> finding.Get:
    return told.get


def test_a_message_is_found_by_its_timeline_and_a_phone_by_its_last_message() -> None:
    asked = answers(
        {
            "messages/3AF/timeline": {"trace_id": TRACE},
            "messages/last/timeline": {"trace_id": OTHER},
            "contacts/%2B5551999990000": {
                "messages": [
                    {"id": "first", "direction": "in"},
                    {"id": "last", "direction": "in"},
                    {"id": "reply", "direction": "out"},
                ]
            },
        }
    )
    assert finding.traces_of("3AF", asked) == {TRACE}
    assert finding.traces_of("+5551999990000", asked) == {OTHER}
    assert finding.traces_of("unknown", asked) == set()
    assert finding.traces_of("5551888880000", asked) == set()


JAEGER = {
    "data": [
        {
            "processes": {"p1": {"serviceName": "ingress"}},
            "spans": [
                {
                    "traceID": TRACE,
                    "spanID": "01",
                    "operationName": "POST /webhooks/evolution",
                    "processID": "p1",
                    "startTime": 1_000,
                    "duration": 2_000,
                    "references": [],
                    "tags": [{"key": "span.kind", "value": "server"}],
                },
                {
                    "traceID": TRACE,
                    "spanID": "02",
                    "operationName": "send",
                    "processID": "p1",
                    "startTime": 1_500,
                    "duration": 1_000,
                    "references": [
                        {"refType": "CHILD_OF", "traceID": TRACE, "spanID": "01"},
                        {"refType": "FOLLOWS_FROM", "traceID": OTHER, "spanID": "09"},
                    ],
                    "tags": [{"key": "error", "value": True}, {"key": "error.type", "value": "Unavailable"}],
                },
            ],
        }
    ]
}
TEMPO = {
    "batches": [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "ingress"}}]},
            "scopeSpans": [
                {
                    "spans": [
                        {
                            "traceId": "qqqqqqqqqqqqqqqqqqqqqg==",
                            "spanId": "AQAAAAAAAAA=",
                            "name": "POST /webhooks/evolution",
                            "kind": "SPAN_KIND_SERVER",
                            "startTimeUnixNano": "1000000",
                            "endTimeUnixNano": "3000000",
                        },
                        {
                            "traceId": TRACE,
                            "spanId": "0200000000000000",
                            "parentSpanId": "AQAAAAAAAAA=",
                            "name": "send",
                            "kind": "SPAN_KIND_PRODUCER",
                            "startTimeUnixNano": "1500000",
                            "endTimeUnixNano": "2500000",
                            "status": {"code": "STATUS_CODE_ERROR", "message": "Unavailable"},
                            "links": [{"traceId": OTHER, "spanId": "0900000000000000"}],
                        },
                    ]
                }
            ],
        }
    ]
}


@pytest.fixture(params=[JAEGER, TEMPO], ids=["Jaeger", "Tempo"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == f"/api/traces/{TRACE}"
            body = json.dumps(request.param if found else {}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_both_backends_tell_the_same_of_a_trace(url: str) -> None:
    first, second = (span for _, span in in_order(backend.spans_of(url, {TRACE, OTHER})))
    assert (first.service, first.name, first.ms, first.parent) == ("ingress", "POST /webhooks/evolution", 2.0, None)
    assert (second.name, second.ms, second.error) == ("send", 1.0, "Unavailable")
    assert second.parent == first.id
    assert second.links == (OTHER,)
    assert second.trace == TRACE


def test_the_front_desk_is_asked_without_a_proxy_and_knows_no_endless_id(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    get = finding.front_desk(url, "token")
    assert get("nothing") is None
    assert finding.traces_of("a" * 100_000, get) == set()


def drawn(spans: list[Recorded], *, statements: bool = False) -> str:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(waterfall.table(spans, statements=statements))
    return console.export_text()


def a_span(nth: str, parent: str | None, name: str, start: int, ms: int, **more: Any) -> Recorded:
    return Recorded(TRACE, nth, parent, "dialogue", name, start * MS, (start + ms) * MS, **more)


def test_the_waterfall_shows_children_under_their_parents_and_statements_only_when_asked_or_failed() -> None:
    spans = [
        a_span("1", None, "POST /webhooks/evolution", 0, 50),
        a_span("2", "1", "process receptionist.events:a.b.v1:c.a.b.v1", 10, 20),
        a_span("3", "2", "select visits", 11, 1, kind="client"),
        a_span("4", "2", "insert visits", 12, 1, kind="client", error="Deadlock"),
    ]
    text = drawn(spans)
    assert "  process a.b.v1 " in text
    assert "select visits" not in text
    assert "insert visits ✗ Deadlock" in text
    assert "select visits" in drawn(spans, statements=True)


def test_an_hour_in_which_nothing_happens_does_not_push_the_rest_together() -> None:
    spans = [a_span("1", None, "asked", 0, 400), a_span("2", "1", "read", 3_600_000, 400)]
    place = waterfall.scale(spans)
    assert place(0) == 0
    assert place(400 * MS) > 10
    assert place(3_600_400 * MS) == waterfall.BAR


def test_the_command_prints_json_in_order_and_ends_with_1_when_nothing_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path, tmp_path)
    kept(home.traces, a_line("2", "1", start=1), a_line("1"))
    tracing.trace(home, {}, TRACE, as_json=True, statements=False)
    told = json.loads(capsys.readouterr().out)
    assert [(span["name"], span["parent"]) for span in told] == [("work 1", None), ("work 2", "1")]
    assert {"service", "name", "start", "ms", "parent"} <= set(told[0])
    assert told[0]["start"].endswith("-03:00")
    with pytest.raises(Exit) as ended:
        tracing.trace(home, {}, OTHER, as_json=True, statements=False)
    assert ended.value.exit_code == 1


def test_a_backend_that_is_away_leaves_the_local_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path, tmp_path)
    kept(home.traces, a_line("1"))
    for away in ("http://127.0.0.1:9", "http://[::1", "nonsense"):
        tracing.trace(home, {"TRACES_URL": away}, TRACE, as_json=True, statements=False)
        assert json.loads(capsys.readouterr().out)[0]["name"] == "work 1"
