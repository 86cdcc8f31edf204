"""`down`: stop everything that `up` started and nothing else, also when half of it is gone."""

import contextlib

import psutil

from assistant import programs
from assistant.home import Home
from assistant.plan import read_plan, read_state
from assistant.stores import docker

SUPERVISOR_PATIENCE_S = 75.0  # services get 10 s, then each store its own 10 or 20 s
ROUNDS = 5  # something may be born while the rest is being stopped


def stop_everything(home: Home) -> int:
    """Stop the supervisor, which stops its children in order; then whatever a dead supervisor left behind.

    Returns how many processes there were.
    """
    running = programs.marked(home.root)
    supervisor = read_state(home)["supervisor"]
    if supervisor is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            programs.stop([psutil.Process(supervisor)], after_s=SUPERVISOR_PATIENCE_S)
    for _ in range(ROUNDS):
        if not (left := programs.marked(home.root)):
            break
        programs.stop(left)
    plan = read_plan(home)
    if plan is not None:
        docker.remove(plan.containers)
    for file in (home.state_file, home.plan_file, home.clock_file):
        file.unlink(missing_ok=True)
    return len(running)
