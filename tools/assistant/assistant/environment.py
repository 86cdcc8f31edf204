"""The variables that hold: the process environment, before the file that was named, before `.env` in the project."""

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from assistant.progress import in_words


class EnvironmentFileError(Exception):
    """A file of variables cannot be read."""


def effective(process: Mapping[str, str], project: Path, named: Path | None = None) -> dict[str, str]:
    """All variables with a value. An empty one counts as unset, so that the next source is asked.

    Raises EnvironmentFileError when `named`, or a `.env` that is there, cannot be read.
    """
    result: dict[str, str] = {}
    if named is not None:
        if not named.is_file():
            raise EnvironmentFileError(f"--env-file {named}: there is no such file")
        sources = [process, _file(named), _file(project / ".env")]
    else:
        sources = [process, _file(project / ".env")]
    for source in reversed(sources):
        result.update({name: value for name, value in source.items() if value})
    return result


def _file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}
    except UnicodeDecodeError as error:
        raise EnvironmentFileError(f"{path}: is not UTF-8") from error
    except OSError as error:
        raise EnvironmentFileError(in_words(error)) from error
