"""A trace in the terminal: who did what, when, for how long."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from rich.markup import escape
from rich.table import Table

from assistant.launch import SAO_PAULO
from assistant.tracing.model import Recorded, in_order

BAR = 40
LONGEST_GAP_NS = 500_000_000
"""A time in which nothing happens is drawn no longer than this: a family may read the answer an hour later."""
COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green", "bright_magenta")


def table(spans: Sequence[Recorded], *, statements: bool) -> Table:
    """Draw the spans; SQL statements only when asked for, or when they failed."""
    shown = [each for each in in_order(spans) if statements or each[1].error or not each[1].is_statement]
    place = scale([span for _, span in shown])
    first = min(span.start for _, span in shown)
    began = datetime.fromtimestamp(first / 1e9, UTC).astimezone(SAO_PAULO)
    colours = dict(zip(dict.fromkeys(span.service for _, span in shown), COLOURS * 4, strict=False))
    drawn = Table("service", f"what ({began:%d/%m %H:%M:%S})", "", "at", "took", box=None, pad_edge=False)
    for depth, span in shown:
        colour = "red" if span.error else colours[span.service]
        left, right = place(span.start), place(span.end)
        bar = " " * left + "█" * max(right - left, 1)
        name = f"{'  ' * min(depth, 12)}{short(span.name)}{f' ✗ {span.error}' if span.error else ''}"
        drawn.add_row(
            f"[{colour}]{escape(span.service)}[/]",
            f"[red]{escape(name)}[/]" if span.error else escape(name),
            f"[{colour}]{bar:<{BAR + 1}}[/]",
            f"{(span.start - first) / 1e6:,.1f}",
            f"{span.ms:,.1f} ms",
        )
    return drawn


def short(name: str) -> str:
    """Leave out of a name what all facts' spans have, and the queue, which the service beside it tells."""
    verb, _, place = name.partition(" receptionist.events:")
    return f"{verb} {place.partition(':')[0]}" if place else name


def scale(spans: Sequence[Recorded]) -> Callable[[int], int]:
    """Return where on the bar a time is; long times in which nothing happens are cut short."""
    cuts: list[tuple[int, int]] = []  # (from when on, how much is cut away in all)
    until, cut = min(span.start for span in spans), 0
    first = until
    for span in sorted(spans, key=lambda each: each.start):
        if span.start - until > LONGEST_GAP_NS:
            cut += span.start - until - LONGEST_GAP_NS
            cuts.append((span.start, cut))
        until = max(until, span.end)
    whole = max(until - first - cut, 1)

    def place(at: int) -> int:
        away = max((amount for since, amount in cuts if since <= at), default=0)
        return round((at - first - away) * BAR / whole)

    return place
