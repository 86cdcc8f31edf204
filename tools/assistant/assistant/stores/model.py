"""What the three stores have in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.programs import Program


class StoreError(Exception):
    """A store cannot be made or does not answer; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """Where a private store lives: its data folder, its log file, and whose installation it belongs to."""

    data: Path
    log: Path
    home: Path


@dataclass(frozen=True)
class Store:
    """A store that is ready to be started: its programs in order, its address, and how to ask whether it answers.

    `answers(url)` raises an exception that says why not.
    """

    name: str
    url: str
    programs: tuple[Program, ...]
    answers: Callable[[str], Awaitable[None]]
    in_container: bool = False
