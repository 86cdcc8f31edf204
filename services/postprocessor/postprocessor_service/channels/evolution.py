"""Evolution API over HTTP. It has no idempotency and no id of ours: what it did must be found out from what it says."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from chassis.errors import Unavailable
from chassis.logging import get_logger
from chassis.telemetry import span
from contracts.dialogue import ApprovedTemplate
from contracts.ingress import Address
from contracts.postprocessor import Channel as ChannelName
from opentelemetry.trace import SpanKind
from pydantic import HttpUrl, SecretStr

from postprocessor_service.channels import NotTaken, Outcome, Recorded, Unknown
from postprocessor_service.channels.answers import outcome_of
from postprocessor_service.domain import canonical

log = get_logger(__name__)

PAGE = 100
MOST_PAGES = 50
COURTESY_S = 5.0
"""How long marking as read may take."""
OVERTIME_S = 0.3
"""How much longer than asked a typing request may take."""
KEPT_ALIVE = 16
"""Idle connections of each kind; every request looks at all of them, to see which have been closed meanwhile."""
KEEP_ALIVE_S = 3.0
"""Node closes idle connections after 5 s; one that dies under a request would leave the message unknown."""
CLOUD = "WHATSAPP-BUSINESS"
REMEMBERED_S = 3600.0
"""How long an instance is believed to be of the kind that it said."""
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Evolution:
    """One Evolution API; `timeout_s` bounds each call, `at_once` is how many messages are sent at the same time."""

    name: ChannelName = "evolution"

    def __init__(self, url: HttpUrl, api_key: SecretStr, timeout_s: float, at_once: int) -> None:
        self._timeout_s = timeout_s
        self._integrations: dict[str, tuple[str, float]] = {}
        about: dict[str, Any] = {
            "base_url": str(url),
            "headers": {"apikey": api_key.get_secret_value()},
            "timeout": httpx.Timeout(timeout_s, connect=min(timeout_s / 2, 5)),
            "limits": httpx.Limits(
                max_connections=at_once, max_keepalive_connections=KEPT_ALIVE, keepalive_expiry=KEEP_ALIVE_S
            ),
            "verify": httpx.create_ssl_context(),
            "trust_env": False,
        }
        # Connections of its own: whoever types must not keep waiting what was decided to be sent now.
        self._sending = httpx.AsyncClient(**about)
        self._asking = httpx.AsyncClient(**about)

    async def send(self, instance: str, to: Address, text: str) -> Outcome:
        """Send one text, without a preview of links."""
        return await self._send("sendText", instance, {"number": _number(to), "text": text, "linkPreview": False})

    async def send_template(self, instance: str, to: Address, template: ApprovedTemplate) -> Outcome:
        """Send a template; its parameters go into its body."""
        parameters = [{"type": "text", "text": value} for value in template.parameters]
        body = {"number": _number(to), "name": template.name, "language": template.language}
        components = [{"type": "body", "parameters": parameters}] if parameters else []
        return await self._send("sendTemplate", instance, {**body, "components": components})

    async def has_window(self, instance: str) -> bool:
        """Whether this instance is one of Meta's Cloud API; asked once an hour."""
        known = self._integrations.get(instance)
        if known is None or time.monotonic() >= known[1]:
            known = (await self._integration(instance), time.monotonic() + REMEMBERED_S)
            self._integrations[instance] = known
        return known[0] == CLOUD

    async def _integration(self, instance: str) -> str:
        try:
            async with asyncio.timeout(COURTESY_S):
                response = await self._asking.get("/instance/fetchInstances", params={"instanceName": instance})
            response.raise_for_status()
            return str(next(each["integration"] for each in response.json() if each["name"] == instance))
        except (httpx.HTTPError, TimeoutError, KeyError, TypeError, ValueError, StopIteration) as error:
            raise Unavailable(f"fetchInstances: {type(error).__name__}") from error

    async def _send(self, call: str, instance: str, body: dict[str, Any]) -> Outcome:
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await _post(self._sending, f"/message/{call}/{_path(instance)}", body)
        except _NEVER_LEFT:
            return NotTaken("unreachable")
        except (httpx.HTTPError, TimeoutError) as error:
            return Unknown(type(error).__name__)
        outcome = outcome_of(response.status_code, _json(response))
        if outcome == NotTaken("unauthorized"):
            log.error("channel_refuses_our_key", instance=instance, variable="EVOLUTION_API_KEY")
        return outcome

    async def find(self, instance: str, since: datetime, until: datetime) -> Sequence[Recorded]:
        """Read every page of what Evolution stored in this time."""
        found: list[Recorded] = []
        try:
            async with asyncio.timeout(self._timeout_s):
                for page in range(1, MOST_PAGES + 1):
                    messages = await self._page(instance, since, until, page)
                    found += (each for each in map(_recorded, messages["records"]) if each)
                    if page >= int(messages["pages"]):
                        return found[::-1]
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unavailable(f"findMessages: {type(error).__name__}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable("findMessages: an answer of another shape") from error
        raise Unavailable("findMessages: too many messages")

    async def show_typing(self, instance: str, to: Address, seconds: float) -> None:
        """Hold a `composing` open; a channel that cannot is not waited for."""
        body = {"number": _number(to), "presence": "composing", "delay": round(seconds * 1000)}
        await self._politely(f"/chat/sendPresence/{_path(instance)}", body, seconds + OVERTIME_S)

    async def mark_read(self, instance: str, sender: Address, ids: Sequence[str]) -> None:
        """Blue ticks; Evolution skips LIDs in silence, so they are not sent."""
        if sender.jid.endswith("@lid") or not ids:
            return
        keys = [{"id": each, "remoteJid": sender.jid, "fromMe": False} for each in ids]
        await self._politely(f"/chat/markMessageAsRead/{_path(instance)}", {"readMessages": keys}, COURTESY_S)

    async def close(self) -> None:
        """Close the connections."""
        await self._sending.aclose()
        await self._asking.aclose()

    async def _page(self, instance: str, since: datetime, until: datetime, page: int) -> Any:
        between = {"gte": since.isoformat(timespec="seconds"), "lte": until.isoformat(timespec="seconds")}
        body = {"where": {"messageTimestamp": between}, "page": page, "offset": PAGE}
        response = await _post(self._asking, f"/chat/findMessages/{_path(instance)}", body)
        response.raise_for_status()
        return response.json()["messages"]

    async def _politely(self, path: str, body: dict[str, Any], within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s):
                await _post(self._asking, path, body)
        except (httpx.HTTPError, TimeoutError) as error:
            log.debug("courtesy_failed", error=type(error).__name__)


async def _post(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> httpx.Response:
    with span(f"POST {path.rpartition('/')[0]}", SpanKind.CLIENT, http__request__method="POST") as current:
        response = await http.post(path, json=body)
        current.set_attribute("http.response.status_code", response.status_code)
        return response


def _path(instance: str) -> str:
    return quote(instance, safe="")


def _number(to: Address) -> str:
    """Digits, or a LID as it came."""
    return to.jid if to.jid.endswith("@lid") else to.jid.partition("@")[0].partition(":")[0].lstrip("+")


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _recorded(record: Any) -> Recorded | None:
    """Read a record of `findMessages`; only texts from the unit's number matter."""
    key, message = record["key"], record.get("message") or {}
    extended = message.get("extendedTextMessage") or {}
    text = message.get("conversation") or extended.get("text")
    if not key.get("fromMe") or not isinstance(text, str):
        return None
    addresses = (key.get("remoteJid"), key.get("remoteJidAlt"))
    return Recorded(id=key["id"], names=tuple(canonical(each) for each in addresses if each), text=text)
