from datetime import date, datetime, time
from decimal import Decimal

import phonenumbers
import pytest
from dialogue_service import words
from dialogue_service.testing_facts import MONDAY, ZONE, opening
from hypothesis import given
from hypothesis import strategies as st

TUESDAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 14, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    "said,expected",
    [
        (words.money(Decimal(375)), "R$ 375,00"),
        (words.money(Decimal("1225.5")), "R$ 1.225,50"),
        (words.hour(time(14, 30)), "14h30"),
        (words.hour("09:00"), "9h"),
        (words.at_hour("13:00"), "às 13h"),
        (words.at_hour("01:00"), "à 1h"),
        (words.from_hour("09:00"), "das 9h"),
        (words.from_hour("01:30"), "da 1h30"),
        (words.weekday(TUESDAY), "terça-feira"),
        (words.long_day(TUESDAY), "terça-feira, 24 de novembro"),
        (words.short_day(TUESDAY), "terça-feira, 24/11"),
        (words.day_and_month(date(2026, 12, 1)), "01/12"),
        (words.on_day(TUESDAY), "na terça-feira, 24 de novembro"),
        (words.on_short_day(date(2026, 11, 28)), "no sábado, 28/11"),
        (words.moment(AT, ZONE), "terça-feira, 24 de novembro, às 14h30"),
        (words.on_moment(AT, ZONE), "na terça-feira, 24 de novembro, às 14h30"),
        (words.slot_line(1, AT, ZONE), "1) terça-feira, 24/11, 14h30"),
        (words.slot_line(2, AT.replace(hour=9, minute=0), ZONE), "2) terça-feira, 24/11, 9h00"),
        (words.phone("+5551987650001"), "(51) 98765-0001"),
        (words.phone("+351912345678"), "+351 912 345 678"),
        (words.phone("+999123456789"), "+999123456789"),
        (words.listed(["a", "b", "c"]), "a, b e c"),
        (words.listed(["a", "b"], either=True), "a ou b"),
        (words.subjects(("matematica", "portugues")), "Matemática e Português"),
        (words.count_of_subjects(1), "1 matéria"),
        (words.count_of_subjects(3), "3 matérias"),
        (words.years(8), "8 anos"),
        (words.grade("ef3"), "3º ano"),
        (words.grade("em1"), "1ª série do ensino médio"),
        (words.grade("infantil"), "educação infantil"),
        (words.ordinal(2), "segunda"),
        (words.hours(opening(MONDAY)), "de segunda a sexta-feira, das 9h às 12h e das 14h às 17h"),
        (words.weekdays([1, 3]), "terça e quinta-feira"),
        (words.weekdays([3, 1], either=True), "terça ou quinta-feira"),
        (words.weekdays([5]), "sábado"),
    ],
)
def test_values_read_as_brazilians_write_them(said: str, expected: str) -> None:
    assert said == expected


@given(st.from_regex(r"\+55[1-9][0-9][0-9]{8,9}", fullmatch=True))
def test_a_brazilian_phone_reads_as_it_does_after_parsing(number: str) -> None:
    parsed = phonenumbers.parse(number)
    assert words.phone(number) == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def test_a_moment_is_told_in_the_zone_of_the_unit() -> None:
    assert words.slot_line(1, datetime.fromisoformat("2026-11-24T17:30:00+00:00"), ZONE).endswith("14h30")
