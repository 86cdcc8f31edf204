"""Migrations run while the version before still works: they add, and take away only what nobody has used for a release.

What takes away says so in a line `-- unused since: VERSION`, with a release of CHANGELOG.md in which the code had
already stopped to use it (docs/adr/0021-two-releases-side-by-side.md).
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    [*ROOT.glob("services/*/*_service/migrations/*.sql"), *ROOT.glob("libs/chassis/chassis/migrations/*.sql")]
)
RELEASES = set(re.findall(r"^## (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)) - {"Unreleased"}

FORBIDDEN = {
    "takes a table away": r"\bdrop\s+table\b",
    "takes a column away": r"\bdrop\s+column\b",
    "takes a schema, type or function away": r"\bdrop\s+(schema|type|function|view|sequence)\b",
    "empties a table": r"\btruncate\b",
    "gives something another name": r"\brename\b",
    "changes a type": r"\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b",
    "forbids what the version before may write": r"\bset\s+not\s+null\b|\badd\s+(constraint\b|check\b|unique\b)",
}
ADDED = re.compile(r"\badd\s+column\s+(?:if\s+not\s+exists\s+)?\w+\s+([^,;]*(?:\([^)]*\)[^,;]*)*)", re.IGNORECASE)


def statements(text: str) -> str:
    return re.sub(r"--[^\n]*", "", text)


def problems(text: str, releases: set[str]) -> list[str]:
    """Name what in a migration would break the version before."""
    found = [what for what, pattern in FORBIDDEN.items() if re.search(pattern, statements(text), re.IGNORECASE)]
    columns = ADDED.findall(statements(text))
    found += ["adds a column that the version before leaves empty" for each in columns if _is_needed(each)]
    said = re.search(r"^-- unused since: (\S+)$", text, re.MULTILINE)
    return [] if said and said.group(1) in releases else found


def _is_needed(column: str) -> bool:
    words = column.lower()
    return "not null" in words and "default" not in words and "generated" not in words


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_a_migration_lets_the_version_before_go_on(file: Path) -> None:
    assert problems(file.read_text(), RELEASES) == []


@pytest.mark.parametrize(
    "text",
    [
        "drop table holds;",
        "alter table visits drop column lead;",
        "alter table visits rename column lead to family;",
        "alter table visits alter column version type bigint;",
        "alter table visits alter column lead set not null;",
        "alter table visits add column ends timestamptz not null;",
        "alter table visits add column a int default 1, add column b text not null check (b in ('x', 'y'));",
        "alter table visits add constraint later check (version > 1);",
        "-- unused since: 9.9.9\ndrop table holds;",
        "-- drop table holds;\ntruncate holds;",
    ],
)
def test_what_would_break_it_is_seen(text: str) -> None:
    assert problems(text, {"0.1.0"})


@pytest.mark.parametrize(
    "text",
    [
        "create table holds (id uuid not null, check (id is not null));",
        "alter table visits add column ends timestamptz;",
        "alter table visits add column n numeric(10, 2) not null default 0, add column at timestamptz;",
        "-- unused since: 0.1.0\ndrop table holds;",
        "-- rename\ncreate index visits_ends on visits (ends);",
    ],
)
def test_what_only_adds_or_was_unused_for_a_release_is_let_through(text: str) -> None:
    assert problems(text, {"0.1.0"}) == []


def test_a_number_names_one_migration_of_a_service() -> None:
    for folder in {file.parent for file in FILES}:
        numbers = [re.fullmatch(r"(\d{4})_[a-z_]+\.sql", file.name) for file in folder.iterdir()]
        assert all(numbers), folder
        assert len({number.group(1) for number in numbers if number}) == len(numbers), folder
