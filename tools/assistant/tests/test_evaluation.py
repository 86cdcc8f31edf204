"""`assistant evaluate`: what a model adds and costs, counted."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer
from assistant.commands.evaluation import evaluate
from assistant.evaluation.measuring import Run, Spent
from assistant.evaluation.real import CannotEvaluateError, gateway
from assistant.evaluation.report import figures, tables
from assistant.evaluation.scripted import Scripted, metered
from assistant.home import Home, home_of, project_folder
from contracts.llm_gateway import ChatMessage, Complete, Completion
from rich.console import Console

PASSAGE = "A visita é gratuita. O material está incluído. Traga a criança e os irmãos."
ASKED = Complete(task="phrase", messages=(ChatMessage(role="user", content="{}"),))


def question(task: Any, **data: Any) -> Complete:
    return Complete(task=task, messages=(ChatMessage(role="user", content=json.dumps(data)),))


async def test_the_scripted_model_says_what_shares_most_with_the_question() -> None:
    asked = question("phrase", question="posso levar os irmãos da criança?", passage=PASSAGE)
    answer = (await Scripted()(asked, within_s=5)).data
    assert answer == {"answer": "A visita é gratuita. Traga a criança e os irmãos."}


async def test_the_scripted_model_knows_what_it_was_taught_and_no_more() -> None:
    model = Scripted()
    known = await model(question("understand", messages=["Vixe, TÁ SALGADO"]), within_s=5)
    assert known.data == {"commands": ["object_price"], "values": [], "option": None}
    unknown = await model(question("understand", messages=["qwerty"]), within_s=5)
    assert unknown.data == {"commands": ["not_understood"], "values": [], "option": None}


async def test_a_scripted_model_that_thinks_longer_than_there_is_time_is_late() -> None:
    assert (await Scripted(delay_s=1)(ASKED, within_s=0.01)).refusal == "deadline"


def test_only_an_answer_costs() -> None:
    assert metered(ASKED, Completion(refusal="budget")) == Spent()
    spent = metered(question("phrase", question="a" * 4000), Completion(data={"answer": "b" * 400}))
    assert 1000 <= spent.input_tokens <= 1020
    assert 100 <= spent.output_tokens <= 110
    assert 0 < spent.brl < Decimal("0.01")


def a_run(failing: tuple[str, ...], **changes: Any) -> Run:
    names = ["one", "two", "three", "four"]
    return Run(failures={name: ["no reply"] for name in failing}, names=names, **changes)


def test_the_comparison_tells_what_was_gained_and_lost_and_what_it_cost() -> None:
    alone = a_run(("one", "two"), work_s=[0.01] * 8)
    helped = a_run(
        ("two", "three"),
        work_s=[0.01] * 6 + [0.9, 1.1],
        ai_work_s=[0.9, 1.1],
        answer_s=[0.8, 1.0],
        spent=Spent(2000, 100, Decimal("0.08")),
    )
    found = figures(alone, helped)
    assert found["passed"] == {"without": 2, "with": 2}
    assert (found["gained"], list(found["lost"])) == (["one"], ["three"])
    assert found["share_of_turns_that_asked"] == 0.25
    assert found["tokens_per_question"] == {"read": 1000.0, "written": 50.0}
    assert found["brl"] == {"total": 0.08, "per_question": 0.04, "per_conversation": 0.02}
    assert found["latency_s"]["turns_that_asked"]["mean"] == 1.0
    console = Console(width=120)
    with console.capture() as shown:
        for part in tables(found):
            console.print(part)
    assert "R$ 0.0200 a conversation" in shown.get()
    assert "lost three: no reply" in shown.get()


def test_a_run_without_any_question_is_told_as_well() -> None:
    found = figures(a_run(()), a_run(()))
    assert found["brl"]["per_question"] is None
    assert found["latency_s"]["turns_that_asked"] is None
    assert len(tables(found)) >= 5


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_of({"ASSISTANT_HOME": str(tmp_path / "home")}, project_folder())


async def test_a_real_model_needs_a_running_system(home: Home) -> None:
    with pytest.raises(CannotEvaluateError, match="nothing runs here"):
        async with gateway(home):
            pass


def test_a_scenario_is_compared_on_the_command_line(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(
        'name: one\nnow: "2026-11-23T10:12:00-03:00"\nturns:\n'
        '  - parent: "quanto custa?"\n    expect: {reply: {says: ["R\\\\$ 375,00"]}}\n'
    )
    with pytest.raises(typer.Exit) as ended:
        evaluate(home, [file], "scripted", delay_ms=0, as_json=True)
    assert ended.value.exit_code == 0
    assert json.loads(capsys.readouterr().out)["passed"] == {"without": 1, "with": 1}
