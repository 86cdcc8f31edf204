"""Wishes about time, as parents write them; what is expected is written down in `phrases/*times*.yaml`."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from dialogue_service.understanding import understand
from dialogue_service.understanding.values import Context


def _table(name: str) -> Any:
    """Every scalar stays a string, so that days and hours are as they were written."""
    return yaml.load((Path(__file__).parent / "phrases" / name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


TABLE, FRESH, BLIND = _table("times.yaml"), _table("fresh_times.yaml"), _table("times_blind.yaml")
NOW = dt.datetime.fromisoformat(TABLE["now"])
GROUPS = (TABLE, *FRESH["groups"], *BLIND["groups"])
ROWS = [(group["now"], text, wish) for group in GROUPS for text, wish in group["phrases"]]
KNOWN_WRONG = {(note["now"], note["text"]): note["because"] for note in BLIND["known_wrong"]}


def _case(now: str, text: str, wish: dict[str, Any]) -> Any:
    because = KNOWN_WRONG.get((now, text))
    marks = [pytest.mark.xfail(strict=True, reason=because)] if because else []
    return pytest.param(now, text, wish, id=f"{text} ({now[:10]})", marks=marks)


@pytest.mark.parametrize("now,text,wish", [_case(*row) for row in ROWS])
def test_a_wish_is_written_down_as_a_receptionist_would(now: str, text: str, wish: dict[str, Any]) -> None:
    assert understand(text, dt.datetime.fromisoformat(now)).fields.to_json().get("time_preference", {}) == wish


def test_the_tables_are_large_and_say_nothing_twice() -> None:
    known = [text.casefold() for text, _ in TABLE["phrases"]]
    fresh = [(group["now"], text.casefold()) for group in FRESH["groups"] for text, _ in group["phrases"]]
    blind = [(group["now"], text.casefold()) for group in BLIND["groups"] for text, _ in group["phrases"]]
    assert len(known) >= 350
    assert len(fresh) >= 320
    assert len(blind) == int(BLIND["first_run"]["of"])
    assert len(set(known)) == len(known)
    assert len(set(fresh)) == len(fresh)
    assert len(set(blind)) == len(blind)
    assert not set(known) & {text for _, text in fresh}
    assert not {text for _, text in blind} & {*known, *(text for _, text in fresh)}


def test_what_is_known_to_be_read_wrong_is_little_and_in_the_table() -> None:
    assert set(KNOWN_WRONG) <= {(now, text) for now, text, _ in ROWS}
    assert len(KNOWN_WRONG) <= int(BLIND["first_run"]["of"]) / 100


def test_a_corrected_expectation_says_what_stood_there_and_why() -> None:
    expected = {(now, text): wish for now, text, wish in ROWS}
    for note in FRESH["corrected"]:
        assert expected[note["now"], note["text"]] != note["at_first"]
        assert note["because"]


@pytest.mark.parametrize(
    "now,text,wish",
    [
        # Friday afternoon: the week is nearly over.
        ("2026-11-27T15:00:00-03:00", "segunda", {"kind": "weekdays", "weekdays": ["mon"]}),
        ("2026-11-27T15:00:00-03:00", "segunda às 9h", {"kind": "instant", "date": "2026-11-30", "start": "09:00"}),
        ("2026-11-27T15:00:00-03:00", "quarta que vem", {"kind": "window", "date": "2026-12-02"}),
        (
            "2026-11-27T15:00:00-03:00",
            "semana que vem",
            {"kind": "window", "earliest": "2026-11-30", "latest": "2026-12-04"},
        ),
        ("2026-11-27T15:00:00-03:00", "sexta às 10h", {"kind": "instant", "date": "2026-12-04", "start": "10:00"}),
        ("2026-11-27T15:00:00-03:00", "sexta às 16h", {"kind": "ambiguous"}),
        ("2026-11-27T15:00:00-03:00", "hoje às 16h", {"kind": "instant", "date": "2026-11-27", "start": "16:00"}),
        # Sunday evening: tomorrow is Monday, and next week begins with it.
        ("2026-11-29T20:00:00-03:00", "amanhã cedo", {"kind": "window", "date": "2026-11-30", "period": "morning"}),
        (
            "2026-11-29T20:00:00-03:00",
            "semana que vem",
            {"kind": "window", "earliest": "2026-11-30", "latest": "2026-12-04"},
        ),
        ("2026-11-29T20:00:00-03:00", "terça que vem", {"kind": "window", "date": "2026-12-01"}),
        # The turn of the year.
        ("2026-12-30T09:00:00-03:00", "dia 4", {"kind": "window", "date": "2027-01-04"}),
        ("2026-12-30T09:00:00-03:00", "05/01", {"kind": "window", "date": "2027-01-05"}),
        (
            "2026-12-30T09:00:00-03:00",
            "mês que vem",
            {"kind": "window", "earliest": "2027-01-01", "latest": "2027-01-31"},
        ),
        ("2026-12-30T09:00:00-03:00", "quarta às 15h", {"kind": "ambiguous"}),
        # February of a common year, and a leap year.
        ("2027-02-10T09:00:00-03:00", "29/02", {"kind": "ambiguous"}),
        ("2028-02-10T09:00:00-03:00", "29/02", {"kind": "window", "date": "2028-02-29"}),
        ("2027-02-10T09:00:00-03:00", "dia 30", {"kind": "window", "date": "2027-03-30"}),
    ],
)
def test_the_same_words_mean_another_day_at_another_time(now: str, text: str, wish: dict[str, Any]) -> None:
    assert understand(text, dt.datetime.fromisoformat(now)).fields.to_json()["time_preference"] == wish


def test_an_ambiguous_weekday_carries_its_readings() -> None:
    wish = understand("segunda às 15h", NOW).fields.time_preference
    assert wish is not None
    assert [reading.date for reading in wish.readings] == [dt.date(2026, 11, 23), dt.date(2026, 11, 30)]


def test_an_ambiguous_hour_carries_its_readings() -> None:
    wish = understand("amanhã às 8", NOW).fields.time_preference
    assert wish is not None
    assert [reading.start for reading in wish.readings] == [dt.time(8), dt.time(20)]


def test_a_weekday_means_the_offered_day_of_that_name() -> None:
    offered = (dt.datetime.fromisoformat("2026-12-03T10:00:00-03:00"),)
    wish = understand("quinta às 16h", NOW, Context(asked="slot", offered=offered)).fields.time_preference
    assert wish is not None
    assert wish.date == dt.date(2026, 12, 3)


@pytest.mark.parametrize("text", ["quero cancelar a visita de amanhã", "meu filho vai faltar na aula hoje"])
def test_the_day_of_what_is_cancelled_is_no_wish(text: str) -> None:
    assert understand(text, NOW).fields.time_preference is None


def test_the_day_of_the_old_visit_is_no_wish_beside_the_new_one() -> None:
    wish = understand("quero remarcar a visita de amanhã pra quinta de manhã", NOW).fields.time_preference
    assert wish is not None
    assert wish.to_json() == {"kind": "weekdays", "weekdays": ["thu"], "period": "morning"}


@pytest.mark.parametrize(
    "text,wish",
    [
        ("não posso depois das 16h", {"kind": "window", "end": "16:00"}),
        ("não dá antes das 10", {"kind": "window", "start": "10:00"}),
        ("não pode ser antes do dia 10", {"kind": "window", "earliest": "2026-12-10"}),
    ],
)
def test_a_refused_open_end_leaves_the_other_side(text: str, wish: dict[str, Any]) -> None:
    found = understand(text, NOW).fields.time_preference
    assert found is not None
    assert found.to_json() == wish


@pytest.mark.parametrize("text", ["não quero esperar até as 16h", "vocês não atendem depois das 17h?"])
def test_a_refusal_of_something_else_leaves_no_side(text: str) -> None:
    assert understand(text, NOW).fields.time_preference is None


def test_a_lone_number_in_answer_to_when_is_an_hour_or_a_day() -> None:
    wish = understand("15", NOW, Context(asked="time_preference")).fields.time_preference
    assert wish is not None
    assert wish.kind == "ambiguous"
    assert [(reading.date, reading.start) for reading in wish.readings] == [
        (None, dt.time(15)),
        (dt.date(2026, 12, 15), None),
    ]
