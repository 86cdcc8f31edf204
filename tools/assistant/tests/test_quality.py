"""Renewing `docs/quality.md`."""

from pathlib import Path

from assistant.quality import HEAD, written


def test_only_the_measured_sections_are_renewed_and_the_rest_stays(tmp_path: Path) -> None:
    file = tmp_path / "quality.md"
    assert written(file, {"Scenarios": "3 of 3"}) == f"{HEAD}\n## Scenarios\n\n3 of 3\n"
    file.write_text("# Quality\n\nHead.\n\n## Understanding\n\n97 %\n\n## Scenarios\n\n1 of 2\n")
    again = written(file, {"Scenarios": "2 of 2", "Simulated parents": "all"})
    assert again == (
        "# Quality\n\nHead.\n\n## Understanding\n\n97 %\n\n## Scenarios\n\n2 of 2\n\n## Simulated parents\n\nall\n"
    )
