"""Figures of a load, and how they look in a terminal."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import plotext
from rich.table import Table

from assistant.load.sampling import Sample
from assistant.load.talking import Crowd, Waited
from assistant.load.watching import Line

SHARES = (50, 95, 99)
NOTICED_HOPS = 20
"""A hop that was made less often says nothing about its 99th percentile."""


def figures(crowd: Crowd, line: Line, samples: Sequence[Sample]) -> dict[str, Any]:
    """Return what `assistant load --json` prints: seconds where a name ends in `_s`, else as the name says."""
    first, last = samples[0], samples[-1]
    turns = len(crowd.waited)
    return {
        "conversations": {
            "begun": crowd.begun,
            "finished": crowd.finished,
            "unanswered": crowd.unanswered,
            "refused": crowd.refused,
            "most_at_once": max(sample.talking for sample in samples),
        },
        "turns": turns,
        "turns_per_s": round(turns / (last.at - first.at), 2),
        "reply_s": percentiles(each.total_s for each in crowd.waited),
        "reply_without_window_s": percentiles(each.total_s - each.window_s for each in crowd.waited),
        "routes": {route: _routed(crowd.waited, route) for route in ("template", "llm", "fallback")},
        "hops_s": {hop: percentiles(took) for hop, took in sorted(line.hops.items()) if len(took) >= NOTICED_HOPS},
        "queued": {"most": max(sample.queued for sample in samples), "at_end": last.queued},
        "cpu_ms_per_turn": {
            name: round((last.cpu_s[name] - first.cpu_s[name]) * 1e3 / max(turns, 1), 2)
            for name in first.cpu_s.keys() & last.cpu_s.keys()
        },
        "memory_mb": {
            name: {"at_end": round(last.memory_mb[name], 1), "growth_per_min": round(slope(samples, name) * 60, 2)}
            for name in sorted(first.memory_mb.keys() & last.memory_mb.keys())
        },
    }


def percentiles(values: Iterable[float]) -> dict[str, float]:
    """Return mean, p50, p95 and p99 to a tenth of a millisecond; nothing for fewer than two values."""
    known = list(values)
    if len(known) < 2:
        return {}
    cuts = statistics.quantiles(known, n=100, method="inclusive")
    return {"mean": round(statistics.mean(known), 4)} | {f"p{share}": round(cuts[share - 1], 4) for share in SHARES}


def slope(samples: Sequence[Sample], name: str) -> float:
    """Return by how many MB a second the memory of a process grew, in the second half of the load.

    The first half fills caches and pools.
    """
    half = [each for each in samples[len(samples) // 2 :] if name in each.memory_mb]
    if len(half) < 2:
        return 0.0
    return statistics.linear_regression([each.at for each in half], [each.memory_mb[name] for each in half]).slope


def is_good(found: Mapping[str, Any]) -> bool:
    """Whether everybody got every reply."""
    told = found["conversations"]
    return bool(told["begun"] and not told["unanswered"] and not told["refused"])


def tables(found: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield what people read."""
    told = found["conversations"]
    yield (
        f"{told['begun']} conversations, {told['most_at_once']} at once: {found['turns']} turns answered, "
        f"{found['turns_per_s']} a second; {told['unanswered']} unanswered, {told['refused']} refused; "
        f"at most {found['queued']['most']} messages in queues"
    )
    waits = {"reply": found["reply_s"], "without the burst window": found["reply_without_window_s"], **found["hops_s"]}
    yield _table("seconds", ("mean", *(f"p{share}" for share in SHARES)), waits)
    costs = {
        name: {"CPU ms a turn": cpu, **found["memory_mb"].get(name, {})}
        for name, cpu in sorted(found["cpu_ms_per_turn"].items(), key=lambda each: -each[1])
    }
    yield _table("process", ("CPU ms a turn", "at_end", "growth_per_min"), costs, MEMORY_TITLES)


MEMORY_TITLES = {"at_end": "MB at the end", "growth_per_min": "MB more a minute"}


def _table(
    title: str, columns: Sequence[str], rows: Mapping[str, Mapping[str, float]], titles: Mapping[str, str] | None = None
) -> Table:
    table = Table(title, *((titles or {}).get(column, column) for column in columns))
    for name, row in rows.items():
        table.add_row(name, *(f"{row[column]:.3g}" if column in row else "–" for column in columns))
    return table


def chart(waited: Sequence[Waited], samples: Sequence[Sample]) -> str:
    """Draw each reply's time without its burst window, and the conversations under way, over the load's time."""
    begun = samples[0].at
    plotext.clear_figure()
    plotext.plot_size(100, 24)
    plotext.theme("clear")
    plotext.scatter(
        [each.at - begun for each in waited], [each.total_s - each.window_s for each in waited], label="reply (s)"
    )
    plotext.plot(
        [each.at - begun for each in samples], [each.talking for each in samples], label="at once", yside="right"
    )
    plotext.xlabel("seconds since the load began")
    return str(plotext.uncolorize(plotext.build()))


def _routed(waited: Iterable[Waited], route: str) -> int:
    return sum(each.turn.route == route for each in waited)
