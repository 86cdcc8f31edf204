"""What the owner changes in `unit.toml` is what parents are told after the next start, without a change of code."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from assistant.rehearsal import Rehearsal, the_unit
from contracts.dialogue import KnowledgeGapFound

ROOT = Path(__file__).parent.parent
MONDAY = datetime.fromisoformat("2026-11-23T10:12:00-03:00")
CHANGES = {
    "monthly_per_subject = 375.00": "monthly_per_subject = 391.50",
    "enrolment_per_student = 100.00": "enrolment_per_student = 85.00",
    "Rua Amoreira, 571, salas 6 e 7, Jardim das Laranjeiras": "Avenida Ipê, 12, Vila Nova",
    '["14:00", "17:00"]': '["13:30", "18:00"]',
    "(51) 99692-1999": "(51) 3333-4444",
}


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    text = (ROOT / "unit.toml").read_text()
    for before, after in CHANGES.items():
        assert before in text
        text = text.replace(before, after)
    file = tmp_path / "unit.toml"
    file.write_text(text)
    return file


async def test_the_prices_hours_and_address_of_a_changed_file_are_told_with_a_new_version(changed: Path) -> None:
    now = the_unit(changed)
    talk = Rehearsal(now, MONDAY)
    for question in ("quanto custa matemática e português?", "qual o horário?", "onde fica?", "tem piscina aquecida?"):
        await talk.parent_writes([question])
    said = re.sub(r"[*_~]", "", " ".join(talk.outbox))
    for told in (
        "R$ 391,50",
        "R$ 85,00",
        "R$ 783,00",
        "R$ 868,00",
        "13h30",
        "18h",
        "Avenida Ipê, 12",
        "(51) 3333-4444",
    ):
        assert told in said
    assert not re.search(r"375|R\$ 100,00|Amoreira|99692", said)
    versions = {fact.facts_version for fact in talk.facts if isinstance(fact, KnowledgeGapFound)}
    assert versions == {now.facts.version}
    assert now.facts.version != the_unit().facts.version
