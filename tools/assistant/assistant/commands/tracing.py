"""`trace` on the command line."""

import json
from collections.abc import Mapping

import httpx
import typer

from assistant import accounts
from assistant.home import Home
from assistant.plan import read_plan
from assistant.progress import complain, out
from assistant.readiness import base_url
from assistant.tracing import backend, finding, local, waterfall
from assistant.tracing.model import Recorded, in_order


def trace(home: Home, environment: Mapping[str, str], wanted: str, *, as_json: bool, statements: bool) -> None:
    """Print the spans of a message, a phone, a conversation or a trace; exit 1 when there are none."""
    traces, why = _traces(home, environment, wanted)
    spans = _spans(home, environment, traces) if traces else []
    if not spans:
        complain(why or f"nothing is kept of {wanted} (see docs/telemetry.md for what is)")
        raise typer.Exit(1)
    if as_json:
        print(json.dumps([span.as_json() for _, span in in_order(spans)], ensure_ascii=False, indent=1))
        return
    out.print(waterfall.table(spans, statements=statements))
    out.print(f"[dim]trace {', '.join(sorted({span.trace for span in spans}))}, {len(spans)} spans[/]")


def _traces(home: Home, environment: Mapping[str, str], wanted: str) -> tuple[set[str], str | None]:
    """Return the traces, and why there may be none."""
    if finding.TRACE.fullmatch(wanted):
        return {wanted}, None
    why, plan = None, read_plan(home)
    if plan is not None and "frontdesk" in plan.ports and not wanted.startswith("cnv_"):
        get = finding.front_desk(base_url(plan, "frontdesk"), accounts.token(home, environment, "owner"))
        try:
            if found := finding.traces_of(wanted, get):
                return found, None
        except finding.NotAskedError as error:
            why = str(error)
    return set(local.traces_of(home.traces, wanted)[-1:]), why


def _spans(home: Home, environment: Mapping[str, str], traces: set[str]) -> list[Recorded]:
    if url := environment.get("TRACES_URL"):
        try:
            return backend.spans_of(url, traces)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError, AttributeError) as error:
            complain(
                f"TRACES_URL does not answer as Jaeger or Tempo do ({type(error).__name__}), so the local store is read"
            )
    return local.spans_of(home.traces, traces)
