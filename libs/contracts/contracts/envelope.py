"""The envelope every fact travels in, and what makes a fact a fact.

CloudEvents 1.0 in structured JSON mode: the whole event is the body, so a dead letter or an outbox row
explains itself. Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

import re
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, SerializeAsAny, computed_field

NAMESPACE = uuid5(NAMESPACE_URL, "receptionist")
TYPE_PREFIX = "receptionist"


def snake(name: str) -> str:
    """`TurnClosed` → `turn_closed`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def conversation_id(address: str) -> str:
    """Conversation of one person with the unit: `cnv_` and 32 hex digits, derived from a phone (E.164) or a LID."""
    return f"cnv_{uuid5(NAMESPACE, f'conversation:{address}').hex}"


class Value(BaseModel):
    """A frozen part of a fact, a question or an answer; unknown keys are ignored, so newer writers can be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fact(Value):
    """Something that happened, in the past tense; owned by its producer, never taken back."""

    producer: ClassVar[str]
    version: ClassVar[int] = 1
    consumers: ClassVar[tuple[str, ...]] = ()
    """Who listens. A producer declares these queues before it speaks, so nothing is said to an empty room; a fact
    without consumers is terminal."""

    @classmethod
    @cache
    def routing_key(cls) -> str:
        """`producer.fact.vN`, the key on the exchange and the name in queues."""
        return f"{cls.producer}.{snake(cls.__name__)}.v{cls.version}"

    @classmethod
    def event_type(cls) -> str:
        """CloudEvents `type`: reverse-DNS-like prefix and the routing key."""
        return f"{TYPE_PREFIX}.{cls.routing_key()}"


FactT = TypeVar("FactT", bound=Fact)
OtherT = TypeVar("OtherT", bound=Fact)
FactClass: TypeAlias = type[OtherT]


class Event(BaseModel, Generic[FactT]):
    """One fact in its envelope.

    `id` is derived (uuid5) from its cause, so that any retry anywhere yields the same id; `subject` is the
    conversation; `correlationid` names the chain that the first message started; `causationid` is the id of the
    event that led to this one; `traceparent` is W3C Trace Context.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    correlationid: UUID
    causationid: UUID | None = None
    traceparent: str | None = None
    data: SerializeAsAny[FactT]

    @computed_field  # type: ignore[prop-decorator]  # mypy does not follow a property under this decorator
    @property
    def dataschema(self) -> str:
        """Where the shape of `data` is written: its document in `docs/asyncapi` and its name there."""
        return f"urn:{TYPE_PREFIX}:{type(self.data).routing_key()}"

    @classmethod
    def first(cls, fact: OtherT, *, key: str, source: str, subject: str, now: datetime) -> "Event[OtherT]":
        """Wrap a fact that no other fact caused. `key` is its natural identity, e.g. the channel's message key."""
        identity = uuid5(NAMESPACE, f"{fact.routing_key()}:{key}")
        return Event(
            id=identity,
            source=f"/{TYPE_PREFIX}/{source}",
            type=fact.event_type(),
            subject=subject,
            time=now,
            correlationid=identity,
            data=fact,
        )

    def causes(
        self, fact: OtherT, *, now: datetime, nth: int = 0, source: str | None = None, subject: str | None = None
    ) -> "Event[OtherT]":
        """Wrap a fact that this event led to; the same (event, fact, nth) always has the same id.

        `source` defaults to the fact's producer, `subject` to this event's conversation.
        """
        return Event(
            id=uuid5(self.id, f"{fact.routing_key()}#{nth}"),
            source=f"/{TYPE_PREFIX}/{source or fact.producer}",
            type=fact.event_type(),
            subject=subject or self.subject,
            time=now,
            correlationid=self.correlationid,
            causationid=self.id,
            traceparent=self.traceparent,
            data=fact,
        )

    def to_wire(self) -> bytes:
        """Write the JSON body."""
        return self.model_dump_json().encode()

    @classmethod
    def from_wire(cls, body: bytes, fact: FactClass[OtherT]) -> "Event[OtherT]":
        """Read a body; unknown keys are ignored. Raises `pydantic.ValidationError`."""
        return Event[fact].model_validate_json(body)  # type: ignore[valid-type]  # parametrised by the caller's class


class Question(Value):
    """Something one service asks another and waits for, with a deadline; it changes nothing."""

    server: ClassVar[str]
    answer: ClassVar[type[Value]]

    @classmethod
    def queue(cls) -> str:
        """`server.question`, the queue that the server reads."""
        return f"{cls.server}.{snake(cls.__name__)}"


def all_facts() -> tuple[type[Fact], ...]:
    """Every fact class that the contracts define, by routing key."""
    return tuple(sorted(_leaves(Fact), key=lambda fact: fact.routing_key()))


def all_questions() -> tuple[type[Question], ...]:
    """Every question class that the contracts define, by queue."""
    return tuple(sorted(_leaves(Question), key=lambda question: question.queue()))


def _leaves(base: type[Any]) -> list[type[Any]]:
    return [leaf for cls in base.__subclasses__() for leaf in (_leaves(cls) or [cls])]
