"""`clock`, `doctor`, `chat`, `user add` on the command line."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict

import typer

from assistant.accounts import Role
from assistant.home import Home
from assistant.plan import read_plan, read_state
from assistant.progress import complain, out

NAMES = {"api": "Cecília", "unit": "Unidade"}  # authors, as the sandbox calls them


def clock(home: Home, to: str | None) -> None:
    """Print the system's time, after moving it if asked to."""
    from assistant import clock as clocks

    try:
        print((clocks.now(home) if to is None else clocks.move(home, to)).isoformat("T", "seconds"))
    except clocks.ClockError as error:
        complain(str(error))
        raise typer.Exit(1) from error


def doctor(home: Home, environment: Mapping[str, str], *, as_json: bool) -> None:
    """Print each problem, and what asking each AI provider one thing cost; exit 1 when there is a problem."""
    from assistant import doctor as doctors
    from assistant import doctor_ai

    plan = read_plan(home)
    own = plan.ports if plan is not None and read_state(home)["supervisor"] is not None else {}
    problems = doctors.problems_before_start(environment, home.project, own_ports=own)
    trials = [] if problems else doctor_ai.trials(environment)
    problems += [problem for trial in trials if (problem := doctor_ai.problem_of(trial, environment))]
    if as_json:
        print(json.dumps([asdict(problem) for problem in problems], ensure_ascii=False))
    else:
        for trial in trials:
            if trial.trouble is None:
                out.print(f"✓ {doctor_ai.in_words(trial)}", markup=False)
        for problem in problems:
            out.print(f"✗ {problem}", markup=False)
        if not problems:
            out.print("no problem found")
    raise typer.Exit(1 if problems else 0)


def chat(home: Home, phone: str) -> None:
    """Talk until end of input or Ctrl-C."""
    import httpx

    from assistant.chat import converse
    from assistant.readiness import base_url

    plan = read_plan(home)
    if plan is None or "sandbox" not in plan.ports:
        complain("no sandbox runs here: start the system without EVOLUTION_URL (./assistant up --detach)")
        raise typer.Exit(1)
    out.print("[dim]You write as a parent; Ctrl-D ends.[/]")

    def show(author: str, text: str) -> None:
        out.print(f"[green]{NAMES.get(author, author)}[/]: ", end="")
        out.print(text, markup=False)

    try:
        asyncio.run(converse(base_url(plan, "sandbox"), phone, show))
    except httpx.HTTPStatusError as error:
        complain(f"the sandbox refuses that ({error.response.status_code}); is {phone} a phone number?")
        raise typer.Exit(1) from error
    except httpx.HTTPError as error:
        complain(f"the sandbox does not answer ({type(error).__name__}); see ./assistant status")
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        return


def add_user(home: Home, environment: Mapping[str, str], name: str, role: Role, password: str | None) -> None:
    """Add an account and print a made password once; somebody who is there keeps their role."""
    import asyncpg

    from assistant import accounts

    plan = read_plan(home)
    url = plan.database_of("frontdesk") if plan else environment.get("DATABASE_URL")
    if url is None:
        complain("no database is known: start the system (./assistant up --detach) or give DATABASE_URL")
        raise typer.Exit(1)
    if not accounts.NAME.fullmatch(name):
        complain("a name has 2 to 64 of a-z, 0-9, dot, dash and underscore")
        raise typer.Exit(2)
    chosen = password or secrets.token_urlsafe(12)
    try:
        has = asyncio.run(accounts.add(url, name, chosen, role))
    except (OSError, ValueError, asyncpg.PostgresError) as error:
        complain(f"the database does not do it ({type(error).__name__}); see ./assistant status")
        raise typer.Exit(1) from error
    out.print(f"{name} may sign in as {has}" + ("" if password else f", password {chosen}"), markup=False)
