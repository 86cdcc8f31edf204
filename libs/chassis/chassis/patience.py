"""Waiting at the start for what is not there yet, a broker or a database; the schedule is stamina's."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from typing import Any

import stamina

from chassis.logging import get_logger

log = get_logger(__name__)

SAY_EVERY_S = 10.0
"""How long between two words about the same trouble."""

stamina.instrumentation.set_on_retry_hooks([])  # they would log what the error says; we say which variable it is about


def attempts(
    event: str, variable: str, trouble: tuple[type[Exception], ...], *, but: tuple[type[Exception], ...] = ()
) -> AsyncIterator[AbstractContextManager[Any]]:
    """Yield attempts for ever, as stamina does: `async for attempt in …: with attempt: …`.

    Errors of `trouble` (and not of `but`) are waited out, at most 2 s at a time, and logged as `event` with the
    variable that names what is waited for; any other error ends it.
    """
    return stamina.retry_context(
        _saying(event, variable, trouble, but),
        attempts=None,
        timeout=None,
        wait_initial=0.2,
        wait_max=2.0,
        wait_jitter=0.2,
    )


def _saying(
    event: str, variable: str, trouble: tuple[type[Exception], ...], but: tuple[type[Exception], ...]
) -> Callable[[Exception], bool]:
    said = float("-inf")

    def is_waited_out(error: Exception) -> bool:
        nonlocal said
        if not isinstance(error, trouble) or isinstance(error, but):
            return False
        if time.monotonic() - said > SAY_EVERY_S:
            said = time.monotonic()
            log.warning(event, variable=variable, error=type(error).__name__)
        return True

    return is_waited_out
