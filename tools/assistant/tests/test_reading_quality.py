"""The figures of understanding, and the floors under them."""

from pathlib import Path

import pytest
from assistant.home import project_folder
from assistant.labelled_messages import Labelled, labelled, phrases_of
from assistant.reading_quality import ALL, Score, exact_times, figures, section
from dialogue_service.understanding.values import INTENT_NAMES, Intent

# A little under what was measured on the messages held back, and on the fresh ones when they were first read.
EXACT, PRECISION, RECALL, FIELD_PRECISION, FIELD_RECALL = 0.96, 0.97, 0.98, 0.94, 0.95
FIRST_EXACT = 0.85


@pytest.fixture(scope="module")
def labels() -> Labelled:
    return labelled(phrases_of(project_folder()))


def test_at_least_six_hundred_messages_are_labelled_and_two_hundred_held_back(labels: Labelled) -> None:
    assert len(labels.tuning) + len(labels.held_back) >= 600
    assert len(labels.held_back) >= 200
    assert {name for each in labels.held_back for name in each.intents or ()} == set(INTENT_NAMES)


def test_nothing_held_back_was_tuned_on(labels: Labelled) -> None:
    tuned = {(each.text.casefold(), each.context.asked) for each in labels.tuning}
    held_back = (*labels.held_back, *labels.fresh)
    assert not tuned & {(each.text.casefold(), each.context.asked) for each in held_back}


def test_messages_held_back_are_read_as_well_as_was_measured(labels: Labelled) -> None:
    found = figures(labels.held_back)
    intents, fields = found.intents[ALL], found.fields[ALL]
    assert found.exact / found.messages >= EXACT
    assert (intents.precision or 0) >= PRECISION
    assert (intents.recall or 0) >= RECALL
    assert (fields.precision or 0) >= FIELD_PRECISION
    assert (fields.recall or 0) >= FIELD_RECALL


def test_of_the_wishes_about_time_nearly_all_are_read_exactly(labels: Labelled) -> None:
    assert len(labels.times) >= 330
    assert exact_times(labels.times) / len(labels.times) >= 0.97
    for fresh in (labels.fresh_times, labels.blind_times):
        assert len(fresh.wishes) >= 320
        assert exact_times(fresh.wishes) / len(fresh.wishes) >= 0.99


def test_the_blind_wishes_about_time_were_read_well_enough_at_first_sight(labels: Labelled) -> None:
    assert labels.blind_times.exact_at_first / len(labels.blind_times.wishes) >= 0.97


def test_what_the_first_run_read_otherwise_counts_there_and_nowhere_else(labels: Labelled) -> None:
    first = figures(labels.fresh, known=labels.first_run)
    assert len(labels.fresh) >= 100
    assert set(labels.first_run) <= {each.text for each in labels.fresh}
    assert first.messages - first.exact == len(labels.first_run)
    assert first.exact / first.messages >= FIRST_EXACT


def test_every_class_has_its_row_and_the_classifier_its_line() -> None:
    plain = section(project_folder(), None)
    assert all(f"| {name} | " in plain for name in INTENT_NAMES)
    assert "classifier" not in plain
    assert "with the classifier" in section(project_folder(), lambda _: (Intent(name="book", confidence=0.6),))


def test_the_file_has_a_row_for_every_class() -> None:
    text = (project_folder() / "docs" / "quality.md").read_text(encoding="utf-8")
    assert [name for name in INTENT_NAMES if f"| {name} | " not in text] == []


def test_what_is_found_wrong_and_what_is_missed_are_told_apart() -> None:
    score = Score(right=3, wrong=1, missed=2)
    assert (score.count, score.precision, score.recall) == (5, 0.75, 0.6)
    assert (Score().precision, Score().recall) == (None, None)


def test_a_wrong_value_is_both_wrong_and_missed(tmp_path: Path) -> None:
    _write(tmp_path, "quanto custa? sou a Ana", "[ask_price, book]", "{parent_name: Bia}")
    found = figures(labelled(tmp_path).held_back)
    assert found.fields["parent_name"] == Score(right=0, wrong=1, missed=1)
    assert found.intents["ask_price"] == Score(right=1)
    assert found.intents["book"] == Score(missed=1)
    assert found.intents["provide"] == Score(wrong=1)
    assert (found.messages, found.exact) == (1, 0)


def test_a_label_that_is_no_intent_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, "oi", "[hello]", "{}")
    with pytest.raises(ValueError, match="hello"):
        labelled(tmp_path)


def _write(folder: Path, text: str, intents: str, fields: str) -> None:
    head = 'now: "2026-11-23T10:12:00-03:00"\noffered: []\n'
    (folder / "intents.yaml").write_text(f"{head}phrases: []\noffered_phrases: []\nasked: {{}}\n")
    (folder / "fields.yaml").write_text(f"{head}phrases: []\nasked: {{}}\n")
    (folder / "slots.yaml").write_text(f"{head}asked: slot\noffers: {{}}\nchoices: []\n")
    (folder / "times.yaml").write_text(f"{head}phrases: []\n")
    (folder / "held_back.yaml").write_text(f'{head}messages:\n  none:\n    - ["{text}", {intents}, {fields}]\n')
    (folder / "fresh_messages.yaml").write_text(f"{head}messages: {{}}\nfirst_run: []\n")
    for name in ("fresh_times", "times_blind"):
        (folder / f"{name}.yaml").write_text("first_run: {exact: 0, of: 0}\ngroups: []\n")
