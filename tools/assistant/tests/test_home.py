"""What one installation keeps."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from assistant.home import Home, home_of


def test_secrets_that_are_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    names = [f"SECRET_{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        made = dict(zip(names, pool.map(home.secret, names), strict=True))
    assert {name: home.secret(name) for name in names} == made
    assert len(set(made.values())) == len(names)


def test_secrets_are_for_their_owners_eyes_only(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    home.secret("A")
    assert home.secrets_file.stat().st_mode & 0o077 == 0


def test_to_forget_removes_the_data_and_keeps_what_is_installed(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    venv = tmp_path / "venv"
    venv.mkdir()
    with home.only_one():
        first = home.secret("A")
        home.forget()
    assert venv.exists()
    assert home.secret("A") != first


def test_what_could_not_be_removed_is_not_said_to_be_forgotten(tmp_path: Path) -> None:
    elsewhere = tmp_path / "another disk"
    elsewhere.mkdir()
    home = Home(tmp_path / "home", tmp_path)
    home.root.mkdir()
    home.data.symlink_to(elsewhere)
    home.secret("A")
    environment = {**os.environ, "ASSISTANT_HOME": str(home.root)}
    run = [sys.executable, "-m", "assistant", "down", "--wipe"]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, f"{home.data}: not all of it could be removed\n")


def test_a_relative_home_lies_in_the_current_folder(tmp_path: Path) -> None:
    assert home_of({"ASSISTANT_HOME": "here"}, tmp_path).root == Path.cwd() / "here"
    assert home_of({}, tmp_path).root == tmp_path / ".local"


@pytest.mark.parametrize("command", [("up", "--detach"), ("down",), ("token",)])
def test_a_home_that_cannot_be_written_is_one_clear_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("")
    environment = {**os.environ, "ASSISTANT_HOME": str(tmp_path / "file/home")}
    run = [sys.executable, "-m", "assistant", *command]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"{tmp_path}/file/home(/data)?: Not a directory\n", done.stderr)


def test_who_must_wait_for_another_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path, tmp_path)
    with ThreadPoolExecutor(1) as pool:
        with home.only_one():
            waits = pool.submit(lambda: home.only_one().__enter__())
            while "waiting for another" not in (said := capsys.readouterr().err):
                assert not waits.done(), said
        waits.result(10)
