"""`up`, `down`, `status` on the command line."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from types import FrameType

import psutil
import typer

from assistant import down as downs
from assistant.home import Home
from assistant.plan import Plan, read_state
from assistant.progress import complain, out, step


def up(home: Home, environment: Mapping[str, str], *, detach: bool, single_process: bool) -> None:
    """Start, say where everything is, and stay unless told otherwise."""
    from assistant import up as ups

    signal.signal(signal.SIGTERM, _interrupt)  # so that an `up` that is told to end stops what it has started
    try:
        plan = ups.up(home, ups.Wanted(environment, single_process=single_process, detach=detach))
    except ups.UpError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        ran_before = read_state(home)["supervisor"] is not None
        complain(f"interrupted: {'what ran before runs on' if ran_before else 'what was started is stopped'}")
        raise typer.Exit(130) from error
    stays = not detach and _supervisor_is_ours(home)  # it is not when the system ran already, detached
    if stays:
        # Held until the program that waits has its handlers: a Ctrl-C in between must not be lost, nor end it without
        # order.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    _say_where(home, plan, stop="Ctrl-C" if stays else "./assistant down")
    if stays:
        _stay(home)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say_where(home: Home, plan: Plan, *, stop: str) -> None:
    from assistant.readiness import base_url

    lines = [
        ("WhatsApp", base_url(plan, "sandbox") + "/" if "sandbox" in plan.ports else plan.evolution_url),
        (
            "Front desk",
            f"{base_url(plan, 'frontdesk')}/  {_first_user(home, plan)}",
        ),
        ("Webhook", f"{base_url(plan, 'ingress')}/webhooks/evolution"),
        ("Logs", str(home.log)),
        ("Stop", stop),
    ]
    out.print()
    for label, value in lines:
        out.print(f"{label:<11}{value}", markup=False)


def _first_user(home: Home, plan: Plan) -> str:
    """Say by which name and password one gets in, as long as the password is the one that the system was given."""
    from assistant.readiness import base_url, client, get_json

    async def told() -> Mapping[str, bool] | None:
        async with client() as http:
            return await get_json(http, f"{base_url(plan, 'frontdesk')}/internal/first-account")

    name, password = plan.setting("FRONTDESK_USERNAME"), plan.setting("FRONTDESK_PASSWORD")
    if not (asyncio.run(told()) or {}).get("as_configured", True):
        return f"user {name}, whose first password is no longer good (./assistant user add {name} gives another)"
    generated = password == home.secret("FRONTDESK_PASSWORD")
    return f"user {name}, password {password if generated else 'as given in FRONTDESK_PASSWORD'}"


def _supervisor_is_ours(home: Home) -> bool:
    supervisor = read_state(home)["supervisor"]
    try:
        return supervisor is None or psutil.Process(supervisor).ppid() == os.getpid()
    except psutil.NoSuchProcess:
        return True


def _stay(home: Home) -> None:
    """Become a small process that waits for the supervisor."""
    supervisor = read_state(home)["supervisor"]
    if supervisor is None:
        complain("the supervisor has ended")
        raise typer.Exit(1)
    sys.stdout.flush()
    # Nothing of the shell is wanted: this very process goes on as another program.
    os.execv(sys.executable, [sys.executable, "-m", "assistant.attach", str(supervisor)])  # noqa: S606 - see above


def down(home: Home, *, wipe: bool) -> None:
    """Stop, and forget if asked to."""
    with home.only_one():
        with step("stopping"):
            count = downs.stop_everything(home)
        if wipe:
            with step("removing the data"):
                home.forget()
    out.print(f"{count} processes stopped" if count else "nothing was running")


def status(home: Home, environment: Mapping[str, str], *, as_json: bool) -> int:
    """Print it; the exit code."""
    from assistant import status as statuses

    told = asyncio.run(statuses.collect(home, environment))
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        statuses.show(told)
    return 0 if statuses.all_ready(told) else 1
