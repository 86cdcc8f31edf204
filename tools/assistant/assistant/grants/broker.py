"""What each service may do at RabbitMQ, derived from the contracts, as a file of definitions.

A service makes and reads its own queues; it publishes its own facts only (topic permissions), asks questions and
answers them by the default exchange. It cannot read from, make or remove a queue of another service.
Source: https://www.rabbitmq.com/docs/access-control
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis import topology
from contracts import Fact, all_facts, all_questions
from contracts.privacy import PrivacyFact

from assistant.grants.users import user

TIERS = tuple(topology.tier_queue(delay_s).name for delay_s in topology.TIERS_S)
HEARD = (topology.EVENTS.name, topology.TELEMETRY)
EVERYTHING = ".*"
FORGETS = "frontdesk"
LEFTOVERS = (r".*\.dead", r".*\.quarantine", *map(re.escape, TIERS))
"""Where messages lie that nobody works on: whoever forgets a person takes theirs out of there."""


@dataclass(frozen=True)
class Rights:
    """Regular expressions, as RabbitMQ takes them: names of queues and exchanges, and keys at the topic exchange."""

    configure: str
    write: str
    read: str
    publishes: str
    binds: str


def rights(service: str) -> Rights:
    """Return what a service needs."""
    own = [rf"{re.escape(service)}\..*", *map(re.escape, _answered(service))]
    emitted = [fact for fact in all_facts() if fact.producer in (service, PrivacyFact.producer)]
    listeners = {topology.queue_name(consumer, fact) for fact in emitted for consumer in fact.consumers}
    shared = [re.escape(name) for name in (*HEARD, *TIERS)]
    consumed = [fact for fact in all_facts() if service in fact.consumers]
    return Rights(
        configure=_any(own + shared),
        write=_any([*own, *shared, r"amq\.default", *sorted(map(re.escape, listeners))]),
        read=_any([*own, *map(re.escape, HEARD), *(LEFTOVERS if service == FORGETS else [])]),
        publishes=_any(_keys(emitted)),
        binds=_any(_keys([*emitted, *consumed])),
    )


def definitions(
    passwords: Mapping[str, str], *, vhost: str = "/", administrator: tuple[str, str] | None = None
) -> dict[str, Any]:
    """Return RabbitMQ's definitions: users with hashed passwords, what they may, and every way that a fact takes.

    `administrator` is a name and a password for somebody who may do everything; where the file is what a blank node
    starts with, RabbitMQ makes no user of its own.
    """
    granted = {service: rights(service) for service in passwords}
    users = [_user(user(service), password) for service, password in passwords.items()]
    permissions = [
        {"user": user(service), "vhost": vhost, "configure": may.configure, "write": may.write, "read": may.read}
        for service, may in granted.items()
    ]
    if administrator is not None:
        users.append(_user(*administrator, tags=["administrator"]))
        may_all = {"configure": EVERYTHING, "write": EVERYTHING, "read": EVERYTHING}
        permissions.append({"user": administrator[0], "vhost": vhost, **may_all})
    topics = [
        {"user": user(service), "vhost": vhost, "exchange": topology.EVENTS.name, "write": may.publishes}
        | {"read": may.binds}
        for service, may in granted.items()
    ]
    return {
        "users": users,
        "vhosts": [{"name": vhost}],
        "permissions": permissions,
        "topic_permissions": topics,
        **_ways(vhost),
    }


def _ways(vhost: str) -> dict[str, list[dict[str, Any]]]:
    """Return the exchanges, queues and bindings of every fact and of the delay tiers, as the services declare them.

    They find everything there: nobody waits at the start for the queues of whoever listens.
    """
    tiers = [(topology.tier_exchange(delay_s), topology.tier_queue(delay_s)) for delay_s in topology.TIERS_S]
    ways = [
        (topology.EVENTS, topology.fact_queue(consumer, fact)) for fact in all_facts() for consumer in fact.consumers
    ]
    dead = [topology.dead_queue(queue.name) for _, queue in ways]
    durable = {"vhost": vhost, "durable": True, "auto_delete": False}
    return {
        "exchanges": [
            {**durable, "name": exchange.name, "type": exchange.type.value, "internal": False, "arguments": {}}
            for exchange in (topology.EVENTS, *(exchange for exchange, _ in tiers))
        ],
        "queues": [
            {**durable, "name": queue.name, "arguments": dict(queue.arguments or {})}
            for queue in (*dead, *(queue for _, queue in (*ways, *tiers)))
        ],
        "bindings": [
            {"source": exchange.name, "vhost": vhost, "destination": queue.name, "destination_type": "queue"}
            | {"routing_key": queue.routing_key, "arguments": {}}
            for exchange, queue in (*ways, *tiers)
        ],
    }


def _answered(service: str) -> list[str]:
    """Return the queues of the questions that a service answers; its contracts' module is named like it."""
    module = service.replace("-", "_")
    return [question.queue() for question in all_questions() if question.__module__ == f"contracts.{module}"]


def _keys(facts: Iterable[type[Fact]]) -> list[str]:
    return sorted({re.escape(fact.routing_key()) for fact in facts})


def _any(patterns: Iterable[str]) -> str:
    return f"^({'|'.join(patterns)})$"


def _user(name: str, password: str, tags: list[str] | None = None) -> dict[str, Any]:
    """Hash as RabbitMQ does: base64 of a salt of four bytes and SHA-256 of salt and password."""
    salt = secrets.token_bytes(4)
    hashed = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    algorithm = "rabbit_password_hashing_sha256"
    return {"name": name, "password_hash": hashed, "hashing_algorithm": algorithm, "tags": tags or []}
