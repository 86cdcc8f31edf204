"""Choosing one of the offered slots; what is expected is written down in `phrases/slots.yaml`."""

import datetime as dt
from pathlib import Path

import pytest
import yaml
from dialogue_service.understanding import understand
from dialogue_service.understanding.values import Context, Understanding

TABLE = yaml.load(
    (Path(__file__).parent / "phrases" / "slots.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)
NOW = dt.datetime.fromisoformat(TABLE["now"])
OFFERS = {name: tuple(dt.datetime.fromisoformat(slot) for slot in slots) for name, slots in TABLE["offers"].items()}


def place(reading: Understanding, offered: tuple[dt.datetime, ...]) -> str | list[str]:
    slot = reading.fields.slot
    if slot == "ambiguous":
        return [str(offered.index(candidate) + 1) for candidate in reading.fields.slot_candidates]
    if isinstance(slot, dt.datetime):
        return str(offered.index(slot) + 1)
    return slot or "none"


@pytest.mark.parametrize(
    "offer,text,chosen", TABLE["choices"], ids=[f"{offer}-{text}" for offer, text, _ in TABLE["choices"]]
)
def test_a_choice_is_the_offered_slot_that_the_words_name(offer: str, text: str, chosen: str | list[str]) -> None:
    offered = OFFERS[offer]
    assert place(understand(text, NOW, Context(asked=TABLE["asked"], offered=offered)), offered) == chosen


def test_a_chosen_slot_is_no_wish_beside_it() -> None:
    fields = understand("quinta de manhã", NOW, Context(asked="slot", offered=OFFERS["three_days"])).fields
    assert fields.to_json() == {"slot": "2026-11-26T10:00:00-03:00"}


def test_a_number_answers_the_question_that_was_asked() -> None:
    reading = understand("2", NOW, Context(asked="student_age", offered=OFFERS["three_days"]))
    assert reading.fields.slot is None
    assert reading.fields.students[0].age == 2


def test_without_an_offer_there_is_no_slot() -> None:
    assert understand("o primeiro", NOW, Context(asked="slot")).fields.slot is None


def test_slots_in_another_zone_are_read_on_the_local_clock() -> None:
    offered = tuple(slot.astimezone(dt.UTC) for slot in OFFERS["three_days"])
    reading = understand("o das 15h", NOW, Context(asked="slot", offered=offered))
    assert reading.fields.slot == offered[1]
