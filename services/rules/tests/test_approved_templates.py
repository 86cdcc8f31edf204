"""The template that WhatsApp approved: reviewed as the person would read it, and taken away whole when it is wrong."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from chassis.testing import Probe, an_event
from contracts.dialogue import ApprovedTemplate, ReplyProposed
from contracts.rules import Assess, Assessment, DraftBlocked, KnownTemplate, ReplyDrafted
from rules_service.facts import Facts
from rules_service.review import Reviewer
from rules_service.templates import Template

Propose = Callable[..., ReplyProposed]
NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))
NAME, ADDRESS = "lembrete_de_visita", "Rua Amoreira, 571, salas 6 e 7, Jardim das Laranjeiras"
WHEN = "terça-feira, 24 de novembro, às 14h30"
RIGHT = ("Kumon Vila A", WHEN, ADDRESS)


def reviewed(reviewer: Reviewer, propose: Propose, template: ApprovedTemplate, **about: Any) -> Any:
    return reviewer.review(propose("Oi, Ana!", purpose="reminder", approved_template=template, **about))


def test_a_template_with_true_parameters_goes_on(reviewer: Reviewer, propose: Propose) -> None:
    template = ApprovedTemplate(name=NAME, parameters=RIGHT)
    told = reviewed(reviewer, propose, template)
    assert (told.approved_template, told.replaced) == (template, ())


@pytest.mark.parametrize(
    "about,claim",
    [
        ({"parameters": ("Kumon Vila A", "terça-feira, 24 de novembro, às 15h", ADDRESS)}, "time"),
        ({"parameters": ("Kumon Vila A", "quinta-feira, 3 de dezembro, às 14h30", ADDRESS)}, "date"),
        ({"parameters": ("Kumon Vila A", WHEN, "Rua das Flores, 12")}, "address"),
        ({"parameters": ("Kumon Vila A", f"{WHEN}, por R$ 300,00", ADDRESS)}, "price"),
        ({"parameters": ("Kumon Vila A", WHEN)}, "style"),  # WhatsApp would refuse the rest
        ({"parameters": ("", WHEN, ADDRESS)}, "style"),
        ({"parameters": ("Kumon Vila A", f"{WHEN}\n", ADDRESS)}, "style"),
        ({"name": "outro_modelo"}, "style"),
        ({"language": "en_US"}, "style"),
    ],
)
def test_a_template_that_claims_what_no_fact_says_is_taken_away(
    reviewer: Reviewer, propose: Propose, about: dict[str, Any], claim: str
) -> None:
    template = ApprovedTemplate(**{"name": NAME, "parameters": RIGHT, **about})
    told = reviewed(reviewer, propose, template)
    assert (told.approved_template, told.bubbles) == (None, ("Oi, Ana!",))
    assert [(each.bubble, each.claim) for each in told.replaced] == [(1, claim)]


async def test_what_is_taken_away_is_told_by_its_name(rules: Probe, propose: Propose) -> None:
    wrong = ApprovedTemplate(name=NAME, parameters=("Kumon Vila A", WHEN, "Rua das Flores, 12"))
    await rules.deliver(an_event(propose("Oi!", approved_template=wrong)))
    assert [reply.approved_template for reply in rules.of(ReplyDrafted)] == [None]
    assert [blocked.template for blocked in rules.of(DraftBlocked)] == [NAME]


async def test_a_true_one_is_in_the_reply_and_known_to_whoever_asks(
    rules: Probe, propose: Propose, facts: Facts
) -> None:
    template = ApprovedTemplate(name=NAME, parameters=RIGHT)
    await rules.deliver(an_event(propose("Oi!", approved_template=template)))
    assert [reply.approved_template for reply in rules.of(ReplyDrafted)] == [template]
    own = facts.file.templates.reminder
    assert own is not None
    assessment = await rules.ask(Assess(now=NOW))
    assert isinstance(assessment, Assessment)
    assert assessment.unit.reminder_template == KnownTemplate(
        name=NAME, language="pt_BR", parameters=("unit", "when", "address")
    )


@pytest.mark.parametrize("body", ["Oi, {{1}}, até {{2}}.", "Oi, {{2}}: {{1}} às {{1}}."])
def test_every_variable_is_filled(body: str) -> None:
    template = Template(name="x", body=body, parameters=("unit", "when"))
    filled = template.filled(("UM", "DOIS"))
    assert filled is not None
    assert ("UM" in filled, "DOIS" in filled, "{" in filled) == (True, True, False)
