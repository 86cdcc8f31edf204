"""One message, one trace, from the webhook to the read receipt; and nothing of a person in what is told of it."""

import json
import re
from typing import Any

import pytest
from assistant.testing_collector import Collector, attributes, points
from assistant.testing_system import Parent, System, until
from chassis.telemetry import page
from chassis.telemetry.declaring import ERROR, INSTRUMENTS, OPERATIONS

pytestmark = [pytest.mark.e2e, pytest.mark.stores]

PACKAGES = [f"{name}_service" for name in (
    "calendar", "dialogue", "frontdesk", "ingress", "llm_gateway", "postprocessor", "preprocessor", "rules",
)]  # fmt: skip
WAY = (
    ("ingress", "POST /webhooks/evolution"),
    ("preprocessor", "process receptionist.events:ingress.message_received.v1"),
    ("dialogue", "process receptionist.events:preprocessor.message_sanitized.v1"),
    ("dialogue", "timer turn"),
    ("dialogue", "dialogue.work"),
    ("dialogue", "ask rules.assess"),
    ("rules", "answer rules.assess"),
    ("rules", "process receptionist.events:dialogue.reply_proposed.v1"),
    ("postprocessor", "process receptionist.events:rules.reply_drafted.v1"),
    ("postprocessor", "postprocessor.prepare"),
    ("postprocessor", "postprocessor.deliver"),
    ("postprocessor", "POST /message/sendText"),
    ("postprocessor", "insert receipt"),
    ("frontdesk", "process receptionist.events:postprocessor.reply_delivered.v1"),
    ("frontdesk", "process receptionist.events:postprocessor.reply_read.v1"),
)
NAME, CHILD, EMAIL = "Quitéria", "Aderbal", "quiteria.exemplo@example.com"


def trace_of(system: System, message: str) -> list[dict[str, Any]]:
    told = system.assistant("trace", message, "--json", check=False)
    return list(json.loads(told.stdout)) if told.returncode == 0 else []


def missing(spans: list[dict[str, Any]]) -> list[tuple[str, str]]:
    had = {(span["service"], span["name"]) for span in spans}
    return [step for step in WAY if not any(service == step[0] and name.startswith(step[1]) for service, name in had)]


def roots(spans: list[dict[str, Any]]) -> list[str]:
    """Return the names of the spans whose parent is not there: each service writes down its own, in its own time."""
    known = {span["id"] for span in spans}
    return [span["name"] for span in spans if span["parent"] not in known]


def worked(spans: list[dict[str, Any]]) -> bool:
    return any(span["name"] == "dialogue.work" for span in spans)


def is_read(system: System, parent: Parent) -> None:
    system.http.post(f"{system.sandbox}/sandbox/chats/{parent.phone}/read").raise_for_status()


def test_one_trace_goes_from_the_webhook_to_the_read_receipt(steady: System, collector: Collector) -> None:
    parent = steady.parent()
    parent.ask("oi")
    message = parent.write("quanto custa matemática?")
    parent.reply_after(len(parent.received()))
    is_read(steady, parent)
    spans = until(
        lambda: (told := trace_of(steady, message)) and not missing(told) and roots(told) == [WAY[0][1]] and told,
        90,
        "the whole way, and of each span its parent",
    )
    (trace,) = {span["trace"] for span in spans}
    assert until(lambda: len(collector.trace(trace)) >= len(spans), 20, "the collector has it too")
    drawn = steady.assistant("trace", parent.phone).stdout  # of a phone: its last message
    assert trace in drawn
    assert "dialogue.work" in drawn
    timeline = steady.http.get(f"{steady.frontdesk}/api/v1/messages/{message}/timeline", headers=steady.bearer())
    assert timeline.json()["trace_id"] == trace


