"""Simulated parents: repeatable, recognisable, and judged without mercy."""

from datetime import datetime
from random import Random

import pytest
from assistant.rehearsal import Unit, the_unit
from assistant.scenarios.model import ZONE
from assistant.simulation.hearing import hear
from assistant.simulation.judging import asked_again, flaws_in_offers, flaws_in_reply
from assistant.simulation.noise import noisy
from assistant.simulation.parent import Parent
from assistant.simulation.people import PERSONAS, somebody
from assistant.simulation.report import figures, is_good, worst
from assistant.simulation.running import Conversation, simulate

NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZONE)


@pytest.fixture(scope="module")
def unit() -> Unit:
    return the_unit()


@pytest.fixture(scope="module")
def ran(unit: Unit) -> list[Conversation]:
    return list(simulate(4 * len(PERSONAS), 7, unit))


def test_the_same_seed_is_the_same_run_and_another_is_another(unit: Unit, ran: list[Conversation]) -> None:
    assert list(simulate(len(PERSONAS), 7, unit)) == ran[: len(PERSONAS)]
    assert [each.lines for each in simulate(len(PERSONAS), 8, unit)] != [each.lines for each in ran[: len(PERSONAS)]]


def test_parents_get_what_they_came_for_and_nothing_is_violated(ran: list[Conversation]) -> None:
    found = figures(ran)
    assert is_good(found), [(each.persona, each.outcome, each.violations, each.repeated) for each in worst(ran)]
    assert found["got_what_they_came_for"] >= 0.95
    assert found["longest_turns"] <= 25
    assert len(found["worst"]) == 5


def test_a_missed_aim_is_not_called_good() -> None:
    good = Conversation(0, "direct", "visit", outcome="booked", turns=3)
    assert is_good(figures([good]))
    for bad in (
        Conversation(1, "direct", "visit", outcome="left"),
        Conversation(2, "direct", "visit", outcome="booked", violations=["wrong price"]),
        Conversation(3, "direct", "visit", outcome="booked", repeated=["asked again: age"]),
    ):
        assert not is_good(figures([good, bad]))
        assert worst([good, bad])[0] is bad


@pytest.mark.parametrize(
    "text,flaw",
    [
        ("A mensalidade é de *R$ 375,00* e a matrícula *R$ 100,00*; juntas, R$ 1.225,00.", None),
        ("A mensalidade é de R$ 380,00.", "wrong price: R$ 380,00"),
        ("Fica na Rua Amoreira, 572.", "wrong address"),
        ("Fica na *Rua Amoreira, 571, salas 6 e 7, Jardim das Laranjeiras*.", None),
        ("O contato é (51) 99692-1998.", "wrong phone: (51) 99692-1998"),
        ("1) terça-feira, 24/11, 14h30", None),
        ("1) quarta-feira, 24/11, 14h30", "wrong weekday: quarta-feira, 24/11"),
        ("Até segunda-feira, 31 de novembro!", "no such day: 31/11"),
        ("", "empty text"),
        ("Sorry, não entendi.", "English text: Sorry"),
        ("Olá, {name}!", "placeholder"),
    ],
)
def test_a_false_reply_is_found(unit: Unit, text: str, flaw: str | None) -> None:
    assert list(flaws_in_reply([text], unit, NOW)) == ([flaw] if flaw else [])


def test_a_slot_that_the_unit_does_not_have_is_found(unit: Unit) -> None:
    heard = hear(["1) sábado, 28/11, 9h00\n2) terça-feira, 24/11, 14h30\n3) terça-feira, 24/11, 12h30"], NOW)
    assert list(flaws_in_offers(heard, unit, NOW)) == ["impossible slot: 28/11 09:00", "impossible slot: 24/11 12:30"]


def test_a_question_about_something_said_is_found() -> None:
    parent = Parent(somebody(PERSONAS[4], Random(1)), Random(1))
    second = parent.person.children[1]
    asks = hear([f"Qual é a idade de {second.name}?"], NOW)
    parent.told.add("age:0")
    assert asked_again(asks, parent) is None
    parent.told.add("age:1")
    assert asked_again(asks, parent) == "asked again: age"
    assert asked_again(hear(["Como você se chama?"], NOW), parent) is None


@pytest.mark.parametrize(
    "text,question",
    [
        ("Falo com *Ana Souza*?", "hint"),
        ("Que bom! Qual é o nome de quem vai estudar?", "student_name"),
        ("E a idade da segunda criança, qual é?", "age"),
        ("Pedro está em que série ou ano escolar?", "grade"),
        ("Qual matéria interessa para Pedro: Matemática ou Inglês?", "subjects"),
        ("*terça-feira, 24 de novembro, às 9h* — confirma?", "confirm"),
        ("Que dia e horário ficam bons para você?", "time"),
        ("Por nada!", "none"),
        ("A matéria da semana fica.\nO contato da unidade é este.\nE a matéria para Alice, qual seria?", "subjects"),
    ],
)
def test_a_parent_recognises_the_question(text: str, question: str) -> None:
    assert hear([text], NOW).question == question


def test_noise_leaves_names_addresses_and_figures_alone() -> None:
    rng = Random(3)
    for _ in range(200):
        said = noisy("quero agendar para o Bernardo, 8 anos", 1.0, rng, keep=frozenset({"Bernardo"}))
        assert "bernardo" in said.lower()
        assert "8" in said
        assert noisy("é ana@gmail.com", 1.0, rng) == "é ana@gmail.com"
