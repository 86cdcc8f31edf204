"""What rules reads from the environment."""

from pathlib import Path

from chassis.settings import ServiceSettings
from pydantic import SecretStr


class Settings(ServiceSettings):
    """Where the owner's facts are, and where their vectors go.

    `unit_file` and `knowledge_dir`, when unset, are `unit.toml` and `knowledge` in the working directory, else the
    project's own. `qdrant_url` is a server's (an API key goes into it as the password); unset: embedded.
    """

    unit_file: Path | None = None
    knowledge_dir: Path | None = None
    qdrant_url: SecretStr | None = None
