"""Every fact has a place to go, every queue a place for its dead, and the code listens where the contracts say."""

from pathlib import Path

import pytest
from chassis import asyncapi, topology
from chassis.service import Service
from chassis.together import build
from contracts import Fact, all_facts, all_questions
from faststream import AckPolicy

ROOT = Path(__file__).parent.parent
PACKAGES = sorted(folder.name for folder in ROOT.glob("services/*/*_service"))
# Published for whoever may listen one day; nobody of us does yet.
TERMINAL = {
    "frontdesk.alert_cleared.v1",
    "frontdesk.alert_raised.v1",
    "privacy.data_erased.v1",
}
FACTS = tuple(fact for fact in all_facts() if fact.__module__.startswith("contracts."))


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in asyncapi._NOWHERE.items():
            environment.setenv(name, value)
        built = [build(package) for package in PACKAGES]
    return {service.name: service for service in built}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.routing_key())
def test_whoever_listens_to_a_fact_by_the_contracts_has_a_stage_for_it(
    fact: type[Fact], services: dict[str, Service]
) -> None:
    listening = {name for name, service in services.items() if any(s.fact is fact for s in service.line.stages)}
    assert listening == set(fact.consumers)


def test_every_fact_is_consumed_or_declared_terminal() -> None:
    assert {fact.routing_key() for fact in FACTS if not fact.consumers} == TERMINAL


def test_a_fact_is_published_by_its_producer_only(services: dict[str, Service]) -> None:
    strangers = {
        (name, fact.routing_key())
        for name, service in services.items()
        for fact in service.line.emitted
        if fact.producer not in {name, "privacy"}
    }
    assert strangers == set()


def test_every_fact_that_somebody_waits_for_is_published_by_somebody(services: dict[str, Service]) -> None:
    published = {fact for service in services.values() for fact in service.line.emitted}
    never = {fact.routing_key() for fact in FACTS if fact.consumers} - {fact.routing_key() for fact in published}
    assert never == set()


def test_every_question_has_one_server(services: dict[str, Service]) -> None:
    served = [answering.question for service in services.values() for answering in service.line.answering]
    assert sorted(question.queue() for question in served) == [
        question.queue() for question in all_questions() if question.__module__.startswith("contracts.")
    ]


def test_every_queue_has_a_dead_letter_queue_and_a_crash_limit(services: dict[str, Service]) -> None:
    for name, service in services.items():
        for stage in service.line.stages:
            queue = topology.fact_queue(name, stage.fact)
            assert queue.arguments is not None
            assert queue.arguments["x-dead-letter-routing-key"] == topology.dead_queue(queue.name).name
            assert queue.arguments["x-delivery-limit"] == topology.CRASH_LIMIT
            assert queue.durable


def test_every_subscriber_says_what_happens_to_a_failed_message_and_how_many_it_takes(
    services: dict[str, Service],
) -> None:
    for service in services.values():
        for subscriber in service.transport.inbound.subscribers:
            assert subscriber.ack_policy in {AckPolicy.REJECT_ON_ERROR, AckPolicy.ACK}  # type: ignore[attr-defined]
            assert 1 <= subscriber.channel.prefetch_count <= 200  # type: ignore[attr-defined]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_asyncapi_document_is_the_one_that_the_code_makes(package: str, services: dict[str, Service]) -> None:
    del services  # its environment has gone; a document needs its own build
    with pytest.MonkeyPatch.context() as environment:
        for name, value in asyncapi._NOWHERE.items():
            environment.setenv(name, value)
        wanted = asyncapi.document(package)
    name = package.removesuffix("_service").replace("_", "-")
    assert (ROOT / "docs/asyncapi" / f"{name}.json").read_text() == wanted
