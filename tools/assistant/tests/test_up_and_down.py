"""`up` and `down` through the command line, with dummies as services."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from assistant.home import write_json
from assistant.plan import read_plan, read_state
from assistant.programs import is_same, started_at
from assistant.up import UpError, Wanted, up

pytestmark = pytest.mark.stores
Make = Callable[..., Any]
RUBBISH = ("", "{", "[]", '{"programs": 3}', '{"programs": [], "nonsense": 1}')


def gone(pid: int) -> bool:
    return started_at(pid) is None


def test_up_returns_when_all_is_ready_and_says_where_everything_is(installation: Any) -> None:
    said = installation.up()
    ports = installation.plan.ports
    assert re.search(rf"^Front desk\s+http://127\.0\.0\.1:{ports['frontdesk']}/", said, re.MULTILINE)
    assert re.search(rf"^Webhook\s+http://127\.0\.0\.1:{ports['ingress']}/webhooks/evolution$", said, re.MULTILINE)
    assert re.search(rf"^WhatsApp\s+{re.escape(installation.environment['EVOLUTION_URL'])}$", said, re.MULTILINE)
    assert re.search(rf"^Logs\s+{re.escape(str(installation.home.log))}$", said, re.MULTILINE)
    password = installation.environment_of("frontdesk")["FRONTDESK_PASSWORD"]
    assert f"user owner, password {password}" in said
    assert all(one["ready"] for one in installation.status()["services"])


def test_a_password_that_opens_the_front_desk_no_longer_is_not_shown(installation: Any) -> None:
    said = installation.up(DUMMY_CHOSE="another")
    assert installation.environment_of("frontdesk")["FRONTDESK_PASSWORD"] not in said
    assert "user owner, whose first password is no longer good (./assistant user add owner gives another)" in said


def test_up_again_changes_nothing_and_in_the_foreground_says_where_all_is_and_ends(installation: Any) -> None:
    first = installation.up()
    before = installation.pids()
    again = installation.up()
    assert installation.pids() == before
    assert again.splitlines()[-5:] == first.splitlines()[-5:]
    done = installation.run("up")
    assert (done.returncode, installation.pids()) == (0, before)
    assert "./assistant down" in done.stdout


def test_without_evolution_the_sandbox_is_started_and_gets_the_webhooks_address(make_installation: Make) -> None:
    installation = make_installation(EVOLUTION_URL="")
    said = installation.up()
    sandbox = f"http://127.0.0.1:{installation.plan.ports['sandbox']}"
    assert re.search(rf"^WhatsApp\s+{sandbox}/$", said, re.MULTILINE)
    assert installation.environment_of("ingress")["EVOLUTION_URL"] == sandbox
    assert "sandbox" in installation.pids()


def test_up_in_the_foreground_stays_and_an_interrupt_stops_everything(installation: Any) -> None:
    process = installation.start("up")
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        said += line
    pids = installation.pids()
    assert set(pids) == {"supervisor", "ingress", "calendar", "frontdesk"}
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert all(map(gone, pids.values()))


def test_a_given_port_that_is_taken_is_named_with_the_program_that_holds_it(installation: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = installation.run("up", "--detach", CALENDAR_PORT=str(port))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"CALENDAR_PORT: port {port} is taken by ")
    assert f"(pid {os.getpid()})" in line
    assert installation.running() == []


def test_two_homes_run_side_by_side_on_ports_of_their_own_and_down_stops_only_its_own(make_installation: Make) -> None:
    one, other = make_installation("one"), make_installation("other")
    one.up()
    other.up()
    assert not set(one.plan.ports.values()) & set(other.plan.ports.values()), "a usual port that is taken is replaced"
    theirs = other.pids()
    assert one.run("down").returncode == 0
    assert one.running() == []
    assert other.pids() == theirs
    assert all(service["ready"] for service in other.status()["services"])


def test_down_leaves_programs_alone_that_up_did_not_start(installation: Any) -> None:
    installation.up()
    pids = installation.pids()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        done = installation.run("down")
        assert done.returncode == 0
        assert f"{len(pids)} processes stopped" in done.stdout
        assert all(map(gone, pids.values()))
        assert stranger.poll() is None
    finally:
        stranger.communicate()
    assert "nothing was running" in installation.run("down").stdout


def test_down_finds_services_whose_supervisor_and_records_are_gone(installation: Any) -> None:
    """The supervisor's death takes its children along; one that outlived it is recognised by its mark."""
    installation.up()
    left = psutil.Popen(["sleep", "300"], env={"ASSISTANT_RUN": f"{installation.folder}:calendar"})
    pids = installation.pids()
    os.kill(pids["supervisor"], signal.SIGKILL)
    for file in (installation.home.state_file, installation.home.plan_file):
        file.unlink()
    assert installation.run("down").returncode == 0
    assert left.wait(5) != 0
    assert all(map(gone, pids.values()))


