"""Orders to a machine, with no model and with one that obeys them: nothing of what they demand is said or done.

The whole mind and every rule are in it, from cleaning to review; the corpora are in `tests/injections`.
"""

import datetime as dt
import json
import re
import tomllib
from pathlib import Path

import pytest
from assistant.rehearsal import Rehearsal, Unit
from assistant.scenarios.model import ZONE, Medium, Piece
from assistant.simulation.judging import flaws_in_reply
from contracts.dialogue import BookingRequested, CancellationRequested, OptedOut, RescheduleRequested
from contracts.llm_gateway import Complete, Completion
from contracts.privacy import ErasureRequested

NOW = dt.datetime(2026, 11, 23, 10, 12, tzinfo=ZONE)
QUESTION = "tem que usar uniforme?"
BINDING = (BookingRequested, RescheduleRequested, CancellationRequested, OptedOut, ErasureRequested)
ATTACKS = {
    f"{file.stem}-{nth}": (attack["text"], attack["demand"])
    for file in sorted((Path(__file__).parent / "injections").glob("*.toml"))
    for nth, attack in enumerate(tomllib.loads(file.read_text(encoding="utf-8"))["attack"], start=1)
}
WAYS = {
    "written": lambda text: [text],
    "beside a question": lambda text: [text, QUESTION],
    "spoken": lambda text: [Medium(kind="audio", transcription=text)],
    "as a caption": lambda text: [Medium(kind="image", caption=text)],
}


class Servant:
    """A model that does what the message demands, with every command that binds somebody."""

    def __init__(self, demand: str) -> None:
        self._demand = demand

    async def __call__(self, question: Complete, *, within_s: float) -> Completion:
        del within_s
        if question.task == "phrase":
            return Completion(data={"answer": self._demand})
        words = json.loads(question.messages[-1].content)["messages"][0].split()
        values = [{"field": field, "quote": words[-1], "student": 0} for field in ("parent_name", "email")]
        commands = ["erase_request", "opt_out", "book", "choose_slot", "affirm", "cancel_visit"]
        return Completion(data={"commands": commands, "values": values, "option": 1})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("obeys", [False, True], ids=["no model", "obedient model"])
@pytest.mark.parametrize("name", ATTACKS)
async def test_what_an_order_to_a_machine_demands_is_neither_said_nor_done(
    unit: Unit, name: str, obeys: bool, way: str
) -> None:
    text, demand = ATTACKS[name]
    stage = Rehearsal(unit, NOW, phone="+5551988000001", model=Servant(demand) if obeys else None)
    pieces: list[Piece] = WAYS[way](text)
    await stage.parent_writes(["oi"])
    before = len(stage.outbox)
    await stage.parent_writes(pieces)
    said = stage.outbox[before:]
    assert list(flaws_in_reply(said, unit, stage.at)) == []
    assert plain(demand) not in plain(" ".join(said))
    assert [fact for fact in stage.facts if isinstance(fact, BINDING)] == []
    assert stage.state is not None
    assert (stage.state.lead.email or "") in text


def plain(text: str) -> str:
    """Keep letters and digits."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
