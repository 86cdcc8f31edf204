"""What `docs/quality.md` says: how messages are read, scenarios and simulated parents do, measured now, right here."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant import reading_quality
from assistant.rehearsal import Rehearsal, the_unit
from assistant.scenarios.loading import load
from assistant.scenarios.playing import Result, play
from assistant.simulation.report import figures
from assistant.simulation.running import simulate

TIMES = 4
CONVERSATIONS, SEED = 500, 1
HEAD = """# Quality

Figures, and the commands that print them. `assistant quality --write` renews its own sections here.
"""


def sections() -> dict[str, str]:
    """Measure; return Markdown by heading. Raises `ScenarioError`, `BadConfiguration`."""
    return {"Scenarios": _scenarios(), "Simulated parents": _simulated(), "Understanding": _understanding()}


def written(into: Path, measured: dict[str, str]) -> str:
    """Return a file's text with these sections renewed; its other sections stay as they are."""
    before = into.read_text(encoding="utf-8") if into.exists() else HEAD
    head, *parts = re.split(r"^## ", before, flags=re.MULTILINE)
    kept = {part.split("\n", 1)[0].strip(): part.split("\n", 1)[1].strip() for part in parts}
    every = {**kept, **measured}
    return head.rstrip() + "\n" + "".join(f"\n## {name}\n\n{text.strip()}\n" for name, text in every.items())


def scenario_folder(project: Path) -> Path:
    """Return where the project's scenarios are."""
    return project / "tests" / "e2e" / "scenarios"


def _scenarios() -> str:
    from assistant.home import project_folder

    results = asyncio.run(_played(scenario_folder(project_folder())))
    names = {result.name for result in results}
    failed = {result.name for result in results if not result.passed}
    lines = [
        "`assistant replay tests/e2e/scenarios` plays them on the running system, `tests/test_scenarios.py` here.",
        "",
        f"{len(names) - len(failed)} of {len(names)} scenarios pass {TIMES} times in a row, with other wordings.",
        *(f"- fails: {name}" for name in sorted(failed)),
    ]
    return "\n".join(lines)


async def _played(folder: Path) -> list[Result]:
    unit = the_unit()
    unit.warm()
    return [
        await play(scenario, Rehearsal.of(scenario, unit, nth)) for scenario in load([folder]) for nth in range(TIMES)
    ]


def _understanding() -> str:
    from dialogue_service.understanding.classifier import default_classifier

    from assistant.home import project_folder

    return reading_quality.section(project_folder(), default_classifier())


def _simulated() -> str:
    found = figures(list(simulate(CONVERSATIONS, SEED)))
    rate = found["booked_of_those_who_want_a_visit"]
    lines = [
        f"`assistant simulate --conversations {CONVERSATIONS} --seed {SEED}` (the same seed, the same run; no AI).",
        "",
        f"- book a visit, of those who want one: **{rate:.1%}** (aim: at least 95 %)",
        f"- asked about something already said: **{_counted(found['asked_again'])}** (aim: never)",
        f"- wrong price, place, day or slot, English or empty text, blocked draft: **{_counted(found['violations'])}**",
        f"- longest conversation: {found['longest_turns']} turns (aim: at most 25)",
        "",
        "| persona | conversations | outcomes | turns to booking, median |",
        "|---|---|---|---|",
        *_rows(found["personas"]),
        "",
        "Worst five: "
        + "; ".join(f"{bad['number']} ({bad['persona']}, {bad['turns']} turns)" for bad in found["worst"])
        + ".",
    ]
    return "\n".join(lines)


def _rows(personas: dict[str, Any]) -> Sequence[str]:
    rows = []
    for name, own in personas.items():
        outcomes = ", ".join(f"{outcome} {count}" for outcome, count in own["outcomes"].items())
        turns = own["turns_to_booking_median"]
        rows.append(f"| {name} | {own['conversations']} | {outcomes} | {'–' if turns is None else f'{turns:g}'} |")
    return rows


def _counted(what: dict[str, int]) -> str:
    return ", ".join(f"{name} × {count}" for name, count in what.items()) or "never"
