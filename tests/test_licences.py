"""What we ship may be shipped, and is named."""

import re
import tomllib
from pathlib import Path

import pytest
from assistant import shipped

ROOT = Path(__file__).parent.parent
# Permissive; MPL asks for the source of its own files alone, which we do not change.
ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"),
    "Zlib",
}
NAMES = sorted(name for name in shipped.shipped() if not name.startswith(shipped.OURS))


def test_the_list_of_licences_is_the_one_of_what_is_installed() -> None:
    assert (ROOT / "docs/licences.md").read_text() == shipped.table()


@pytest.mark.parametrize("name", NAMES)
def test_a_library_asks_no_more_than_to_be_named(name: str) -> None:
    assert set(re.split(r" (?:AND|OR|WITH) ", shipped.licence(name).replace("(", "").replace(")", ""))) <= ALLOWED


def test_every_library_that_a_member_names_is_shipped_and_no_tool_of_development_is() -> None:
    wanted = {
        re.split(r"[^A-Za-z0-9_-]", line)[0].lower().replace("_", "-")
        for file in ROOT.glob("*/*/pyproject.toml")
        for line in tomllib.loads(file.read_text())["project"]["dependencies"]
    }
    assert (
        wanted - set(NAMES) - shipped.INSTALLERS - {name for name in wanted if name.startswith(shipped.OURS)} == set()
    )
    assert {"mypy", "pytest", "ruff", "playwright", "hypothesis"} <= set(shipped.not_needed())


def test_every_shipped_library_is_pinned_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9-]+)==\S+(?: ;.*)? \\\n    --hash=sha256:", lock, re.MULTILINE))
    assert set(NAMES) - pinned == set()
    assert not re.search(r"https?://", lock)
