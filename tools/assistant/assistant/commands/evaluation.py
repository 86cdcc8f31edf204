"""`evaluate` on the command line."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import typer

from assistant.home import Home
from assistant.progress import complain, out

Model = Literal["scripted", "real"]


def evaluate(
    home: Home,
    files: Sequence[Path],
    model: Model,
    *,
    delay_ms: int,
    as_json: bool,
) -> None:
    """Play scenarios without a model and with one, and compare; exit 1 when one passes only without."""
    from chassis.errors import BadConfiguration

    from assistant.evaluation.real import CannotEvaluateError
    from assistant.evaluation.report import tables
    from assistant.scenarios.loading import ScenarioError

    try:
        found = asyncio.run(_compared(home, files, model, delay_ms / 1000))
    except (ScenarioError, BadConfiguration, CannotEvaluateError) as error:
        complain(str(error))
        raise typer.Exit(1) from error
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for part in tables(found):
            out.print(part)
    raise typer.Exit(1 if found["lost"] else 0)


async def _compared(home: Home, files: Sequence[Path], model: Model, delay_s: float) -> dict[str, Any]:
    from assistant.evaluation.measuring import measure
    from assistant.evaluation.real import gateway, unmetered
    from assistant.evaluation.report import figures
    from assistant.evaluation.scripted import Scripted, metered
    from assistant.rehearsal import the_unit
    from assistant.scenarios.loading import load

    scenarios, unit = load(files), the_unit()
    unit.warm()
    alone = await measure(scenarios, unit, None, metered)
    if model == "scripted":
        return figures(alone, await measure(scenarios, unit, Scripted(delay_s), metered))
    async with gateway(home) as (ask, ledger):
        helped = await measure(scenarios, unit, ask, unmetered)
        helped.spent = ledger.spent
        return figures(alone, helped)
