"""What dialogue is made of."""

from datetime import timedelta
from pathlib import Path

from chassis.clock import Clock, now
from chassis.line import Line
from chassis.service import Service
from chassis.store import Store

from dialogue_service.asking import Asking
from dialogue_service.asking_model import ModelLine
from dialogue_service.burst import Windows
from dialogue_service.consulting import Consultant
from dialogue_service.desk import Desk
from dialogue_service.edits import Edits
from dialogue_service.guessing import guessing
from dialogue_service.handlers import register
from dialogue_service.housekeeping import keep_house
from dialogue_service.merging import Merging
from dialogue_service.mind import Mind
from dialogue_service.model.commands import Reader
from dialogue_service.notices import Notices
from dialogue_service.ownership import Ownership
from dialogue_service.settings import Settings
from dialogue_service.sweeping import sweep
from dialogue_service.turns import Turns
from dialogue_service.undelivered import Undelivered
from dialogue_service.understanding import understand
from dialogue_service.unit import read_unit_file
from dialogue_service.visits import Visits


def build(settings: Settings, *, clock: Clock = now, read: Reader = understand) -> Service:
    """Wire the service; nothing is started. Raises `BadConfiguration` when `unit.toml` has a mistake."""
    line = Line("dialogue", clock=clock)
    store = Store(line, settings.database_url, migrations=Path(__file__).parent / "migrations")
    asking = Asking(line, deadline_s=settings.turn_deadline_s)
    consultant = Consultant(ModelLine(line.ask), read)
    mind = Mind(asking, read_unit_file(settings.unit_file), read, guessing().complete, consultant)
    fresh = timedelta(minutes=settings.stale_after_min)
    desk = Desk(store, mind, clock, fresh=fresh, instance=settings.evolution_instance)
    turns = Turns(desk, Windows(settings.burst_window_s))
    register(
        line,
        store,
        turns=turns,
        visits=Visits(desk),
        notices=Notices(desk),
        undelivered=Undelivered(desk),
        ownership=Ownership(store, asking),
        merging=Merging(store, clock),
        edits=Edits(store, clock),
    )
    background = [lambda: keep_house(store, clock), lambda: sweep(store, clock)]
    return Service(settings, line, store=store, background=background)
