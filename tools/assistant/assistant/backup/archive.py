"""The file: a tar of `manifest.json`, `database.dump` (pg_dump's custom format), `unit.toml` and `knowledge/`.

No secret is in it: passwords and keys are made or given anew where it is restored. People's data are, so only its owner
may read it.
"""

import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

VERSION = 1
SCHEMA = re.compile(r"[a-z_]+")
MANIFEST, DUMP, UNIT, KNOWLEDGE = "manifest.json", "database.dump", "unit.toml", "knowledge"


class ArchiveError(Exception):
    """The file is no backup that this version can read; the message says why."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself: `made_at` on the system's clock (ISO 8601), its schemas, rows by table."""

    made_at: str
    schemas: tuple[str, ...]
    rows: dict[str, int]
    version: int = VERSION


def check_place(file: Path) -> None:
    """Raise ArchiveError where a backup would take the place of what is no file, as of `/dev/null`."""
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise ArchiveError(f"{file} is a device or a pipe: name a file")


def write(file: Path, manifest: Manifest, dump: Path, unit: Path, knowledge: Path) -> None:
    """Write the whole file or none, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as tar:
            described = dump.with_name(MANIFEST)
            described.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
            tar.add(described, MANIFEST)
            tar.add(dump, DUMP)
            tar.add(unit, UNIT)
            tar.add(knowledge, KNOWLEDGE)
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


@contextmanager
def unpacked(file: Path) -> Iterator[tuple[Manifest, Path]]:
    """Unpack into a folder for as long as the block runs. Raises ArchiveError."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(file) as tar:
                _unpack(tar, Path(folder))
            manifest = _manifest(json.loads((Path(folder) / MANIFEST).read_text(encoding="utf-8")))
        except OSError as error:
            raise ArchiveError(f"{file} cannot be unpacked: {error.strerror or type(error).__name__}") from error
        except (tarfile.TarError, EOFError, ValueError, TypeError, KeyError) as error:
            raise ArchiveError(f"{file} is no backup ({type(error).__name__})") from error
        if absent := [part for part in (DUMP, UNIT) if not (Path(folder) / part).is_file()]:
            raise ArchiveError(f"{file} is no backup (without {', '.join(absent)})")
        if manifest.version > VERSION:
            raise ArchiveError(f"{file} was made by a newer version; restore it with that one")
        yield manifest, Path(folder)


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    """Take out files, and none beside the folder; by hand, since Python has `filter="data"` only from 3.11.4 on."""
    for member in tar:
        inside = PurePosixPath(member.name)
        if inside.is_absolute() or ".." in inside.parts or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"{member.name} does not belong into a backup")
        content = tar.extractfile(member)
        if content is not None:
            target = folder / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            with content, target.open("wb") as file:
                shutil.copyfileobj(content, file)


def _manifest(values: dict[str, Any]) -> Manifest:
    """Read it; schemas are names that we wrote, since they become SQL. Raises ValueError, TypeError, KeyError."""
    manifest = Manifest(values["made_at"], tuple(values["schemas"]), dict(values["rows"]), int(values["version"]))
    if datetime.fromisoformat(manifest.made_at).tzinfo is None or not all(map(SCHEMA.fullmatch, manifest.schemas)):
        raise ValueError("neither its time nor its schemas are ours")
    return manifest
