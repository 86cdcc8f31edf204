"""`lock`: resolve the dependencies of all members into requirements.lock, those of the extra into a lock of its own.

The locks name no registry and hold for every Python from 3.11 on.
"""

import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from uv import find_uv_bin

LOCK = "requirements.lock"
TRANSCRIBER_LOCK = "requirements-transcriber.lock"
"""What the local transcriber needs beside that; see `transcriber.py`."""


def members(project: Path) -> list[Path]:
    """Return the folders of the workspace's packages."""
    return sorted(
        file.parent for pattern in ("libs", "services", "tools") for file in project.glob(f"{pattern}/*/pyproject.toml")
    )


def lock(project: Path, *, upgrade: bool) -> int:
    """Write the locks; versions that still fit stay, unless `upgrade`. Returns uv's exit code."""
    folders = members(project)
    own = [_about(folder)["name"] for folder in folders]
    everything = [
        *("--group", "dev"),
        *(word for name in own for word in ("--no-emit-package", name)),
        *(str((folder / "pyproject.toml").relative_to(project)) for folder in folders),
    ]
    return _compile(project, LOCK, everything, upgrade=upgrade) or _compile(
        project, TRANSCRIBER_LOCK, ["--constraints", LOCK, "-"], upgrade=upgrade, requirements=extras(project)
    )


def extras(project: Path) -> list[str]:
    """Return what the members' extras require."""
    return [
        each
        for folder in members(project)
        for some in _about(folder).get("optional-dependencies", {}).values()
        for each in some
    ]


def _about(folder: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _compile(project: Path, to: str, sources: Sequence[str], *, upgrade: bool, requirements: Sequence[str] = ()) -> int:
    return subprocess.run(
        [
            *(find_uv_bin(), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
            *("--generate-hashes", "--no-annotate", "--no-emit-index-url"),
            *("--custom-compile-command", "./assistant lock", "--output-file", to),
            *(["--upgrade"] if upgrade else []),
            *sources,
        ],
        cwd=project,
        check=False,
        input="\n".join(requirements),
        text=True,
    ).returncode
