"""The extra that hears voice notes: its lock, its place in an installation, its model."""

import re
from pathlib import Path

import pytest
from assistant import transcriber
from assistant.doctor import problems_before_start
from assistant.doctor_ai import in_words, problem_of
from assistant.locking import LOCK, TRANSCRIBER_LOCK, extras
from assistant.transcriber import TranscriberError, fetch, install
from llm_gateway_service.trial import Trial

PROJECT = Path(__file__).resolve().parents[3]


def pinned(lock: str) -> dict[str, list[str]]:
    """The versions of each package in a lock, with their markers and hashes."""
    entries = re.split(r"^(?=[a-z])", (PROJECT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found: dict[str, list[str]] = {}
    for entry in entries:
        found.setdefault(entry.partition("==")[0], []).append(" ".join(sorted(re.findall(r"==\S+|sha256:\w+", entry))))
    return {name: sorted(versions) for name, versions in found.items()}


def test_both_locks_can_be_installed_together() -> None:
    usual, extra = pinned(LOCK), pinned(TRANSCRIBER_LOCK)
    shared = usual.keys() & extra.keys()
    assert len(shared) > 5
    assert {name: extra[name] for name in shared} == {name: usual[name] for name in shared}


def test_what_the_extra_requires_is_pinned_with_hashes_and_not_installed_by_default() -> None:
    required = extras(PROJECT)
    assert required == ["faster-whisper"]
    assert all("sha256:" in version for versions in pinned(TRANSCRIBER_LOCK).values() for version in versions)
    assert not pinned(LOCK).keys() & {"faster-whisper", "ctranslate2", "onnxruntime", "av"}


def a_project(folder: Path, exits: int) -> Path:
    (folder / ".local").mkdir()
    script = folder / "assistant"
    script.write_text(f"#!/bin/sh\nexit {exits}\n")
    script.chmod(0o755)
    return folder


def test_an_installation_remembers_that_the_extra_is_wanted(tmp_path: Path) -> None:
    install(a_project(tmp_path, 0))
    assert (tmp_path / ".local" / "transcriber").exists()


def test_an_extra_that_cannot_be_installed_is_not_wanted_any_more(tmp_path: Path) -> None:
    with pytest.raises(TranscriberError):
        install(a_project(tmp_path, 1))
    assert not (tmp_path / ".local" / "transcriber").exists()


def test_a_model_that_is_there_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "model.bin").touch()
    assert fetch("small", tmp_path) == tmp_path / "small"


def test_where_no_model_can_be_fetched_the_owner_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcriber, "FETCH", "raise SystemExit(1)")
    with pytest.raises(TranscriberError, match=f"put the files .* into {tmp_path}/small"):
        fetch("small", tmp_path)


def test_a_model_that_does_not_exist_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TranscriberError):
        fetch("no-such-model", tmp_path)
    assert capfd.readouterr().err.count("\n") == 1


def test_the_doctor_names_a_model_that_cannot_be_used(tmp_path: Path) -> None:
    found = problems_before_start({"WHISPER_MODEL": str(tmp_path)}, PROJECT)
    (problem,) = [each for each in found if each.variable == "WHISPER_MODEL"]
    assert "has no model.bin" in problem.text


def test_the_doctor_says_how_the_local_transcriber_did() -> None:
    heard = Trial("local", "small", 2.31, 0)  # type: ignore[arg-type]
    assert in_words(heard) == "local: small answered in 2.3 s for R$ 0.000000"
    assert problem_of(heard, {}) is None
    failed = problem_of(Trial("local", "small", 1.0, 0, "server"), {})  # type: ignore[arg-type]
    assert str(failed) == "WHISPER_MODEL: hears nothing (server); check that small is a whole model"
