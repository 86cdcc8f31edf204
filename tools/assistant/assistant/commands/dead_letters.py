"""`dead list`, `show`, `replay`, `drop` on the command line."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import typer
from aiormq.exceptions import AMQPError, DeliveryError
from rich.table import Table
from rich.text import Text

from assistant import dead, queues
from assistant.dead import DeadLetters, Letter, NoSuchQueueError
from assistant.home import Home
from assistant.plan import Plan, read_plan
from assistant.progress import complain, out
from assistant.readiness import client

T = TypeVar("T")
COLUMNS = ("queue", "id", "fact", "reason", "attempts", "at")


def show_all(home: Home, environment: Mapping[str, str], *, as_json: bool) -> None:
    """Print all dead letters."""
    letters = _ask(home, environment, lambda found: found.everything())
    if as_json:
        print(json.dumps([letter.as_json() for letter in letters], ensure_ascii=False))
        return
    table = Table(*COLUMNS, box=None, pad_edge=False)
    for letter in letters:
        values = (getattr(letter, name) for name in COLUMNS)
        table.add_row(*(Text("–" if value is None else str(value)) for value in values))  # nothing in it is markup
    out.print(table if letters else "no dead letters")


def show_one(home: Home, environment: Mapping[str, str], message_id: str, *, as_json: bool) -> None:
    """Print the dead letters with this id, body included; exit 1 when there is none."""
    letters = _ask(home, environment, lambda found: found.show(message_id))
    if not letters:
        complain(f"no dead letter has the id {message_id}")
        raise typer.Exit(1)
    shown = [{**letter.as_json(), "body": letter.readable_body()} for letter in letters]
    text = json.dumps(shown, ensure_ascii=False, indent=None if as_json else 2)
    print(text.encode("utf-8", "backslashreplace").decode())  # half an emoji is written as JSON escapes it


def replay(home: Home, environment: Mapping[str, str], ids: Sequence[str], queue: str | None, *, every: bool) -> None:
    """Send dead letters to where they died."""
    wanted = _wanted(ids, queue, every=every)
    done = _ask(home, environment, lambda found: found.replay(wanted, queue))
    _report(done, "sent back to work", asked=wanted)


def drop(home: Home, environment: Mapping[str, str], ids: Sequence[str], queue: str | None, *, every: bool) -> None:
    """Forget dead letters."""
    wanted = _wanted(ids, queue, every=every)
    done = _ask(home, environment, lambda found: found.drop(wanted, queue))
    _report(done, "dropped", asked=wanted)


def _wanted(ids: Sequence[str], queue: str | None, *, every: bool) -> set[str]:
    if not ids and not every and queue is None:
        complain("say which: ids, --queue NAME, or --all")
        raise typer.Exit(2)
    return set(ids)


def _report(letters: Sequence[Letter], done: str, *, asked: set[str]) -> None:
    out.print(f"{len(letters)} {done}")
    if asked - {letter.id for letter in letters}:
        complain("not every id was found among the dead letters; see ./assistant dead list")
        raise typer.Exit(1)


def _ask(home: Home, environment: Mapping[str, str], work: Callable[[DeadLetters], Awaitable[T]]) -> T:
    """Run `work` on the dead letters of the system's broker; a broker that cannot be reached is exit 1."""
    plan = read_plan(home) or Plan()
    url = plan.urls.get("rabbitmq") or environment.get("RABBITMQ_URL")
    if url is None:
        complain("no broker is known: start the system (./assistant up --detach) or give RABBITMQ_URL")
        raise typer.Exit(1)

    async def connected() -> T:
        async with client() as http:
            names = await queues.names(http, home, plan) or queues.by_contract()
        async with dead.connected(url, names) as letters:
            return await work(letters)

    try:
        return asyncio.run(connected())
    except NoSuchQueueError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    except DeliveryError as error:
        complain("the queue that the letter came from does not exist any more")
        raise typer.Exit(1) from error
    except (AMQPError, OSError, ValueError) as error:
        complain(f"the broker does not do it ({type(error).__name__}); see ./assistant status")
        raise typer.Exit(1) from error
