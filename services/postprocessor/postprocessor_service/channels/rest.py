"""One REST API over connections that are kept alive. What went wrong is told in two words: it never left, or who knows.

aiohttp and not httpx: a call costs a tenth of the CPU (docs/adr/0015), and two calls were a third of a reply's cost.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from chassis.logging import get_logger
from chassis.telemetry.http import calling

from postprocessor_service.channels import NotTaken, Outcome, Unknown

log = get_logger(__name__)

KEEP_ALIVE_S = 3.0
"""Node closes idle connections after 5 s; one that dies under a request would leave the message unknown."""
CONNECT_S = 5.0


class NeverLeft(Exception):  # noqa: N818  # a word of the port, like those of chassis.errors
    """The request certainly did not reach anybody."""


class NoAnswer(Exception):  # noqa: N818  # same
    """Nobody knows what became of the request; the text is a word for the log."""


async def outcome_after(
    call: Awaitable[tuple[int, Any]], outcome_of: Callable[[int, Any], Outcome], *, instance: str, key: str
) -> Outcome:
    """Say what became of a send: what never left may be tried again, what nobody answered may have arrived.

    `outcome_of` sorts an answer; `key` is the variable that is wrong when the API refuses us.
    """
    try:
        outcome = outcome_of(*await call)
    except NeverLeft:
        return NotTaken("unreachable")
    except NoAnswer as error:
        return Unknown(str(error))
    if outcome == NotTaken("unauthorized"):
        log.error("channel_refuses_our_key", instance=instance, variable=key)
    return outcome


class Rest:
    """One API at `url`; `headers` go along with every call."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = url.rstrip("/")
        self._host = urlsplit(url).hostname or ""
        self._headers = dict(headers)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: Mapping[str, Any], within_s: float) -> tuple[int, Any]:
        """Return the status and the JSON of the answer (`None`: there was none). Raises `NeverLeft`, `NoAnswer`."""
        return await self._call("POST", path, within_s, json=body)

    async def post_form(self, path: str, body: Mapping[str, str], within_s: float) -> tuple[int, Any]:
        """Do the same with a form."""
        return await self._call("POST", path, within_s, data=body)

    async def get(self, path: str, query: Mapping[str, str], within_s: float) -> tuple[int, Any]:
        """Do the same without a body."""
        return await self._call("GET", path, within_s, params=query)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _call(self, method: str, path: str, within_s: float, **about: Any) -> tuple[int, Any]:
        timeout = aiohttp.ClientTimeout(total=within_s, connect=min(within_s / 2, CONNECT_S))
        with calling(method, _route(path), self._host) as call:
            try:
                async with self._opened().request(
                    method, self._url + path, timeout=timeout, allow_redirects=False, **about
                ) as answer:
                    body = await answer.read()
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                raise NeverLeft(type(error).__name__) from error
            except (TimeoutError, aiohttp.ClientError) as error:
                raise NoAnswer(type(error).__name__) from error
            call.answered(answer.status)
        return answer.status, _json(body)

    def _opened(self) -> aiohttp.ClientSession:
        """Open the session inside the loop that uses it."""
        if self._session is None:
            # Whoever types must not keep waiting what was decided to be sent now: there is no limit to wait at.
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S)
            self._session = aiohttp.ClientSession(headers=self._headers, connector=connector)
        return self._session


def _route(path: str) -> str:
    """Leave the instance, the last part of every path, out of a span's name."""
    return path.rpartition("/")[0] or path


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
