"""Cleaning: one form of every letter, nothing invisible, no wild whitespace."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from preprocessor_service.text import MAX_CHARS, clean, cut, one_line

# Every kind of character that cleaning is about, beside whatever else Unicode has.
TRICKY = st.sampled_from(
    "\n\r\t\v\x00\x85\u200b\u200d\u200e\u202e\u2066\u2028\u3000\ufeff\ufe0f\ufe0e\u0301\u2800\u3164"
    "e é👍👩\U0001f3fd❤1\u20e3\U000e0041\U000e0101 "
)
TEXTS = st.text(st.one_of(TRICKY, st.characters()), max_size=60)


@pytest.mark.parametrize(
    "written, read",
    [
        ("oi, quanto custa?", "oi, quanto custa?"),
        ("voce\u0302", "você"),
        ("e\u200b\u0301", "é"),
        ("o\u200bi\u2060 \u202eatsuc\u202c", "oi atsuc"),
        ("oi\x00\x07\x1b[0m", "oi[0m"),
        ("oi\ttudo   bem", "oi tudo bem"),
        ("  oi \r\n\r\n\r\n\r\n tudo  ", "oi\n\ntudo"),
        ("um\u2028dois\u2029três", "um\ndois\ntrês"),
        ("R$\u00a0375,00", "R$ 375,00"),
        ("\u3164\u2800\u200b", ""),
        ("ol\U000e0069\U000e0067á", "olá"),
        ("família 👨\u200d👩\u200d👧 ❤️ 1️⃣ 👍🏽 🏳️\u200d🌈", "família 👨\u200d👩\u200d👧 ❤️ 1️⃣ 👍🏽 🏳️\u200d🌈"),
        ("a\u200db\u200d", "ab"),
        ("\ufe0foi \ufe0f", "oi"),
    ],
)
def test_a_text_is_read_as_it_is_seen(written: str, read: str) -> None:
    assert clean(written) == read


@given(TEXTS)
def test_a_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(TEXTS)
def test_a_clean_text_is_composed_and_holds_nothing_that_hides(text: str) -> None:
    read = clean(text)
    assert unicodedata.is_normalized("NFC", read)
    assert {unicodedata.category(char) for char in read.replace("\u200d", "") if char != "\n"}.isdisjoint({"Cc", "Cf"})
    assert "\n\n\n" not in read
    assert "  " not in read
    assert read == read.strip()


@given(st.text(st.sampled_from("abcçéãõ 0123456789,.?!👍\n"), max_size=80))
def test_nothing_that_is_seen_is_lost(text: str) -> None:
    assert "".join(clean(text).split()) == "".join(text.split())


@given(st.text(st.sampled_from("ab \n👩\u200d❤️"), max_size=40))
def test_a_cut_text_fits_begins_alike_and_says_that_it_was_cut(end: str) -> None:
    whole = clean("a" * (MAX_CHARS - 20) + end)
    short, is_cut = cut(whole)
    assert len(short) <= MAX_CHARS
    assert whole.startswith(short)
    assert is_cut == (len(whole) > MAX_CHARS)
    assert clean(short) == short


@pytest.mark.parametrize(
    "written, read",
    [(None, None), ("", None), (" \u200b ", None), ("Ana\nSouza", "Ana Souza"), ("x" * 90, "x" * 80)],
)
def test_a_name_is_one_short_line(written: str | None, read: str | None) -> None:
    assert one_line(written, 80) == read
