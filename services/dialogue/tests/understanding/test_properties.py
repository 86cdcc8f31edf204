"""What holds for every text."""

import datetime as dt
import time
from pathlib import Path

import pytest
from assistant.testing_volume import volume
from dialogue_service.understanding import understand
from dialogue_service.understanding.normaliser import READ_LIMIT, normalise
from dialogue_service.understanding.values import INTENT_NAMES, Context
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = dt.datetime.fromisoformat("2026-11-23T10:12:00-03:00")
OFFERED = tuple(
    dt.datetime.fromisoformat(slot)
    for slot in ("2026-11-24T14:30:00-03:00", "2026-11-25T15:00:00-03:00", "2026-11-26T10:00:00-03:00")
)
WORDS = (Path(__file__).parent / "phrases" / "words.txt").read_text(encoding="utf-8").split(" ")
ASKED = st.sampled_from(
    (
        *(None, "parent_name", "student_name", "student_age", "school_grade", "subjects", "email"),
        *("time_preference", "slot", "confirm_slot", "confirm_visit", "reschedule"),
    )
)
CONTEXTS = st.builds(
    Context,
    asked=ASKED,
    offered=st.sampled_from([(), OFFERED, OFFERED[:1]]),
    parent_name=st.sampled_from([None, "Ana", "Ana Souza"]),
    student_names=st.sampled_from([(), ("Pedro",)]),
)
MOMENTS = st.integers(-6 * 365 * 24 * 60, 14 * 365 * 24 * 60).map(lambda minutes: NOW + dt.timedelta(minutes=minutes))
SPOKEN = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
TEXTS = st.one_of(st.text(max_size=120), SPOKEN)
REAL = (
    "oi, quanto custa matemática?",
    "meu filho Pedro tem 8 anos e tá no 3o ano",
    "quero agendar uma visita quinta de manhã",
    "me chamo Ana Souza, email ana@gmail.com",
    "terça não, quarta depois das 15h",
    "o material está incluso?",
    "quero falar com uma pessoa",
    "amanhã às 15h",
    "tenho 2 filhos, de 6 e 9 anos",
    "não posso segunda, só sexta à tarde",
)


@settings(max_examples=volume(150, thorough=400))
@given(text=TEXTS, now=MOMENTS, context=CONTEXTS)
def test_no_text_raises_and_every_span_holds_what_it_says(text: str, now: dt.datetime, context: Context) -> None:
    reading = understand(text, now, context)
    assert reading.text == text
    assert set(reading.names) <= set(INTENT_NAMES)
    assert reading.intents
    assert len(set(reading.names)) == len(reading.names)
    for span in reading.fields.spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text
    slot = reading.fields.slot
    assert slot is None or slot in {"any", "ambiguous"} or slot in context.offered
    assert set(reading.fields.slot_candidates) <= set(context.offered)
    reading.to_json()


@settings(max_examples=volume(60, thorough=150))
@given(text=TEXTS, context=CONTEXTS)
def test_the_same_text_is_read_the_same_way_twice(text: str, context: Context) -> None:
    assert understand(text, NOW, context) == understand(text, NOW, context)


@settings(max_examples=volume(40, thorough=100))
@given(text=SPOKEN)
def test_every_value_that_is_given_has_a_span(text: str) -> None:
    fields = understand(text, NOW).fields
    named = {span.field for span in fields.spans}
    for key in ("parent_name", "email", "phone"):
        assert (getattr(fields, key) is None) == (key not in named)
    for index, student in enumerate(fields.students):
        for key in ("name", "age", "grade", "subjects"):
            assert bool(getattr(student, key)) == (f"students[{index}].{key}" in named)


@pytest.mark.parametrize("text", REAL)
@pytest.mark.parametrize("extra", [" 😊", " 🙏", " ❤️❤️", " por favor", "!!", " #a1b2", "\n😘", " ..."])
def test_a_stray_sign_or_a_polite_word_changes_no_field(text: str, extra: str) -> None:
    plain, adorned = understand(text, NOW).fields.to_json(), understand(text + extra, NOW).fields.to_json()
    assert adorned == plain


@pytest.mark.parametrize("text", REAL)
@pytest.mark.parametrize("change", [str.upper, str.lower, str.title], ids=["upper", "lower", "title"])
def test_case_changes_neither_values_nor_intents(text: str, change: "type[str]") -> None:
    plain, changed = understand(text, NOW), understand(change(text), NOW)
    assert changed.names == plain.names
    assert changed.fields.to_json() == plain.fields.to_json()


@pytest.mark.parametrize("text", REAL)
def test_a_burst_is_read_as_its_lines_together(text: str) -> None:
    assert understand(f"oi\n{text}", NOW).fields.to_json() == understand(text, NOW).fields.to_json()


def _ns_a_character(text: str) -> float:
    """Processor time for each character that is read; the best of a few, since other programs share the machine."""
    took = []
    for _ in range(3):
        normalise.cache_clear()
        begun = time.process_time_ns()
        understand(text, NOW)
        took.append(time.process_time_ns() - begun)
    return min(took) / min(len(text), READ_LIMIT)


@pytest.mark.parametrize(
    "unit", ["a", "1 ", "e ", "não ", "\n", "(", "as 3 e ", "quero terça ou quinta às 15h, meu filho Pedro tem 8 anos "]
)
def test_a_long_text_costs_no_more_a_character_than_a_usual_one(unit: str) -> None:
    usual = sum(map(_ns_a_character, REAL)) / len(REAL)
    assert _ns_a_character(unit * READ_LIMIT) < 10 * usual
