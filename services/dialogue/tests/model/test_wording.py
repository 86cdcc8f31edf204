"""What may be said of a model's wording, before rules see it."""

from typing import Any

import pytest
from dialogue_service.model.wording import LONGEST, read_wording


def test_a_short_sentence_is_said_as_it_is() -> None:
    assert read_wording({"answer": " O material já está *incluído*. 😊 "}) == "O material já está *incluído*. 😊"


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"answer": None},
        {"answer": 7},
        {"answer": ["Oi"]},
        {"answer": "  "},
        {"answer": "a" * (LONGEST + 1)},
        {"answer": "O material está incluído. Quer visitar?"},
        {"answer": "**Material** incluído."},
        {"answer": "# Material"},
        {"answer": "- um\n- dois"},
        {"answer": "Um.\n\nDois."},
        {"answer": "Olá, {nome}."},
        {"answer": "<b>Oi</b>"},
        {"answer": "Olá, [NOME]."},
        {"answer": "```Oi```"},
    ],
    ids=repr,
)
def test_what_is_not_hers_is_not_said(data: Any) -> None:
    assert read_wording(data) is None
