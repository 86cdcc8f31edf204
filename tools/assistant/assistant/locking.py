"""`lock`: resolve the dependencies of all members into requirements.lock.

The lock names no registry and holds for every Python from 3.11 on.
"""

import subprocess
import tomllib
from pathlib import Path

from uv import find_uv_bin

LOCK = "requirements.lock"


def members(project: Path) -> list[Path]:
    """Return the folders of the workspace's packages."""
    return sorted(
        file.parent for pattern in ("libs", "services", "tools") for file in project.glob(f"{pattern}/*/pyproject.toml")
    )


def lock(project: Path, *, upgrade: bool) -> int:
    """Write the lock; versions that still fit stay, unless `upgrade`. Returns uv's exit code."""
    folders = members(project)
    own = [
        tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"] for folder in folders
    ]
    return subprocess.run(
        [
            *(find_uv_bin(), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
            *(
                "--generate-hashes",
                "--no-annotate",
                "--no-emit-index-url",
                "--custom-compile-command",
                "./assistant lock",
            ),
            *("--group", "dev", "--output-file", LOCK),
            *(["--upgrade"] if upgrade else []),
            *(word for name in own for word in ("--no-emit-package", name)),
            *(str((folder / "pyproject.toml").relative_to(project)) for folder in folders),
        ],
        cwd=project,
        check=False,
    ).returncode
