"""`load` on the command line."""

import asyncio
import json

import httpx
import typer
from aiormq.exceptions import AMQPError

from assistant.home import Home
from assistant.load.talking import Load
from assistant.progress import complain, out


def load(home: Home, amount: Load, *, model_ms: int, as_json: bool) -> None:
    """Put a load on the running system and report; exit 1 when somebody went without a reply."""
    from assistant.load.report import chart, figures, is_good, tables
    from assistant.load.running import CannotLoadError, put

    try:
        loaded = asyncio.run(put(home, amount, model_s=model_ms / 1000))
    except CannotLoadError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    except (AMQPError, httpx.HTTPError, OSError) as error:
        complain(f"the system does not answer ({type(error).__name__}); see ./assistant status")
        raise typer.Exit(1) from error
    found = figures(loaded.crowd, loaded.line, loaded.samples)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for part in tables(found):
            out.print(part)
        print(chart(loaded.crowd.waited, loaded.samples))
    raise typer.Exit(0 if is_good(found) else 1)
