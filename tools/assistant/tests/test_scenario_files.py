"""Reading and checking scenario files."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from assistant.scenarios.checking import check_contact, check_outcome, check_turn
from assistant.scenarios.loading import ScenarioError, load
from assistant.scenarios.model import ZONE, Scenario
from assistant.scenarios.seen import NOBODY, Seen, offers_in

NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZONE)
GOOD = """name: a good one
now: "2026-11-23T10:12:00-03:00"
turns:
  - parent: sim
"""
OFFER = "Tenho:\n1) *terça-feira, 24/11, 14h30*\n2) quinta-feira, 26/11, 9h\n3) segunda-feira, 04/01, 9h00"
SLOTS = {
    1: datetime(2026, 11, 24, 14, 30, tzinfo=ZONE),
    2: datetime(2026, 11, 26, 9, tzinfo=ZONE),
    3: datetime(2027, 1, 4, 9, tzinfo=ZONE),
}


def scenario(**parts: Any) -> Scenario:
    return Scenario.model_validate({"name": "one", "now": NOW.isoformat(), "turns": [{"parent": "oi"}], **parts})


def failures(expect: dict[str, Any], seen: Seen, **turn: Any) -> list[str]:
    given = scenario(turns=[{"parent": "oi", **turn, "expect": expect}]).turns[0]
    return list(check_turn(given, seen, offers_in(seen.bubbles, NOW), SLOTS))


def contact(**parts: Any) -> dict[str, Any]:
    return {**NOBODY, "stage": "discovery", "owner": "assistant", **parts}


def test_words_hours_and_days_are_texts_in_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(GOOD + "  - parent: [no, 14:30, 2026-11-24, 1]\n  - parent: {kind: audio, transcription: null}\n")
    (read,) = load([file])
    assert [turn.pieces for turn in read.turns[:2]] == [("sim",), ("no", "14:30", "2026-11-24", "1")]


@pytest.mark.parametrize(
    "text,complaint",
    [
        ("name: x\nturns: [}\n", r"one\.yaml:2: not YAML"),
        ("- 1\n", r"one\.yaml:1: \(file\)"),
        ("", r"holds no scenario"),
        (GOOD + "  - parent: oi\n    expcet: {}\n", r"one\.yaml:6: turns\[1\]\.expcet: unknown key"),
        (GOOD + "  - at: 2026-11-24\n", r"one\.yaml:5: turns\[1\]: says neither parent nor staff"),
        (GOOD + "  - parent: oi\n    staff: oi\n", r"turns\[1\]: either the parent writes or the unit does"),
        (
            GOOD + "  - parent: oi\n    expect:\n      reply: {says: ['(']}\n",
            r"one\.yaml:7: .*says\[0\]: not a regular expression",
        ),
        (GOOD + "world: {calendar: burnt}\n", r"one\.yaml:5: world\.calendar: "),
        (GOOD + "outcome: {handoff: tired}\n", r"one\.yaml:5: outcome\.handoff: no such reason: tired"),
        (GOOD.replace("now", "then"), r"now: Field required"),
        (GOOD + "  - parent: oi\n    expect: {offers: {from: noon}}\n", r"one\.yaml:6: .*from: a bound is an hour"),
    ],
)
def test_a_mistake_is_told_with_file_line_key_and_reason(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError, match=complaint):
        load([file])


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(GOOD + "  - nothing: 1\n")
    with pytest.raises(ScenarioError) as error:
        load([tmp_path])
    assert {"one.yaml", "two.yaml"} <= {line.split(":")[0].rsplit("/", 1)[-1] for line in str(error.value).splitlines()}


def test_a_folder_without_scenarios_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=f"{tmp_path}: holds no scenario"):
        load([tmp_path])


def test_two_scenarios_of_one_name_are_a_mistake_and_a_file_may_hold_several(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(GOOD + "---\n" + GOOD.replace("a good one", "another"))
    assert [each.name for each in load([file])] == ["a good one", "another"]
    file.write_text(GOOD + "---\n" + GOOD)
    with pytest.raises(ScenarioError, match="two scenarios are called 'a good one'"):
        load([file])


def test_numbered_slots_are_read_from_what_the_parent_sees() -> None:
    assert offers_in([OFFER, "1) nada"], NOW) == SLOTS


@pytest.mark.parametrize(
    "expect,bubbles,complaint",
    [
        ({}, (), "no reply"),
        ({"silent": True}, ("oi",), "not silent: 'oi'"),
        ({"silent": "allowed"}, (), None),
        ({"replies": 0}, (), None),
        ({"replies": 2}, ("oi",), "1 replies instead of 2"),
        ({"reply": {"says": ["^olá"]}}, ("*Olá*",), None),
        ({"reply": {"says": ["^olá"]}}, ("oi",), "does not say /^olá/"),
        ({"reply": {"never": ["r\\$"]}}, ("R$ 1",), "says /r\\$/"),
        ({"reply": {"max_bubbles": 1}}, ("a", "b"), "2 bubbles, more than 1"),
        ({"reply": {"max_chars": 3}}, ("abcd", "a"), "4 characters in a bubble, more than 3"),
        ({"reply": {"max_questions": 0}}, ("Oi? Sim?",), "2 questions, more than 0"),
        ({"offers": {"min": 3, "max": 3}}, (OFFER,), None),
        ({"offers": {"max": 2}}, (OFFER,), "3 slots offered, more than 2"),
        ({"offers": {"min": 1}}, ("oi",), "0 slots offered, fewer than 1"),
        ({"offers": {"from": "09:00", "to": "14:30"}}, (OFFER,), None),
    ],
)
def test_a_reply_is_held_against_what_was_expected(
    expect: dict[str, Any], bubbles: tuple[str, ...], complaint: str | None
) -> None:
    found = failures(expect, Seen(bubbles, replies=1 if bubbles else 0, contact=contact()))
    assert found == ([complaint] if complaint else [])


def test_offers_are_held_against_hours_moments_and_weekdays() -> None:
    seen = Seen((OFFER,), 1, contact())
    assert len(failures({"offers": {"from": "10:00"}}, seen)) == 2
    assert len(failures({"offers": {"to": "2026-11-24T14:30:00-03:00"}}, seen)) == 2
    assert len(failures({"offers": {"weekdays": ["tue"]}}, seen)) == 2


def visit(start: str, status: str = "booked") -> dict[str, Any]:
    return {"id": "v", "start": start, "status": status, "reminded_at": None}


@pytest.mark.parametrize(
    "wanted,visits,is_right",
    [
        ({"status": "none"}, [], True),
        ({"status": "none"}, [visit("2026-11-24T14:30:00-03:00", "requested")], False),
        ({"status": "booked"}, [], False),
        ({"status": "cancelled"}, [visit("2026-11-24T14:30:00-03:00", "cancelled")], True),
        ({"status": "cancelled"}, [visit("2026-11-24T14:30:00-03:00")], False),
        ({"at": "2026-11-24T14:30:00-03:00"}, [visit("2026-11-24T17:30:00+00:00")], True),
        ({"at": "2026-11-24T14:30:00-03:00"}, [visit("2026-11-24T15:00:00-03:00")], False),
        ({"from": "14:00", "to": "14:30"}, [visit("2026-11-24T14:30:00-03:00")], True),
        ({"from": "15:00"}, [visit("2026-11-24T14:30:00-03:00")], False),
        ({"count": 1}, [visit("2026-11-24T14:30:00-03:00"), visit("2026-11-24T15:00:00-03:00", "rescheduled")], True),
        ({"offer": 2}, [visit("2026-11-26T09:00:00-03:00")], True),
        ({"offer": 1}, [visit("2026-11-26T09:00:00-03:00")], False),
    ],
)
def test_the_visit_is_held_against_the_front_desks_page(
    wanted: dict[str, Any], visits: list[dict[str, Any]], is_right: bool
) -> None:
    outcome = scenario(outcome={"visit": wanted}).outcome
    assert (list(check_contact(outcome, contact(visits=visits), SLOTS)) == []) is is_right


@pytest.mark.parametrize(
    "wanted,is_right",
    [
        ({"parent_name": "Ana", "email": None, "subjects": ["portugues", "matematica"]}, True),
        ({"parent_name": None}, False),
        ({"time_preference": {"period": "morning"}}, True),
        ({"time_preference": {"period": "evening"}}, False),
        ({"students": [{"age": 8}, {"name": "Lia"}]}, True),
        ({"students": [{"age": 8}]}, False),
    ],
)
def test_the_lead_is_held_key_by_key(wanted: dict[str, Any], is_right: bool) -> None:
    known = contact(
        lead={
            "parent_name": "Ana",
            "email": None,
            "subjects": ["matematica", "portugues"],
            "time_preference": {"kind": "period", "period": "morning"},
        },
        students=[{"name": None, "age": 8}, {"name": "Lia", "age": 5}],
    )
    assert (list(check_contact(scenario(outcome={"lead": wanted}).outcome, known, {})) == []) is is_right


@pytest.mark.parametrize(
    "wanted,handoff,is_right",
    [
        (False, None, True),
        (False, {"reason": "abuse", "status": "released"}, True),
        (False, {"reason": "abuse", "status": "taken"}, False),
        ("abuse|complaint", {"reason": "complaint", "status": "open"}, True),
        ("abuse", {"reason": "complaint", "status": "open"}, False),
        ("abuse", None, False),
    ],
)
def test_the_handoff_is_held_against_its_reasons(
    wanted: str | bool, handoff: dict[str, Any] | None, is_right: bool
) -> None:
    outcome = scenario(outcome={"handoff": wanted}).outcome
    assert (list(check_contact(outcome, contact(handoff=handoff), {})) == []) is is_right


def test_the_outcome_is_about_everything_that_was_said() -> None:
    outcome = scenario(
        outcome={"said": ["um dois"], "never": ["três"], "replies_at_most": {"turns": 2, "max": 1}}
    ).outcome
    turns = [Seen(("um",), 1), Seen(("dois",), 1), Seen((), 0)]
    assert list(check_outcome(outcome, turns, contact(), {})) == []
    more = [*turns, Seen(("três", "quatro"), 2)]
    assert list(check_outcome(outcome, more, contact(), {})) == ["said /três/", "2 replies in these turns, more than 1"]
