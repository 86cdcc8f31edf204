"""What the documents point at is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    file.relative_to(ROOT)
    for file in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part == "node_modules" for part in file.relative_to(ROOT).parts)
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    file = ROOT / document
    links = [link for link in LINK.findall(file.read_text(encoding="utf-8")) if not re.match(r"\w+:", link)]
    assert [link for link in links if not (file.parent / link).exists()] == []


def test_the_runbook_is_read_in_a_terminal() -> None:
    lines = (ROOT / "docs/runbook.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 120] == []


def test_there_are_documents_with_links() -> None:
    assert any(LINK.search((ROOT / document).read_text(encoding="utf-8")) for document in DOCUMENTS)
