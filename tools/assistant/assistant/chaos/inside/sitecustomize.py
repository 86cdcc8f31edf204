"""Has a service die at a named moment of its work.

Python imports this at the start of every process whose `PYTHONPATH` leads here, which only the chaos suite's does: no
service knows of it. A file `<service>.<moment>` in the folder `CHAOS_MOMENTS` is the order to die; the first process of
the service that gets to that moment takes the file away and is gone, without a word, as by `kill -9`.
"""

import functools
import os
import signal
import sys
from typing import Any

FOLDER = os.environ.get("CHAOS_MOMENTS", "")
MODULE = sys.orig_argv[-1]
SERVICE = MODULE.removesuffix("_service").replace("_", "-")


def die_if_told(moment: str | None) -> None:
    """Die when there is an order for this moment."""
    if moment is None:
        return
    try:
        os.unlink(f"{FOLDER}/{SERVICE}.{moment}")  # noqa: PTH108  # on the path of every message
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def watch(owner: Any, method: str, *, before: str | None = None, after: str | None = None) -> None:
    """Make the time before and after a coroutine method moments to die at."""
    original = getattr(owner, method)

    @functools.wraps(original)
    async def watched(*arguments: Any, **named: Any) -> Any:
        die_if_told(before)
        result = await original(*arguments, **named)
        die_if_told(after)
        return result

    setattr(owner, method, watched)


def install() -> None:
    """Watch what every service does, and what postprocessor does beyond that."""
    import aio_pika
    from chassis.broker import Publisher
    from chassis.outbox import Outbox
    from chassis.store import Unit

    watch(Unit, "flush", after="commit")  # all is written, nothing is committed
    watch(Outbox, "publish", before="committed")  # committed, and nothing of it published
    watch(Publisher, "send", before="publish", after="published")
    watch(aio_pika.IncomingMessage, "ack", before="ack", after="acked")
    if SERVICE == "postprocessor":
        from postprocessor_service.channels.evolution import Evolution
        from postprocessor_service.results import Results

        watch(Evolution, "send", before="send", after="sent")
        watch(Results, "sent", after="settled")


if FOLDER and MODULE.endswith("_service"):
    install()
