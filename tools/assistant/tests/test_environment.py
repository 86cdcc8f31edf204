"""Which variables hold, and that every one is explained."""

import importlib
from pathlib import Path

import pytest
from assistant import variables
from assistant.environment import EnvironmentFileError, effective
from assistant.home import project_folder
from assistant.services import SERVICES


@pytest.fixture
def named(tmp_path: Path) -> Path:
    (tmp_path / ".env").write_text("A=dotenv\nB=dotenv\nC=dotenv\nD=dotenv\n", encoding="utf-8")
    file = tmp_path / "some.env"
    file.write_text("# a comment\nA=file\nB='file $A'\nC=\n", encoding="utf-8")
    return file


def test_the_process_wins_over_the_named_file_and_that_over_dotenv(named: Path) -> None:
    found = effective({"A": "process"}, named.parent, named)
    assert found == {"A": "process", "B": "file $A", "C": "dotenv", "D": "dotenv"}


def test_an_empty_variable_counts_as_unset_wherever_it_is_empty(named: Path) -> None:
    assert effective({"A": "", "C": ""}, named.parent, named)["A"] == "file"
    assert effective({"A": ""}, named.parent / "elsewhere") == {}


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFileError, match="there is no such file"):
        effective({}, tmp_path, tmp_path / "none.env")


@pytest.mark.parametrize("name", [".env", "named.env"])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"A=\xff\n")
    named = None if name == ".env" else tmp_path / name
    with pytest.raises(EnvironmentFileError, match=f"{name}: is not UTF-8"):
        effective({}, tmp_path, named)


def test_the_example_file_is_the_one_that_the_variables_make() -> None:
    assert (project_folder() / ".env.example").read_text(encoding="utf-8") == variables.example()


def test_the_example_file_sets_nothing_and_names_every_variable_once() -> None:
    lines = [line for line in variables.example().splitlines() if line]
    assert all(line.startswith("#") for line in lines)
    names = [line[1:].partition("=")[0] for line in lines if "=" in line and line[1:2].isupper()]
    assert [name for name in names if name.isupper()] == list(variables.VARIABLES)


@pytest.mark.parametrize("service", [service.module for service in SERVICES])
def test_every_variable_that_a_service_reads_is_explained(service: str) -> None:
    own = {"SERVICE_HOST", "SERVICE_PORT"}  # set by whoever runs the service
    names = {name.upper() for name in importlib.import_module(f"{service}.settings").Settings.model_fields}
    assert names - own <= set(variables.VARIABLES)


def test_every_default_that_is_shown_passes_its_own_check() -> None:
    wrong = {
        name: problem
        for name, one in variables.VARIABLES.items()
        if one.default and name not in ("UNIT_FILE", "KNOWLEDGE_DIR") and (problem := one.check(one.default))
    }
    assert wrong == {}


@pytest.mark.stores
def test_the_file_reaches_the_services_and_the_environment_wins_over_it(installation: object, tmp_path: Path) -> None:
    file = tmp_path / "unit.env"
    file.write_text("BURST_WINDOW_S=3\nTURN_DEADLINE_S=7\nLOG_LEVEL=DEBUG\n", encoding="utf-8")
    installation.up("--env-file", str(file), TURN_DEADLINE_S="5", LOG_LEVEL="")  # type: ignore[attr-defined]
    got = installation.environment_of("ingress")  # type: ignore[attr-defined]
    assert (got["BURST_WINDOW_S"], got["TURN_DEADLINE_S"], got["LOG_LEVEL"]) == ("3", "5", "DEBUG")


@pytest.mark.stores
def test_a_file_that_is_not_there_is_one_clear_line(installation: object) -> None:
    done = installation.run("up", "--detach", "--env-file", "/nonexistent.env")  # type: ignore[attr-defined]
    assert done.returncode == 1
    assert done.stderr == "--env-file /nonexistent.env: there is no such file\n"
