"""A real model: the gateway of the running system, asked over its broker, with its budget, breakers and privacy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import aio_pika
from aio_pika.exceptions import AMQPError
from chassis.clock import now
from chassis.errors import Transient
from chassis.line import Line
from chassis.topology import EVENTS
from chassis.transport import Rabbit
from contracts import Event
from contracts.llm_gateway import Complete, Completion, CompletionServed

from assistant.evaluation.measuring import Spent
from assistant.home import Home
from assistant.plan import read_plan, read_state
from assistant.rehearsal import Ask

SERVICE = "evaluation"


class CannotEvaluateError(Exception):
    """There is no gateway that could be asked; the message says why."""


class Ledger:
    """Adds up what the gateway says that completions cost."""

    def __init__(self) -> None:
        self.spent = Spent()

    def hear(self, body: bytes) -> None:
        """Take a `CompletionServed` in."""
        fact = Event.from_wire(body, CompletionServed).data
        self.spent += Spent(fact.input_tokens, fact.output_tokens, fact.brl)


@asynccontextmanager
async def gateway(home: Home) -> AsyncIterator[tuple[Ask, Ledger]]:
    """Ask the running system's gateway while the block runs. Raises `CannotEvaluateError`."""
    plan = read_plan(home)
    if plan is None or read_state(home)["supervisor"] is None:
        raise CannotEvaluateError("nothing runs here: start it with ./assistant up --detach")
    line, ledger = Line(SERVICE, clock=now), Ledger()
    rabbit = Rabbit(line, plan.urls["rabbitmq"])
    try:
        async with await aio_pika.connect(plan.urls["rabbitmq"]) as connection:
            await rabbit.start()
            channel = await connection.channel()
            queue = await channel.declare_queue(exclusive=True, auto_delete=True)
            await queue.bind(EVENTS.name, CompletionServed.routing_key())

            async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
                ledger.hear(message.body)

            await queue.consume(take, no_ack=True)
            yield line.ask, ledger
    except (AMQPError, OSError, Transient) as error:
        raise CannotEvaluateError(f"the broker does not answer ({type(error).__name__})") from error
    finally:
        await rabbit.stop()


def unmetered(question: Complete, answer: Completion) -> Spent:
    """Count nothing here: the gateway tells what it cost."""
    del question, answer
    return Spent(brl=Decimal(0))
