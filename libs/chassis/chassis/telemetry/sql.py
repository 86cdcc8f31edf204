"""Every SQL statement is a span, named after what it does and to which table; its text has no values in it."""

import re
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

import asyncpg
from opentelemetry import trace
from opentelemetry.trace import SpanKind

from chassis.telemetry.declaring import Operation, signals
from chassis.telemetry.keeping import keeper
from chassis.telemetry.spans import Span, span

_signals = signals(__name__)
_SYSTEM = _signals.attribute("db.system.name", "Always `postgresql`.")
_TEXT = _signals.attribute("db.query.text", "The statement as it stands in the code: values are parameters.")
_STATEMENT = _signals.operation("{statement} {table}", "One SQL statement.", _SYSTEM, _TEXT, kind=SpanKind.CLIENT)
_CHANGE = re.compile(r"\b(insert) into (\w+)|\b(update) (\w+) set\b|\b(delete) from (\w+)")
_READ = re.compile(r"\b(select)\b.*?\bfrom (\w+)")
_FIRST = re.compile(r"(\w+)")
LONGEST = 600


@lru_cache(maxsize=512)
def _told(query: str) -> tuple[Operation, dict[str, str | int | float | bool]]:
    text = " ".join(query.split())
    found = _CHANGE.search(text) or _READ.search(text) or _FIRST.search(text)
    name = " ".join(each for each in found.groups() if each) if found else "statement"
    return _STATEMENT.called(name.lower()), {_SYSTEM: "postgresql", _TEXT: text[:LONGEST]}


class Connection(asyncpg.Connection):
    """A connection whose statements are spans, inside of a trace that is recorded."""

    __slots__ = ()

    async def execute(self, query: str, *arguments: Any, **how: Any) -> str:
        """Do what asyncpg does."""
        if not _is_seen():
            return await super().execute(query, *arguments, **how)
        with _statement(query):
            return await super().execute(query, *arguments, **how)

    async def executemany(self, command: str, args: Any, **how: Any) -> None:
        """Do what asyncpg does."""
        if not _is_seen():
            return await super().executemany(command, args, **how)
        with _statement(command):
            return await super().executemany(command, args, **how)

    async def fetch(self, query: str, *arguments: Any, **how: Any) -> Any:
        """Do what asyncpg does."""
        if not _is_seen():
            return await super().fetch(query, *arguments, **how)
        with _statement(query):
            return await super().fetch(query, *arguments, **how)

    async def fetchrow(self, query: str, *arguments: Any, **how: Any) -> Any:
        """Do what asyncpg does."""
        if not _is_seen():
            return await super().fetchrow(query, *arguments, **how)
        with _statement(query):
            return await super().fetchrow(query, *arguments, **how)

    async def fetchval(self, query: str, *arguments: Any, **how: Any) -> Any:
        """Do what asyncpg does."""
        if not _is_seen():
            return await super().fetchval(query, *arguments, **how)
        with _statement(query):
            return await super().fetchval(query, *arguments, **how)


def statement_span(query: str) -> AbstractContextManager[object]:
    """Return the span of a statement that is run elsewhere; nothing outside of a trace that is recorded."""
    return _statement(query) if _is_seen() else nullcontext()


def _is_seen() -> bool:
    return keeper.records and isinstance(trace.get_current_span(), Span)


def _statement(query: str) -> Span:
    operation, attributes = _told(query)
    return span(operation, attributes=attributes)
