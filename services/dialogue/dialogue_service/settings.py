"""What dialogue reads from the environment."""

from pathlib import Path

from chassis.settings import Postgres, ServiceSettings
from pydantic import Field


class Settings(ServiceSettings, Postgres):
    """Knobs of interfaces, section 6.

    `burst_window_s` unset: the window adapts to what was written; 0: no window. `unit_file` is the owner's
    `unit.toml`; unset: the one in the working directory, else the project's own. `evolution_instance` is the unit's
    number on the channel.
    """

    burst_window_s: float | None = Field(default=None, ge=0, le=60)
    turn_deadline_s: float = Field(default=8.0, gt=0, le=60)
    stale_after_min: float = Field(default=30.0, gt=0, le=24 * 60)
    unit_file: Path | None = None
    evolution_instance: str = "receptionist"
