"""Names, ages, grades, subjects, e-mails and phones; what is expected is written down in `phrases/fields.yaml`."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from dialogue_service.understanding import understand
from dialogue_service.understanding.values import Context

TABLE = yaml.load(
    (Path(__file__).parent / "phrases" / "fields.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)
NOW = dt.datetime.fromisoformat(TABLE["now"])
ANSWERS = [(asked, text, fields) for asked, rows in TABLE["asked"].items() for text, fields in rows]


def given(text: str, context: Context) -> dict[str, Any]:
    """The fields in the shape of the table: of a student only what is known, every scalar a string."""
    fields = understand(text, NOW, context).fields.to_json()
    if "students" in fields:
        fields["students"] = [
            {key: value if isinstance(value, list) else str(value) for key, value in student.items() if value}
            for student in fields["students"]
        ]
        for student in fields["students"]:
            if "self" in student:
                student["self"] = "true"
    return fields


@pytest.mark.parametrize("text,fields", TABLE["phrases"], ids=[text for text, _ in TABLE["phrases"]])
def test_a_message_gives_what_it_says_and_nothing_more(text: str, fields: dict[str, Any]) -> None:
    assert given(text, Context()) == fields


@pytest.mark.parametrize("asked,text,fields", ANSWERS, ids=[f"{asked}-{text}" for asked, text, _ in ANSWERS])
def test_a_short_answer_is_read_by_the_question(asked: str, text: str, fields: dict[str, Any]) -> None:
    assert given(text, Context(asked=asked)) == fields


def test_the_tables_are_large() -> None:
    assert len(TABLE["phrases"]) + len(ANSWERS) >= 150


@pytest.mark.parametrize(
    "text,context,expected",
    [
        ("é Anna com dois n", Context(asked="student_age", parent_name="Ana", student_names=("Pedro",)), "parent"),
        ("é Anna com dois n", Context(asked="student_age", parent_name="Carla", student_names=("Ana",)), "student"),
        ("não, é Mariana", Context(asked="student_age", parent_name="Maria", student_names=("Pedro",)), "parent"),
        ("não, é Mariana", Context(asked="student_age", parent_name="João", student_names=("Maria",)), "student"),
    ],
)
def test_a_corrected_name_belongs_to_whom_it_resembles(text: str, context: Context, expected: str) -> None:
    fields = understand(text, NOW, context).fields
    assert (fields.parent_name is not None, bool(fields.students)) == (expected == "parent", expected == "student")


@pytest.mark.parametrize(
    "text,count",
    [
        ("tenho 3 filhos", 3),
        ("meus dois filhos", 2),
        ("tenho gêmeos", 2),
        ("são 2 crianças", 2),
        ("tenho um filho", None),
        ("atendem quantas crianças por turma?", None),
        ("as 2 matérias", None),
    ],
)
def test_children_are_counted_only_when_the_parent_counts_them(text: str, count: int | None) -> None:
    assert understand(text, NOW).child_count == count


@pytest.mark.parametrize(
    "text,count",
    [
        ("quanto fica 2 matérias?", 2),
        ("qto é as três juntas", 3),
        ("e só uma matéria?", 1),
        ("quanto custa?", None),
        ("pode ser às 3", None),
        ("às duas", None),
    ],
)
def test_the_number_of_subjects_is_told_apart_from_an_hour(text: str, count: int | None) -> None:
    assert understand(text, NOW).subject_count == count


@pytest.mark.parametrize(
    "text, students",
    [
        ("minhas gêmeas têm 6 anos", [(None, 6), (None, 6)]),
        ("tenho trigêmeos de 9 anos", [(None, 9)] * 3),
        ("tenho gêmeos de 8 anos mas só um vai fazer", [(None, 8)]),
        ("tenho gêmeos", []),
    ],
)
def test_twins_of_one_age_are_students_of_that_age(text: str, students: list[tuple[str | None, int]]) -> None:
    read = understand(text, NOW).fields.students
    assert [(each.name, each.age) for each in read] == students


def test_twins_share_what_is_said_of_both() -> None:
    first, second = understand("gêmeos de 8 anos no 3º ano, quero matemática", NOW).fields.students
    assert first == second
    assert (first.age, first.subjects) == (8, ("matematica",))
