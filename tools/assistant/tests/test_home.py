"""What one installation keeps."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


def test_a_relative_home_lies_in_the_current_folder(tmp_path: Path) -> None:
    assert home_of({"ASSISTANT_HOME": "here"}, tmp_path).root == Path.cwd() / "here"
    assert home_of({}, tmp_path).root == tmp_path / ".local"
