"""What calendar reads from the environment."""

from pathlib import Path

from chassis.settings import Postgres, ServiceSettings


class Settings(ServiceSettings, Postgres):
    """`unit_file` is the owner's `unit.toml`; unset: the one in the working directory, else the project's own."""

    unit_file: Path | None = None
