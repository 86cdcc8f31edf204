import pytest
from contracts.ingress import Address
from hypothesis import given
from hypothesis import strategies as st
from postprocessor_service.domain import (
    LONGEST,
    SEEN_S,
    TYPING_S,
    bubbles,
    canonical,
    fingerprint,
    names_of,
    split,
    typing_s,
    whatsapp,
)

MARKDOWN = st.text(st.sampled_from("ab *_~#[]()\n./:h"), max_size=60)


@pytest.mark.parametrize(
    "markdown,formatted",
    [
        ("São **R$ 375,00** por mês.", "São *R$ 375,00* por mês."),
        ("**um** e **dois**", "*um* e *dois*"),
        ("***muito***", "*_muito_*"),
        ("__Matemática__", "*Matemática*"),
        ("~~R$ 400~~", "~R$ 400~"),
        ("## Horários\nsegunda", "*Horários*\nsegunda"),
        ("# **Horários**", "*Horários*"),
        ("veja [o mapa](https://maps.example/x)", "veja o mapa (https://maps.example/x)"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        # What is not Markdown stays.
        ("*já é do WhatsApp*", "*já é do WhatsApp*"),
        ("_itálico_ e ~riscado~", "_itálico_ e ~riscado~"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("nome__do__arquivo", "nome__do__arquivo"),
        (
            "1) terça-feira, 24/11, 14h30\n2) quarta-feira, 25/11, 9h",
            "1) terça-feira, 24/11, 14h30\n2) quarta-feira, 25/11, 9h",
        ),
        ("o apto #3 e #kumon", "o apto #3 e #kumon"),
        ("- um\n- dois", "- um\n- dois"),
        ("(51) 99692-1999", "(51) 99692-1999"),
        ("😀 **oi**", "😀 *oi*"),
    ],
)
def test_markdown_is_written_as_whatsapp_formats(markdown: str, formatted: str) -> None:
    assert whatsapp(markdown) == formatted


@given(MARKDOWN)
def test_what_is_formatted_stays_so(text: str) -> None:
    assert whatsapp(whatsapp(text)) == whatsapp(text)


@given(MARKDOWN)
def test_formatting_changes_marks_and_no_word(text: str) -> None:
    def words(said: str) -> str:
        return "".join(filter(str.isalpha, said))

    linked = "](" in text
    assert words(whatsapp(text)) == words(text) or linked


@given(st.text(st.characters(exclude_characters="*_~#[")))
def test_a_text_without_marks_stays_as_it_is(text: str) -> None:
    assert whatsapp(text) == text


@given(st.text(st.sampled_from("abc .!?\n"), max_size=3 * LONGEST) | st.text(max_size=2 * LONGEST))
def test_splitting_loses_no_word_and_leaves_nothing_too_long(text: str) -> None:
    parts = split(text)
    assert all(part and len(part) <= LONGEST and part == part.strip() for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_long_text_is_cut_at_the_end_of_a_sentence() -> None:
    sentence = "Esta é uma frase de tamanho razoável. "
    parts = split(sentence * 200)
    assert len(parts) == 3
    assert all(part.endswith("razoável.") for part in parts)


def test_a_long_text_without_sentences_is_cut_between_words() -> None:
    parts = split("palavra " * 1000)
    assert all(part.endswith("palavra") and part.startswith("palavra") for part in parts)


def test_a_text_without_any_gap_is_cut_where_it_must() -> None:
    assert [len(part) for part in split("a" * (LONGEST + 1))] == [LONGEST, 1]


def test_a_text_that_just_fits_is_not_cut() -> None:
    assert len(split("a" * LONGEST)) == 1


def test_empty_bubbles_are_left_out() -> None:
    assert bubbles(("um", " \n", "", "dois")) == ("um", "dois")


@given(st.text(max_size=5000))
def test_typing_takes_as_long_as_a_person_would_and_never_too_long(text: str) -> None:
    assert TYPING_S[0] <= typing_s(text) <= TYPING_S[1] < 2.5
    assert typing_s(text) <= typing_s(text + "mais")


@given(st.text(max_size=500), st.floats(0, 3600))
def test_who_has_waited_waits_no_longer_for_the_typing_than_it_takes(text: str, waited_s: float) -> None:
    assert typing_s(text, waited_s) == max(SEEN_S, typing_s(text) - waited_s)
    assert typing_s(text, -waited_s) == typing_s(text), "a clock that lags makes nobody wait"


@pytest.mark.parametrize(
    "address,name",
    [
        ("5551991234501@s.whatsapp.net", "555191234501"),
        ("555191234501@s.whatsapp.net", "555191234501"),
        ("+5551991234501", "555191234501"),
        ("5551991234501", "555191234501"),
        ("5551991234501:12@s.whatsapp.net", "555191234501"),
        ("555132221100@s.whatsapp.net", "555132221100"),
        ("14155550100@s.whatsapp.net", "14155550100"),
        ("200000000000001@lid", "200000000000001@lid"),
        ("200000000000001@hosted.lid", "200000000000001@lid"),
    ],
)
def test_one_persons_spellings_are_one(address: str, name: str) -> None:
    assert canonical(address) == name


def test_a_person_goes_by_every_name_that_is_known() -> None:
    address = Address(jid="200000000000001@lid", phone="+5551991234501", lid="200000000000001@lid")
    assert names_of(address) == ("200000000000001@lid", "555191234501")


def test_a_fingerprint_is_of_the_words_and_says_none_of_them() -> None:
    assert fingerprint("Olá,  Ana!\n") == fingerprint("Olá, Ana!")
    assert fingerprint("Olá, Ana!") != fingerprint("olá, Ana!")
    assert "Ana" not in fingerprint("Olá, Ana!")
