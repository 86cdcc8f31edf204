"""One copy of the service in a process of its own: asks so many questions at once, and says what came of them.

It says when it is ready, and begins once it is told a line.

`python one_copy.py QUESTIONS`, with the service's variables in the environment.
"""

import asyncio
import json
import sys
import time

from chassis import rpc
from chassis.testing import Probe
from contracts.llm_gateway import ChatMessage, Complete
from llm_gateway_service.app import build
from llm_gateway_service.settings import Settings

QUESTION = Complete(task="phrase", messages=(ChatMessage(role="user", content="oi"),))


async def main(questions: int) -> None:
    service = build(Settings())
    async with Probe(service.line, service.store) as probe:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        rpc._deadline.set(time.time() + 60)
        answers = await asyncio.gather(*(probe.ask(QUESTION) for _ in range(questions)))
        gateway = service._background[0].__self__  # type: ignore[attr-defined]  # it is a bound method
        await gateway.asking.closing.all_closed()
    sys.stdout.write(json.dumps([answer.refusal or "answered" for answer in answers]))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
