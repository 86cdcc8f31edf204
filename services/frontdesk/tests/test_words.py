"""What the page says."""

from datetime import datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from contracts.dialogue import Grade, HandoffReason, Stage, Subject
from contracts.ingress import MessageKind
from contracts.postprocessor import DeliveryFailed
from contracts.preprocessor import MessageRejected
from frontdesk_service.domain import moment, phones
from frontdesk_service.wording import words
from frontdesk_service.wording.wishes import preference
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))


@pytest.mark.parametrize(
    "wish,said",
    [
        (None, None),
        ({"kind": "none"}, None),
        ({"kind": "window"}, "qualquer horário"),
        ({"kind": "ambiguous"}, "a confirmar"),
        ({"kind": "period", "period": "afternoon"}, "à tarde"),
        ({"kind": "window", "weekdays": ["tue", "thu"], "start": "15:00"}, "terça ou quinta, depois das 15h"),
        ({"kind": "instant", "date": "2026-11-24", "start": "14:30"}, "ter., 24/11, às 14h30"),
        ({"kind": "window", "exclude_weekdays": ["mon"], "end": "16:30"}, "menos segunda, até as 16h30"),
        (
            {"kind": "window", "earliest": "2026-11-30", "latest": "2026-12-04"},
            "a partir de seg., 30/11, até sex., 04/12",
        ),
        (
            {
                "options": [
                    {"weekdays": ["tue"], "period": "morning"},
                    {"date": "2026-11-26", "start": "10:00", "end": "11:00"},
                ]
            },
            "terça, de manhã ou qui., 26/11, das 10h às 11h",
        ),
    ],
)
def test_a_wish_reads_as_a_receptionist_writes_it_down(wish: dict[str, Any] | None, said: str | None) -> None:
    assert preference(wish) == said


@pytest.mark.parametrize(
    "table,contract",
    [
        (words.STAGES, Stage),
        (words.REASONS, HandoffReason),
        (words.SHORT_REASONS, HandoffReason),
        (words.GRADES, Grade),
        (words.SUBJECTS, Subject),
        (words.FAILURES, DeliveryFailed.model_fields["reason"].annotation),
        (words.NOTES, MessageRejected.model_fields["reason"].annotation),
    ],
)
def test_there_is_a_word_for_everything_that_the_contracts_can_say(table: dict[str, str], contract: Any) -> None:
    assert set(table) == set(get_args(contract))


def test_there_is_a_word_for_every_kind_of_message() -> None:
    assert set(words.KINDS) == set(get_args(MessageKind)) - {"text"}


@pytest.mark.parametrize(
    "text,shown",
    [
        ("*R$ 375,00* por _matéria_", "<strong>R$ 375,00</strong> por <em>matéria</em>"),
        ("2*3*4 e a_b_c", "2*3*4 e a_b_c"),
        ("* não é negrito *", "* não é negrito *"),
        ("~antes~ <b>", "<s>antes</s> &lt;b&gt;"),
        (None, ""),
    ],
)
def test_whatsapps_own_formatting_is_shown_and_nothing_else(text: str | None, shown: str) -> None:
    assert words.whatsapp(text) == shown


@pytest.mark.parametrize(
    "minutes,said",
    [
        (0.5, "agora"),
        (1, "há 1 min"),
        (59, "há 59 min"),
        (60, "há 1 h"),
        (1439, "há 23 h"),
        (1440, "há 1 dia"),
        (4320, "há 3 dias"),
    ],
)
def test_a_wait_is_told_in_the_largest_whole_unit(minutes: float, said: str) -> None:
    assert words.waited(NOW - timedelta(minutes=minutes), NOW) == said


@given(st.text(max_size=60))
def test_a_message_can_never_bring_a_tag_of_its_own(text: str) -> None:
    shown = str(words.whatsapp(text))
    for tag in ("strong", "em", "s"):
        shown = shown.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    assert not set(shown) & set("<>\"'")


@pytest.mark.parametrize(
    "days,when,day",
    [
        (0, "10:12", "Hoje"),
        (1, "ontem", "Ontem"),
        (3, "sex", "sexta-feira, 20/11"),
        (400, "19/10/25", "domingo, 19/10/2025"),
    ],
)
def test_times_are_told_as_people_tell_them(days: int, when: str, day: str) -> None:
    assert (words.when(NOW - timedelta(days=days), NOW), words.day(NOW - timedelta(days=days), NOW)) == (when, day)


@pytest.mark.parametrize(
    "e164,shown",
    [("+5551996921999", "(51) 99692-1999"), ("+14155238886", "+1 415-523-8886"), ("no phone", "no phone")],
)
def test_a_phone_is_shown_as_it_is_dialled_here(e164: str, shown: str) -> None:
    assert words.phone(e164) == shown


@pytest.mark.parametrize(
    "name,letters",
    [("Ana Maria Souza", "AS"), ("Ana", "A"), ("Bia 🌻", "B"), ("🌻", ""), (None, ""), ("érica de sá", "ÉS")],
)
def test_initials_are_at_most_two_letters(name: str | None, letters: str) -> None:
    assert words.initials(name) == letters


@pytest.mark.parametrize(
    "said,preview",
    [
        (("text", "São *R$ 375,00*\npor matéria", False), "São R$ 375,00 por matéria"),
        (("image", "", False), "Foto"),
        (("audio", "oi, tudo bem?", False), "oi, tudo bem?"),
        (("text", "segredo", True), "Mensagem apagada"),
        ((None, None, None), ""),
    ],
)
def test_the_list_shows_one_line_of_the_last_message(said: Any, preview: str) -> None:
    assert words.preview(*said) == preview


@pytest.mark.parametrize(
    "path,meant",
    [
        ("+5551987650001", ("+5551987650001",)),
        ("5551987650001", ("+5551987650001",)),
        ("555187650001", ("+555187650001", "+5551987650001")),
        ("555133334444", ("+555133334444",)),
        ("cnv_1", ()),
        ("", ()),
    ],
)
def test_a_path_means_a_phone_with_or_without_the_ninth_digit(path: str, meant: tuple[str, ...]) -> None:
    assert phones(path) == meant


@given(st.integers(-5000, 5000))
def test_a_message_is_never_later_than_it_was_here(ahead_ms: int) -> None:
    assert moment(NOW + timedelta(milliseconds=ahead_ms), NOW) <= NOW
