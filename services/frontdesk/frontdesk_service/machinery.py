"""How every service is, and what it leaves alone for now: asked when somebody looks, kept nowhere."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import httpx

WITHIN_S = 2.5
"""A service checks itself for up to two seconds."""
HowItIs = Literal["ready", "troubled", "silent"]


@dataclass(frozen=True)
class ServiceNow:
    """One copy of a service: `lacks` names the checks that fail, `breakers` the state of each dependency's breaker."""

    name: str
    how: HowItIs
    lacks: tuple[str, ...] = ()
    breakers: tuple[tuple[str, str], ...] = ()


class Machinery:
    """Asks the services at their addresses; with none, nobody is known."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls

    async def look(self) -> list[ServiceNow]:
        """Ask all at once, within `WITHIN_S`; who does not answer is `silent`."""
        import httpx

        async with httpx.AsyncClient(timeout=WITHIN_S, trust_env=False) as http:
            return list(await asyncio.gather(*(_ask(http, name, url) for name, url in self._urls.items())))


async def _ask(http: "httpx.AsyncClient", name: str, url: str) -> ServiceNow:
    ready, breakers = await asyncio.gather(_json(http, f"{url}/readyz"), _json(http, f"{url}/breakers"))
    if ready is None:
        return ServiceNow(name, "silent")
    lacks = tuple(check for check, passes in ready["checks"].items() if not passes)
    states = tuple((each["dependency"], each["state"]) for each in breakers or ())
    return ServiceNow(name, "troubled" if lacks else "ready", lacks, states)


async def _json(http: "httpx.AsyncClient", url: str) -> Any:
    import httpx

    try:
        return (await http.get(url)).json()
    except (httpx.HTTPError, ValueError):
        return None
