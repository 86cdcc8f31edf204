"""`understand` on the command line: what the assistant reads in a text. Needs nothing running."""

import datetime as dt
import io
import json
import sys
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from assistant.progress import complain

if TYPE_CHECKING:
    from dialogue_service.understanding.values import Classifier

ZONE = ZoneInfo("America/Sao_Paulo")


class Line(BaseModel):
    """A JSON line of the input; keys that are not known here are ignored."""

    model_config = ConfigDict(extra="ignore")

    id: Any = None
    text: str
    now: dt.datetime | None = None
    context: dict[str, Any] | None = None

    @field_validator("text")
    @classmethod
    def _is_text(cls, text: str) -> str:
        text.encode()  # what came as other bytes than UTF-8 is none
        return text


def understand(text: str | None, now: str | None, *, stdin: bool) -> None:
    """Print the reading of `text`, or of each line of the input; exit 1 when a line could not be read.

    With neither a text nor `--stdin` the whole input is one text.
    """
    moment = _moment(now)
    # Whatever bytes come are taken; what of them is no text is refused below, and written as JSON escapes it.
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)
    if stdin:
        if not read_lines(sys.stdin, moment):
            raise typer.Exit(1)
        return
    whole = sys.stdin.read().rstrip("\n") if text is None else text
    try:
        line = Line(text=whole)
    except ValidationError as error:
        complain("the text is not UTF-8")
        raise typer.Exit(1) from error
    _print(_reading(line, moment))


def read_lines(lines: Iterable[str], now: dt.datetime | None) -> bool:
    """Print a JSON line for each line of the input, in order; whether all could be read."""
    good = True
    for line in lines:
        if not line.strip():
            continue
        answer = _answer(line.rstrip("\r\n"), now)
        good = good and "error" not in answer
        _print(answer)
    return good


def _answer(line: str, now: dt.datetime | None) -> dict[str, Any]:
    """Read one line: one that begins with a brace is JSON, any other a bare text."""
    identity: dict[str, Any] = {}
    try:
        if not line.lstrip().startswith("{"):
            return _reading(Line(text=line), now)
        raw = json.loads(line)
        identity = {"id": raw["id"]} if "id" in raw else {}
        return {**identity, **_reading(Line.model_validate(raw), now)}
    except ValidationError as error:
        where = sorted({".".join(map(str, each["loc"])) or "line" for each in error.errors()})
        return {**identity, "error": f"not valid: {', '.join(where)}"}
    except (ValueError, OverflowError, RecursionError) as error:
        return {**identity, "error": f"not JSON: {error.__class__.__name__}"}


@cache
def _classifier() -> "Classifier | None":
    from chassis.encoder import shared
    from dialogue_service.understanding.classifier import default_classifier

    return default_classifier(shared().encode)


def _reading(line: Line, now: dt.datetime | None) -> dict[str, Any]:
    from dialogue_service.understanding import understand as read
    from dialogue_service.understanding.values import Context

    given = {key: value for key, value in (line.context or {}).items() if value is not None}
    context = Context.model_validate({key: value for key, value in given.items() if key in Context.model_fields})
    moment = _local(line.now) if line.now else (now or dt.datetime.now(ZONE))
    offered = tuple(_local(slot) for slot in context.offered)
    reading = read(line.text, moment, context.model_copy(update={"offered": offered}), _classifier())
    return reading.to_json()


def _moment(now: str | None) -> dt.datetime | None:
    try:
        return _local(dt.datetime.fromisoformat(now)) if now else None
    except ValueError as error:
        complain(f"--now is no ISO 8601 time: {now}")
        raise typer.Exit(1) from error


def _local(moment: dt.datetime) -> dt.datetime:
    """Return the same moment in the unit's zone; a time without a zone is the unit's."""
    return moment.replace(tzinfo=ZONE) if moment.tzinfo is None else moment.astimezone(ZONE)


def _print(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False), flush=True)
