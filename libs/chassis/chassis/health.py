"""The routes that everybody who runs a service asks: alive, ready, which queues, which breakers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.breaker import Breakers
from chassis.transport import Rabbit

Check = Callable[[], Awaitable[bool]]
CHECK_S = 2.0


def routes(checks: Mapping[str, Check], transport: Rabbit, breakers: Breakers | None) -> list[Route]:
    """Return `/livez`, `/readyz`, `/topology`, `/working` and `/breakers`."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(_: Request) -> Response:
        results = dict(zip(checks, await asyncio.gather(*(_passes(check) for check in checks.values())), strict=True))
        ready = all(results.values())
        return JSONResponse({"ready": ready, "checks": results}, status_code=200 if ready else 503)

    async def queues(_: Request) -> Response:
        return JSONResponse(transport.queues())

    async def working(_: Request) -> Response:
        return JSONResponse(dict(transport.working))

    async def states(_: Request) -> Response:
        return JSONResponse(await breakers.states() if breakers else [])

    answers = {"/livez": livez, "/readyz": readyz, "/topology": queues, "/working": working, "/breakers": states}
    return [Route(path, answer) for path, answer in answers.items()]


async def _passes(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_S):
            return await check()
    except Exception:  # noqa: BLE001  # the edge: whatever a check dies of, its answer is no
        return False
