"""`clock`: the system's time, and moving it."""

from datetime import UTC, datetime, timedelta

from assistant.checks import moment
from assistant.home import Home, write_text
from assistant.launch import SAO_PAULO, offset_to
from assistant.plan import read_plan, read_state


class ClockError(Exception):
    """The clock cannot be moved; the message says why."""


def now(home: Home) -> datetime:
    """Return the system's time, in São Paulo."""
    try:
        offset_s = float(home.clock_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        offset_s = 0.0
    return (datetime.now(UTC) + timedelta(seconds=offset_s)).astimezone(SAO_PAULO)


def move(home: Home, to: str) -> datetime:
    """Set the running system's clock to an ISO 8601 time; services notice that the file has changed.

    Raises ClockError when nothing runs, when it was not started with `ASSISTANT_NOW`, or when `to` is no time.
    """
    plan = read_plan(home)
    if plan is None or read_state(home)["supervisor"] is None:
        raise ClockError("nothing runs here: start it with ASSISTANT_NOW=… ./assistant up --detach")
    if not plan.moved_clock:
        raise ClockError("this system runs on real time; only one that was started with ASSISTANT_NOW can be moved")
    if problem := moment(to):
        raise ClockError(f"{to} {problem}")
    write_text(home.clock_file, f"{offset_to(to, datetime.now(UTC))!r}\n")
    return now(home)
