"""The page of all declared spans, metrics and attributes: `python -m chassis.telemetry.page FILE PACKAGE…`."""

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from chassis.telemetry.declaring import ATTRIBUTES, INSTRUMENTS, OPERATIONS

HEAD = """# What the services tell of themselves

Printed from the declarations in the code, and held to them by `tests/test_telemetry.py`; renew it with
`python -m chassis.telemetry.page docs/telemetry.md $(ls -d services/*/*_service | xargs -n1 basename)`.

One trace goes from a webhook to the read receipt of its answer: the context travels in the envelope of every fact
(`traceparent`), through outbox, timers, retries and questions. A turn continues the trace of the message that completed
it and links to each of its messages; a receipt's own trace is linked from the fact that it leads to.

Kept are five new traces a second (all of them, as long as it is calm) and, whatever the sampling says, those with an
error, with a hop over 3 s, or with a fact that waited over 5 s in its queue
([ADR 0020](adr/0020-what-is-kept-of-traces.md)).
`OTEL_EXPORTER_OTLP_ENDPOINT` says where traces and metrics go (OTLP over HTTP); `OTEL_TRACES_SAMPLER`,
`OTEL_TRACES_SAMPLER_ARG`, `OTEL_SDK_DISABLED`, `OTEL_*_EXPORTER=none`, `OTEL_BSP_*`, `OTEL_METRIC_EXPORT_INTERVAL` and
`OTEL_RESOURCE_ATTRIBUTES` mean what the standard says. Under `./assistant up` the spans are also kept in
`$ASSISTANT_HOME/traces`, at most 10 MB a service, for `./assistant trace ID`.

Logs are JSON lines on standard output: `time, level, service, event` (a constant name), `trace_id` and `span_id` where
there is a trace, and ids. No name, number, address or text of a person is in any of this: errors are told by their
class, conversations by a pseudonym, SQL without its values, paths by their patterns.
"""


def page(packages: Iterable[str]) -> str:
    """Return the page for these services' packages, as Markdown."""
    for package in ("chassis", *packages):
        _import_all(package)
    rows = [HEAD, "## Spans", "", "| span | kind | what | attributes |", "|---|---|---|---|"]
    for operation in sorted(OPERATIONS.values(), key=lambda each: (each.service or "", each.pattern)):
        kind = operation.kind.name.lower()
        rows.append(f"| `{operation.pattern}` | {kind} | {_says(operation)} | {_names(operation.attributes)} |")
    rows += ["", "## Metrics", "", "| metric | kind | unit | what | attributes |", "|---|---|---|---|---|"]
    for made in sorted(INSTRUMENTS.values(), key=lambda each: (each.service or "", each.name)):
        rows.append(f"| `{made.name}` | {made.kind} | `{made.unit}` | {_says(made)} | {_names(made.attributes)} |")
    rows += ["", "## Attributes", "", "| attribute | what |", "|---|---|"]
    rows += [f"| `{name}` | {says} |" for name, says in sorted(ATTRIBUTES.items())]
    return "\n".join(rows) + "\n"


def _says(declared: "object") -> str:
    service, says = getattr(declared, "service", None), str(getattr(declared, "says", ""))
    return f"{service}: {says[0].lower()}{says[1:]}" if service else says


def _names(attributes: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in attributes)


def _import_all(package: str) -> None:
    """Import every module that may declare something."""
    root = import_module(package)
    for module in walk_packages(root.__path__, f"{package}."):
        name = module.name.rpartition(".")[2]
        if not name.startswith(("__", "test")) and not (package == "chassis" and name in {"asyncapi", "testing"}):
            import_module(module.name)


def main() -> None:
    """Write the page."""
    file, *packages = sys.argv[1:]
    Path(file).write_text(page(packages), encoding="utf-8")


if __name__ == "__main__":
    main()
