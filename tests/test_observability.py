"""Dashboards and alert rules ask for what the services tell, and every runbook link leads somewhere."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from chassis.telemetry import page
from chassis.telemetry.declaring import INSTRUMENTS, Instrument

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "deploy/observability"
PACKAGES = sorted(folder.name for folder in ROOT.glob("services/*/*_service"))
UNITS = {"s": "_seconds", "BRL": "_BRL"}
KEYWORDS = {
    "absent", "and", "bool", "by", "clamp_min", "count", "histogram_quantile", "ignoring", "increase",
    "last_over_time", "max", "min", "on", "or", "rate", "sum", "unless", "vector", "without",
}  # fmt: skip


def alerts() -> list[dict[str, Any]]:
    document = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def queries() -> Iterator[tuple[str, str]]:
    for rule in alerts():
        yield rule["alert"], rule["expr"]
    for file in sorted((FOLDER / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                yield f"{file.stem}: {panel['title']}", target["expr"]


def series(made: Instrument) -> set[str]:
    """Return a metric's names at Prometheus. Source: OpenTelemetry's Prometheus compatibility, with suffixes."""
    name = made.name.replace(".", "_") + UNITS.get(made.unit, "")
    match made.kind:
        case "counter":
            return {f"{name}_total"}
        case "histogram":
            return {f"{name}_bucket", f"{name}_count", f"{name}_sum"}
        case _:
            return {name}


def known() -> dict[str, set[str]]:
    """Return the labels of every series that there is."""
    page.page(PACKAGES)
    return {
        name: {attribute.replace(".", "_") for attribute in made.attributes} | {"le", "job", "instance"}
        for made in INSTRUMENTS.values()
        for name in series(made)
    }


def asked(query: str) -> tuple[set[str], set[str]]:
    """Return the series and the labels that a query names."""
    labels = {
        label for matchers in re.findall(r"\{([^}]*)\}", query) for label in re.findall(r"(\w+)\s*[=!]", matchers)
    }
    labels |= {label for group in re.findall(r"\b(?:by|without)\s*\(([^)]*)\)", query) for label in group.split(", ")}
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without)\s*\([^)]*\)", " ", query)
    return set(re.findall(r"\b[a-zA-Z_]\w*\b", bare)) - KEYWORDS, {label.strip() for label in labels}


@pytest.mark.parametrize("where, query", list(queries()))
def test_a_query_asks_for_what_the_services_tell(where: str, query: str) -> None:
    there = known()
    names, labels = asked(query)
    assert names, where
    assert names <= set(there)
    assert labels <= set().union(*(there[name] for name in names))


def test_the_dashboards_are_those_that_are_promised() -> None:
    assert {file.stem for file in (FOLDER / "dashboards").glob("*.json")} == {
        "line",
        "dependencies",
        "business",
        "spend",
    }


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_what_is_wrong_and_leads_to_a_heading_of_the_runbook(rule: dict[str, Any]) -> None:
    file, _, heading = rule["annotations"]["runbook_url"].partition("#")
    assert f"\n## {heading}\n" in (ROOT / file).read_text(encoding="utf-8")
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"critical", "warning"}


def test_every_alert_is_raised_by_what_it_is_for_and_by_nothing_less() -> None:
    trial = FOLDER / "alerts.test.yaml"
    tried = [each for group in yaml.safe_load(trial.read_text("utf-8"))["tests"] for each in group["alert_rule_test"]]
    for rule in alerts():
        assert {bool(each["exp_alerts"]) for each in tried if each["alertname"] == rule["alert"]} == {True, False}
    try_them = ["promtool", "test", "rules", trial.name]
    done = subprocess.run(try_them, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_that_can_be_away_leads_to_sections_of_the_runbook() -> None:
    runbook = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
    table = (ROOT / "docs/degradation.md").read_text(encoding="utf-8").partition("\n\n**")[0]
    away = re.findall(r"^\| ([^|]+?) [●○◆] \|", table, re.MULTILINE)
    led = dict(re.findall(r"^\| ([^|]+?) \| (`[^|]+`) \|$", runbook, re.MULTILINE))
    assert away
    assert list(led) == away
    sections = set(re.findall(r"^## (.+)$", runbook, re.MULTILINE))
    assert {section for named in led.values() for section in re.findall(r"`(.+?)`", named)} <= sections


def test_compose_adds_to_each_service_where_it_tells_and_mounts_only_what_is_there() -> None:
    compose = yaml.safe_load((ROOT / "compose.observability.yml").read_text(encoding="utf-8"))
    told = {name for name, each in compose["services"].items() if "OTEL_EXPORTER_OTLP_ENDPOINT" in str(each)}
    assert told == {package.removesuffix("_service").replace("_", "-") for package in PACKAGES}
    mounts = [mount for each in compose["services"].values() for mount in each.get("volumes", [])]
    ours = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert ours
    assert [path for path in ours if not (ROOT / path).exists()] == []


def test_the_collector_sends_every_signal_somewhere_that_compose_runs() -> None:
    compose = yaml.safe_load((ROOT / "compose.observability.yml").read_text(encoding="utf-8"))
    collector = yaml.safe_load((FOLDER / "collector.yaml").read_text(encoding="utf-8"))
    pipelines = collector["service"]["pipelines"]
    assert set(pipelines) == {"traces", "metrics", "logs"}
    for pipeline in pipelines.values():
        assert set(pipeline["receivers"]) <= set(collector["receivers"])
        assert set(pipeline["processors"]) <= set(collector["processors"])
        for exporter in pipeline["exporters"]:
            host = re.sub(r"^https?://", "", collector["exporters"][exporter]["endpoint"]).split(":")[0]
            assert host in compose["services"]
