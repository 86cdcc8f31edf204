from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingress_service.channels.evolution.values import flag, instant, integer, name, size, text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "value, number",
    [
        (7, 7),
        (7.9, 7),
        ("7", 7),
        ("-7", -7),
        ({"low": 7, "high": 0, "unsigned": True}, 7),
        ({"low": -1, "high": 0, "unsigned": True}, 4_294_967_295),
        ({"low": -936591237, "high": 409, "unsigned": False}, 1_760_000_000_123),
        ({"low": -1, "high": -1, "unsigned": False}, -1),
        ({"low": -1, "high": -1, "unsigned": True}, 18_446_744_073_709_551_615),
        ({"low": 7}, 7),
        ({"high": 7}, None),
        ({"low": True, "high": 0}, None),
        ({"low": 1.5, "high": 0}, None),
        (True, None),
        ("7a", None),
        ("", None),
        ("9" * 5000, None),
        (float("inf"), None),
        (float("nan"), None),
        (None, None),
        ([], None),
    ],
)
def test_a_number_comes_in_many_coats(value: object, number: int | None) -> None:
    assert integer(value) == number


@pytest.mark.parametrize(
    "value, moment",
    [
        (1795340225, datetime(2026, 11, 22, 9, 37, 5, tzinfo=UTC)),
        ("1795340225", datetime(2026, 11, 22, 9, 37, 5, tzinfo=UTC)),
        (1795340225500, datetime(2026, 11, 22, 9, 37, 5, 500000, tzinfo=UTC)),
        ({"low": 1795340225, "high": 0, "unsigned": True}, datetime(2026, 11, 22, 9, 37, 5, tzinfo=UTC)),
        ("2026-11-22T09:37:05Z", datetime(2026, 11, 22, 9, 37, 5, tzinfo=UTC)),
        ("2026-11-22T06:37:05-03:00", datetime(2026, 11, 22, 9, 37, 5, tzinfo=UTC)),
        ("2026-11-22T09:37:05", datetime(2026, 11, 22, 9, 37, 5, tzinfo=UTC)),
        (0, None),
        (-5, None),
        (10**18, None),
        ("amanhã", None),
        ("0001-01-01T00:00:00+14:00", None),
        (None, None),
        ({}, None),
    ],
)
def test_a_moment_comes_as_seconds_milliseconds_or_iso(value: object, moment: datetime | None) -> None:
    assert instant(value) == moment


@pytest.mark.parametrize("value, answer", [(True, True), ("true", True), (1, True), (False, False), ("não", False)])
def test_a_flag_says_yes_or_no(value: object, answer: bool) -> None:
    assert flag(value) is answer


@pytest.mark.parametrize(
    "value, identifier",
    [("3A01", "3A01"), (" 3A01 ", "3A01"), (12, "12"), ("", None), (True, None), ("x" * 201, None), (10**201, None)],
)
def test_an_identifier_is_short_and_says_something(value: object, identifier: str | None) -> None:
    assert name(value) == identifier


def test_text_comes_out_fit_for_every_store() -> None:
    assert text("a\x00b") == "ab"
    assert text("\ud83d\ude00") == "😀"
    assert text("meio \ud83d") == "meio \ufffd"


def test_a_size_is_never_negative() -> None:
    assert (size(5), size(-5), size(1 << 63), size("5")) == (5, None, None, 5)


@given(JSON)
def test_no_reader_ever_raises(value: object) -> None:
    said = text(value)
    assert said is None or isinstance(said.encode(), bytes)
    number = integer(value)
    assert number is None or isinstance(number, int)
    moment = instant(value)
    assert moment is None or moment.tzinfo is UTC
    assert name(value) is None or 0 < len(name(value) or "") <= 200
    assert flag(value) in {True, False}
