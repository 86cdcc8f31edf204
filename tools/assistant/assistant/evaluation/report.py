"""The comparison, as figures and as tables."""

from collections.abc import Sequence
from statistics import mean, quantiles
from typing import Any

from rich.table import Table

from assistant.evaluation.measuring import Run


def figures(alone: Run, helped: Run) -> dict[str, Any]:
    """Return the JSON object of `evaluate --json`; times in seconds, money in BRL, shares 0–1."""
    return {
        "scenarios": len(alone.names),
        "passed": {"without": len(alone.names) - len(alone.failures), "with": len(helped.names) - len(helped.failures)},
        "gained": sorted(set(alone.failures) - set(helped.failures)),
        "lost": {name: helped.failures[name] for name in sorted(set(helped.failures) - set(alone.failures))},
        "turns": helped.turns,
        "questions": helped.asked,
        "share_of_turns_that_asked": _share(helped.asked, helped.turns),
        "routes": dict(helped.routes),
        "what_the_model_did": dict(helped.reasons.most_common()),
        "blocked_by_review": dict(helped.blocked),
        "tokens_per_question": {
            "read": _share(helped.spent.input_tokens, helped.asked),
            "written": _share(helped.spent.output_tokens, helped.asked),
        },
        "brl": {
            "total": round(float(helped.spent.brl), 4),
            "per_question": round(float(helped.spent.brl) / helped.asked, 6) if helped.asked else None,
            "per_conversation": round(float(helped.spent.brl) / len(helped.names), 6) if helped.names else None,
        },
        "latency_s": {
            "turns_without": _times(alone.work_s),
            "turns_with": _times(helped.work_s),
            "turns_that_asked": _times(helped.ai_work_s),
            "answers_of_the_model": _times(helped.answer_s),
        },
    }


def tables(found: dict[str, Any]) -> list[Table | str]:
    """Return what `evaluate` prints."""
    table = Table("", "without a model", "with it", title="Scenarios", title_justify="left")
    table.add_row("passed", *(f"{found['passed'][side]} of {found['scenarios']}" for side in ("without", "with")))
    latency = found["latency_s"]
    table.add_row("mean of a turn", _s(latency["turns_without"], "mean"), _s(latency["turns_with"], "mean"))
    table.add_row("95 % of turns within", _s(latency["turns_without"], "p95"), _s(latency["turns_with"], "p95"))
    share, tokens = found["share_of_turns_that_asked"] or 0, found["tokens_per_question"]
    asking = f"turns that asked the model: {found['questions']} of {found['turns']} ({100 * share:.1f} %)"
    cost = found["brl"]
    lines = [
        f"{asking}, mean {_s(latency['turns_that_asked'], 'mean')}",
        f"tokens per question: {tokens['read'] or 0:.0f} read, {tokens['written'] or 0:.0f} written",
        f"cost: R$ {cost['total']:.4f}, R$ {cost['per_conversation'] or 0:.4f} a conversation",
        "what the model did: " + (", ".join(f"{k} {n}" for k, n in found["what_the_model_did"].items()) or "nothing"),
        "replaced by review: " + (", ".join(f"{k} {n}" for k, n in found["blocked_by_review"].items()) or "nothing"),
        *(f"[green]gained[/] {name}" for name in found["gained"]),
        *(f"[red]lost[/] {name}: {'; '.join(failures)}" for name, failures in found["lost"].items()),
    ]
    return [table, *lines]


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _times(seconds: Sequence[float]) -> dict[str, float] | None:
    if not seconds:
        return None
    p95 = quantiles(seconds, n=20)[18] if len(seconds) > 1 else seconds[0]
    return {"mean": round(mean(seconds), 4), "p95": round(p95, 4), "most": round(max(seconds), 4)}


def _s(times: dict[str, float] | None, key: str) -> str:
    return f"{times[key]:.3f} s" if times else "–"
