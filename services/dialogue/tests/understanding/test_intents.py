"""What parents want; what is expected is written down in `phrases/intents.yaml`."""

import datetime as dt
from pathlib import Path

import pytest
import yaml
from dialogue_service.understanding import understand
from dialogue_service.understanding.values import INTENT_NAMES, Context, Intent

TABLE = yaml.load(
    (Path(__file__).parent / "phrases" / "intents.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)
NOW = dt.datetime.fromisoformat(TABLE["now"])
OFFERED = tuple(dt.datetime.fromisoformat(slot) for slot in TABLE["offered"])
CASES = [
    *((Context(), text, names) for text, names in TABLE["phrases"]),
    *((Context(asked="slot", offered=OFFERED), text, names) for text, names in TABLE["offered_phrases"]),
    *((Context(asked=asked), text, names) for asked, rows in TABLE["asked"].items() for text, names in rows),
]


@pytest.mark.parametrize(
    "context,text,names", CASES, ids=[f"{context.asked or ''}-{text}" for context, text, _ in CASES]
)
def test_every_intent_is_found_the_most_important_first(context: Context, text: str, names: list[str]) -> None:
    assert list(understand(text, NOW, context).names) == names


def test_the_table_is_large_and_has_every_intent() -> None:
    assert len(CASES) >= 240
    assert {name for _, _, names in CASES for name in names} == set(INTENT_NAMES)


def test_what_the_grammar_does_not_know_is_asked_of_the_classifier() -> None:
    asked: list[str] = []

    def classify(text: str) -> tuple[Intent, ...]:
        asked.append(text)
        return (Intent(name="ask_results", confidence=0.6),)

    reading = understand("minha vizinha adorou, será que dá jeito no meu?", NOW, classify=classify)
    assert reading.names == ("ask_results",)
    assert reading.confidence == 0.6
    assert understand("quanto custa?", NOW, classify=classify).names == ("ask_price",)
    assert len(asked) == 1


def test_a_classifier_that_knows_nothing_leaves_the_turn_not_understood() -> None:
    reading = understand("xpto", NOW, classify=lambda _: ())
    assert reading.names == ("not_understood",)
    assert reading.confidence < 0.5


@pytest.mark.parametrize(
    "text,shift",
    [
        ("mais cedo", "earlier"),
        ("tem um pouco mais tarde?", "later"),
        ("mais tarde eu te aviso", None),
        ("o mais cedo possível", None),
    ],
)
def test_earlier_and_later_are_told_of_what_was_offered(text: str, shift: str | None) -> None:
    assert understand(text, NOW, Context(asked="slot", offered=OFFERED)).shift == shift


def test_nothing_is_earlier_than_what_was_never_offered() -> None:
    assert understand("mais cedo", NOW).shift is None


@pytest.mark.parametrize(
    "text, asked",
    [
        ("qual o horário e o endereço?", {"ask_hours", "ask_address"}),
        ("me passa o endereço e os valores", {"ask_address", "ask_price"}),
        ("qual o telefone e o endereço?", {"ask_address"}),
        ("qual o nome da professora e a idade mínima?", {"ask_age_range"}),
    ],
)
def test_both_halves_of_a_question_are_read(text: str, asked: set[str]) -> None:
    assert {each.name for each in understand(text, NOW).intents} == asked
