"""Finds the running system and replays scenarios on it, wave by wave."""

from collections.abc import Callable, Mapping, Sequence

import aio_pika
import httpx
from aio_pika.exceptions import AMQPError

from assistant import accounts, clock
from assistant.home import Home
from assistant.plan import Plan, read_plan, read_state
from assistant.readiness import base_url, client
from assistant.replaying.stage import Desk
from assistant.replaying.tap import tapped
from assistant.replaying.waves import replay_wave, waves
from assistant.replaying.world import World
from assistant.scenarios.model import Scenario
from assistant.scenarios.playing import Result

PATIENCE_S = 30.0


class CannotReplayError(Exception):
    """There is no system here on which scenarios can be played; the message says why."""


async def replayed(
    home: Home, environment: Mapping[str, str], scenarios: Sequence[Scenario], show: Callable[[Result], None]
) -> None:
    """Play all of them and `show` each result when it is there; then the clock goes back to where it was.

    Raises `CannotReplayError`.
    """
    plan = _plan(home)
    offset = home.clock_file.read_text(encoding="utf-8")
    try:
        async with (
            client(PATIENCE_S) as http,
            await aio_pika.connect(plan.urls["rabbitmq"]) as line,
            tapped(line) as tap,
        ):
            token = accounts.token(home, environment, "owner")
            desk = Desk(http, base_url(plan, "sandbox"), base_url(plan, "frontdesk"), token, tap, World(line))
            for wave in waves(scenarios):
                for result in await replay_wave(wave, home, desk):
                    show(result)
    except (httpx.HTTPError, AMQPError, OSError, clock.ClockError) as error:
        raise CannotReplayError(
            f"the system does not answer ({type(error).__name__}); see ./assistant status"
        ) from error
    finally:
        home.clock_file.write_text(offset, encoding="utf-8")


def _plan(home: Home) -> Plan:
    plan = read_plan(home)
    if plan is None or read_state(home)["supervisor"] is None:
        raise CannotReplayError("nothing runs here: start it with ASSISTANT_NOW=… ./assistant up --detach")
    if "sandbox" not in plan.ports:
        raise CannotReplayError("scenarios need the sandbox: start the system without EVOLUTION_URL")
    if not plan.moved_clock:
        raise CannotReplayError("scenarios move the clock: start the system with ASSISTANT_NOW=…")
    return plan