def test_down_with_wipe_removes_the_data_and_down_alone_keeps_it(installation: Any) -> None:
    installation.up()
    password = installation.environment_of("frontdesk")["FRONTDESK_PASSWORD"]
    installation.run("down")
    installation.up()
    assert installation.environment_of("frontdesk")["FRONTDESK_PASSWORD"] == password
    installation.run("down", "--wipe")
    assert not installation.home.data.exists()
    assert not installation.home.log.exists()
    installation.up()
    assert installation.environment_of("frontdesk")["FRONTDESK_PASSWORD"] != password


def test_a_stale_record_with_the_pid_of_another_program_hurts_nobody(installation: Any) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        stale = {"pid": stranger.pid, "created": 12345.0, "since": 0, "failures": 0}
        write_json(installation.home.state_file, {"supervisor": stale, "programs": {"calendar": stale}})
        assert not any(one["pid"] for one in installation.status()["services"])
        installation.up()
        assert stranger.poll() is None
        assert installation.pids()["calendar"] != stranger.pid
    finally:
        stranger.communicate()


def test_records_of_another_version_or_cut_in_half_are_no_hindrance(installation: Any) -> None:
    """They are read as if there were none, so that one `up` stands for all."""
    nothing = read_state(installation.home)
    for rubbish in RUBBISH:
        for file in (installation.home.plan_file, installation.home.state_file):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(rubbish)
        assert read_plan(installation.home) is None
        assert read_state(installation.home) == nothing
    installation.up()


def test_an_earlier_up_that_was_killed_half_way_is_cleaned_up(installation: Any) -> None:
    """The supervisor runs, but the plan has no services yet."""
    installation.up()
    before = installation.pids()
    plan = installation.home.plan_file
    plan.write_text(plan.read_text().replace('"complete": true', '"complete": false'))
    installation.up()
    after = installation.pids()
    assert set(after) == set(before)
    assert not set(after.values()) & set(before.values())
    assert all(map(gone, before.values()))


def test_a_service_that_fails_at_its_start_fails_up_with_one_message_and_nothing_stays(installation: Any) -> None:
    done = installation.run("up", "--detach", DUMMY_FAILS="calendar")
    assert done.returncode == 1
    assert re.match(r"not ready after \d+ s: calendar\n", done.stderr)
    assert done.stderr.rstrip().endswith("the dummy refuses to start")
    assert "Traceback" not in done.stderr
    assert installation.running() == []
    assert not installation.home.state_file.exists()


def test_an_interrupted_up_stops_what_it_had_started(installation: Any) -> None:
    process = installation.start("up", "--detach", DUMMY_HANGS="calendar")
    while "is ready" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "interrupted" in said
    assert installation.running() == []


def test_an_up_that_waits_for_a_hung_service_of_a_running_system_ends_none_of_it(installation: Any) -> None:
    installation.up()
    pids = installation.pids()
    os.kill(pids["calendar"], signal.SIGSTOP)
    process = installation.start("up", "--detach")
    while "frontdesk is ready" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (130, "interrupted: what ran before runs on\n")
    hung = Wanted(installation.environment, detach=True, patience_s=0.1)
    with pytest.raises(UpError, match=r"not ready after .*: calendar"):
        up(installation.home, hung)
    assert installation.pids() == pids


def test_a_process_is_the_recorded_one_only_with_its_start_time() -> None:
    created = started_at(os.getpid())
    assert is_same(os.getpid(), created)
    assert not is_same(os.getpid(), 1.0)
    assert not is_same(None, created)


def test_stores_that_cannot_be_reached_stop_up_before_anything_starts(installation: Any, tmp_path: Path) -> None:
    done = installation.run("up", "--detach", REDIS_URL="redis://127.0.0.1:9/0", UNIT_FILE=str(tmp_path / "none"))
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert "REDIS_URL: nothing answers at 127.0.0.1:9; check host and port, and that the server runs" in lines
    assert "UNIT_FILE: names a file that does not exist or cannot be read" in lines
    assert installation.running() == []
