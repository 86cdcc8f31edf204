"""`replay` and `simulate` on the command line."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from assistant.home import Home
from assistant.progress import complain, out


def replay(home: Home, environment: Mapping[str, str], files: Sequence[Path], *, as_json: bool, repeat: int) -> None:
    """Play scenarios on the running system; exit 1 when one fails."""
    from assistant.replaying.running import CannotReplayError, replayed
    from assistant.scenarios.loading import ScenarioError, load

    try:
        scenarios = load(files)
    except ScenarioError as error:
        complain(str(error))
        raise typer.Exit(1) from error

    failed = total = 0
    begun = time.monotonic()

    def show(result: Any) -> None:
        nonlocal failed, total
        total, failed = total + 1, failed + (not result.passed)
        if as_json:
            print(json.dumps(result.as_json(), ensure_ascii=False), flush=True)
        else:
            _show(result)

    try:
        asyncio.run(replayed(home, environment, list(scenarios) * repeat, show))
    except CannotReplayError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    if not as_json:
        out.print(f"{total - failed} of {total} passed in {time.monotonic() - begun:.0f} s")
    raise typer.Exit(1 if failed else 0)


def _show(result: Any) -> None:
    out.print(f"{'[green]✓[/]' if result.passed else '[red]✗[/]'} ", end="")
    out.print(result.name, markup=False)
    for failure in result.failures:
        out.print(f"    {failure}", markup=False, style="red")
    if result.failures:
        for line in result.transcript:
            out.print(f"    {line.at[5:19]} {line.author}: {line.text}", markup=False, style="dim")


def simulate(conversations: int, seed: int, *, as_json: bool) -> None:
    """Run simulated parents in this process and report; exit 1 when an aim is missed."""
    from chassis.errors import BadConfiguration

    from assistant.simulation.report import figures, is_good, tables
    from assistant.simulation.running import simulate as run

    try:
        found = figures(list(run(conversations, seed)))
    except BadConfiguration as error:
        complain(str(error))
        raise typer.Exit(1) from error
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for part in tables(found):
            out.print(part)
    raise typer.Exit(0 if is_good(found) else 1)


def quality(home: Home, *, write: bool) -> None:
    """Print the figures as they stand in `docs/quality.md`, measured anew; or renew that file."""
    from chassis.errors import BadConfiguration

    from assistant import quality as measuring
    from assistant.scenarios.loading import ScenarioError

    file = home.project / "docs" / "quality.md"
    try:
        text = measuring.written(file, measuring.sections())
    except (ScenarioError, BadConfiguration) as error:
        complain(str(error))
        raise typer.Exit(1) from error
    if write:
        file.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
