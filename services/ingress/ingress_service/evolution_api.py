"""What ingress asks Evolution API: which messages it has, and whether it is connected."""

import asyncio
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from chassis.breaker import Breakers
from chassis.errors import Unavailable
from chassis.telemetry.http import calling
from pydantic import HttpUrl, SecretStr

PAGE = 100
MOST_PAGES = 200


class EvolutionApi:
    """One instance of an Evolution API. `timeout_s` bounds each call."""

    def __init__(self, url: HttpUrl, api_key: SecretStr, instance: str, timeout_s: float, breakers: Breakers) -> None:
        self.instance = instance
        self._timeout_s = timeout_s
        self._breakers = breakers
        self._path = quote(instance, safe="")
        self._http = httpx.AsyncClient(
            base_url=str(url),
            headers={"apikey": api_key.get_secret_value()},
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s / 2, 5)),
            verify=httpx.create_ssl_context(),
            trust_env=False,
        )

    async def state(self) -> str:
        """Return `open`, `connecting` or `close`. Raises `Unavailable`."""
        document = await self._ask("GET", f"/instance/connectionState/{self._path}")
        try:
            return str(document["instance"]["state"])
        except (KeyError, TypeError) as error:
            raise Unavailable("connectionState: an answer of another shape") from error

    async def find(self, since: datetime, until: datetime) -> list[Any]:
        """Return every message of a time, newest first. Raises `Unavailable`."""
        between = {"gte": since.isoformat(timespec="seconds"), "lte": until.isoformat(timespec="seconds")}
        found: list[Any] = []
        for page in range(1, MOST_PAGES + 1):
            asked = {"where": {"messageTimestamp": between}, "page": page, "offset": PAGE}
            document = await self._ask("POST", f"/chat/findMessages/{self._path}", asked)
            try:
                found += document["messages"]["records"]
                if page >= int(document["messages"]["pages"]):
                    return found
            except (KeyError, TypeError, ValueError) as error:
                raise Unavailable("findMessages: an answer of another shape") from error
        raise Unavailable("findMessages: too many messages")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            async with self._breakers.guard("evolution"), asyncio.timeout(self._timeout_s):
                with calling(method, path.rpartition("/")[0], self._http.base_url.host) as call:
                    response = await self._http.request(method, path, json=body)
                    call.answered(response.status_code)
                return response.raise_for_status().json()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise Unavailable(f"evolution: {type(error).__name__}") from error