def test_a_turn_of_a_burst_links_to_each_of_its_messages_and_is_found_by_each(steady: System) -> None:
    parent = steady.parent()
    parent.ask("oi")
    first, last = parent.write("quanto custa"), parent.write("matemática e português?")
    parent.reply_after(len(parent.received()))
    by_last = until(lambda: (told := trace_of(steady, last)) and worked(told) and told, 90, "the turn")
    by_first = until(lambda: trace_of(steady, first), 20, "the first message's trace")
    turn = next(span for span in by_last if span["name"] == "dialogue.work")
    assert turn["id"] in {span["id"] for span in by_first}
    # Whichever of the two was the later to come in began the turn: webhooks are not sent one after the other.
    assert len({span["trace"] for span in (*by_first, *by_last)}) == 2


def test_nothing_of_a_person_is_in_spans_metrics_or_logs_and_all_that_is_told_is_declared(
    steady: System, collector: Collector
) -> None:
    parent = steady.parent(NAME)
    for text in (
        f"oi, sou a {NAME} Vasconcelos",
        f"quero saber de matemática pro meu filho {CHILD}, 8 anos, 3o ano",
        f"meu e-mail é {EMAIL}",
        "queria uma visita amanhã de tarde, rua das Palmeiras 77",
    ):
        parent.ask(text)
    before = len(collector.metrics)
    until(
        lambda: {"receptionist.queue.depth", "receptionist.dialogue.turns"} <= _names(collector, before), 60, "metrics"
    )
    page.page(PACKAGES)  # imports every declaration
    told = [*map(_span_as_text, collector.spans), *map(_metric_as_text, collector.metrics)]
    logs = [file.read_text(encoding="utf-8") for file in (steady.home / "log").glob("*.log") if _is_ours(file.stem)]
    kept = [file.read_text(encoding="utf-8") for file in (steady.home / "traces").glob("*.jsonl")]
    assert len(logs) >= 8
    assert kept
    digits = parent.phone.lstrip("+")
    secret = re.compile(
        rf"Quit.{{1,6}}ria|{CHILD}|Vasconcelos|exemplo@|Palmeiras|filho|{digits}|{digits[4:]}", re.IGNORECASE
    )
    found = [match[0] for text in (*told, *logs, *kept) for match in [secret.search(text)] if match]
    assert found == []
    assert _undeclared_spans(collector) == set()
    assert _undeclared_metrics(collector) == set()


def _names(collector: Collector, since: int) -> set[str]:
    return {metric.name for _, metric in collector.metrics[since:]}


def _is_ours(log: str) -> bool:
    return log not in {"sandbox", "postgresql", "rabbitmq", "redis", "supervisor"}


def _span_as_text(told: tuple[str, Any]) -> str:
    _, span = told
    return f"{span.name} {attributes(span)} {span.status.message} {[attributes(each) for each in span.links]}"


def _metric_as_text(told: tuple[str, Any]) -> str:
    _, metric = told
    return f"{metric.name} {[attributes(point) for point in points(metric)]}"


def _undeclared_spans(collector: Collector) -> set[tuple[str, str]]:
    declared = [(re.compile(_as_regex(name)), {*each.attributes, ERROR}) for name, each in OPERATIONS.items()]
    wrong = set()
    for _, span in list(collector.spans):
        fitting = [allowed for pattern, allowed in declared if pattern.fullmatch(span.name)]
        if not any(set(attributes(span)) <= allowed for allowed in fitting):
            wrong.add((span.name, str(sorted(attributes(span)))))
    return wrong


def _as_regex(declared: str) -> str:
    return re.sub(r"\\\{[^}]*\\\}", r".+?", re.escape(declared)).replace("\\ .+?", "(?: .+?)?")


def _undeclared_metrics(collector: Collector) -> set[str]:
    wrong = set()
    for _, metric in list(collector.metrics):
        declared = INSTRUMENTS.get(metric.name)
        used = {key for point in points(metric) for key in attributes(point)}
        if declared is None or not used <= set(declared.attributes):
            wrong.add(f"{metric.name} {sorted(used)}")
    return wrong
