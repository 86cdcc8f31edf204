"""`doctor`"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.services import Service


@dataclass(frozen=True)
class Problem:
    variable: str
    text: str


def problems_before_start(environment: Mapping[str, str], services: Sequence[Service]) -> list[Problem]:
    return []
