"""Logs: JSON lines, a constant event name and ids, never what somebody wrote."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace

_NAMES = {"event": "event_id"}


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, service, event, trace_id, and the ids given."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Render one record; an exception is its type and place, not its text (that may quote a message)."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": getattr(record, "service", self._service),
            "event": record.getMessage(),
            **{_NAMES.get(key, key): value for key, value in getattr(record, "ids", {}).items()},
        }
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            line["trace_id"] = trace.format_trace_id(context.trace_id)
            line["span_id"] = trace.format_span_id(context.span_id)
        if record.exc_info and record.exc_info[1]:
            line["error"] = whereabouts(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


class Log:
    """A logger whose words are constant and whose values are named."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, /, **ids: object) -> None:
        """Something that only a developer looks for."""
        self._logger.debug(event, extra={"ids": ids})

    def info(self, event: str, /, **ids: object) -> None:
        """Something that happened."""
        self._logger.info(event, extra={"ids": ids})

    def warning(self, event: str, /, **ids: object) -> None:
        """Something that is mended by itself, and worth knowing."""
        self._logger.warning(event, extra={"ids": ids})

    def error(self, event: str, /, *, cause: BaseException | None = None, **ids: object) -> None:
        """Something that somebody must look at."""
        exc_info = (type(cause), cause, cause.__traceback__) if cause else None
        self._logger.error(event, extra={"ids": ids}, exc_info=exc_info)


def get_logger(name: str) -> Log:
    """Return the log of a module."""
    return Log(name)


def whereabouts(error: BaseException) -> str:
    """Name an error's type and where it was raised, without its text; of a group, the first of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" at {place.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{place.tb_lineno}" if place else ""
    return f"{type(error).__name__}{where}"


def configure(service: str, level: str) -> None:
    """Send every log of the process to standard output as JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # These say with every message, or with every reconnect, what ours say once; httpx also logs addresses.
    for noisy in ("aiormq", "aio_pika", "httpx", "httpcore", "uvicorn.access", "faststream", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL if noisy in {"aiormq", "aio_pika"} else logging.WARNING)
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # a backend that is away is told by `shipping`
