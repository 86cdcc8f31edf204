"""What goes over the wire is written down, fact by fact, and newer writers can be read.

`WIRE_UPDATE=1 pytest libs/contracts` writes the snapshots anew: read the difference as everybody who runs the
version before will.
"""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from contracts import Event, Fact, Question, all_facts, all_questions, conversation_id
from contracts.examples import AT, FACTS, QUESTIONS
from pydantic import BaseModel, ValidationError

WIRE = Path(__file__).parent / "wire"
SUBJECT = conversation_id("+5551987650001")


def enveloped(fact: Fact) -> Event[Any]:
    return Event.first(fact, key="example", source=fact.producer, subject=SUBJECT, now=AT)


def name(value: Any) -> str:
    return value.routing_key() if isinstance(value, Fact) else value.queue()


@pytest.mark.parametrize("fact", FACTS, ids=name)
def test_a_fact_looks_on_the_wire_as_it_was_written_down(fact: Fact) -> None:
    wire = json.loads(enveloped(fact).to_wire())
    file = WIRE / f"{fact.routing_key()}.json"
    if os.environ.get("WIRE_UPDATE"):
        file.write_text(json.dumps(wire, indent=2, ensure_ascii=False) + "\n")
    assert wire == json.loads(file.read_text())


def test_every_fact_and_question_has_an_example_and_every_snapshot_a_fact() -> None:
    assert {type(fact) for fact in FACTS} == {fact for fact in all_facts() if of_the_contracts(fact)}
    assert {type(asked) for asked in QUESTIONS} == {asked for asked in all_questions() if of_the_contracts(asked)}
    assert {file.stem for file in WIRE.glob("*.json")} == {fact.routing_key() for fact in FACTS}


def of_the_contracts(cls: type[Any]) -> bool:
    return cls.__module__.startswith("contracts.")  # other tests of the same run define facts of their own


@pytest.mark.parametrize("fact", FACTS, ids=name)
def test_a_fact_survives_the_wire_and_unknown_keys_anywhere(fact: Fact) -> None:
    event = enveloped(fact)
    richer = json.dumps(with_unknown_keys(json.loads(event.to_wire()))).encode()
    assert Event.from_wire(richer, type(fact)) == event


def with_unknown_keys(value: Any) -> Any:
    if isinstance(value, list):
        return [with_unknown_keys(each) for each in value]
    if not isinstance(value, dict):
        return value
    free = value.get("kind") == "period"  # the time preference is a free object: its keys are its own
    return {key: with_unknown_keys(each) for key, each in value.items()} | ({} if free else {"from_the_future": 1})


@pytest.mark.parametrize("fact", FACTS, ids=name)
def test_every_field_of_an_envelope_but_the_optional_ones_is_needed(fact: Fact) -> None:
    wire = json.loads(enveloped(fact).to_wire())
    for key in ("id", "source", "type", "subject", "time", "correlationid", "data"):
        with pytest.raises(ValidationError):
            Event.from_wire(json.dumps({k: v for k, v in wire.items() if k != key}).encode(), type(fact))


@pytest.mark.parametrize("question", QUESTIONS, ids=name)
def test_a_question_survives_the_wire(question: Question) -> None:
    assert type(question).model_validate_json(question.model_dump_json()) == question


def test_what_an_event_causes_has_the_same_id_every_time_and_keeps_the_chain() -> None:
    cause = enveloped(FACTS[0])
    effects = [cause.causes(FACTS[7], now=AT + timedelta(seconds=n)) for n in range(2)]
    assert effects[0].id == effects[1].id
    assert effects[0].id != cause.causes(FACTS[7], now=AT, nth=1).id
    assert (effects[0].correlationid, effects[0].causationid) == (cause.id, cause.id)
    assert effects[0].causes(FACTS[9], now=AT).correlationid == cause.id
    assert effects[0].subject == cause.subject


def test_the_same_message_of_the_channel_has_the_same_id_and_another_has_not() -> None:
    fact = FACTS[0]
    one, again = (Event.first(fact, key="kumon:3A:False", source="ingress", subject=SUBJECT, now=AT) for _ in range(2))
    other = Event.first(fact, key="kumon:3B:False", source="ingress", subject=SUBJECT, now=AT)
    assert one.id == again.id != other.id


def test_every_public_contract_says_what_it_means() -> None:
    undocumented = [
        cls.__name__
        for module in {type(fact).__module__ for fact in FACTS} | {type(question).__module__ for question in QUESTIONS}
        for cls in vars(__import__(module, fromlist=["*"])).values()
        if isinstance(cls, type)
        and issubclass(cls, BaseModel)
        and cls.__module__ == module
        and not vars(cls).get("__doc__")
    ]
    assert undocumented == []
