"""Evolution API over HTTP. It has no idempotency and no id of ours: what it did must be found out from what it says."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from chassis.errors import Unavailable
from chassis.logging import get_logger
from contracts.dialogue import ApprovedTemplate
from contracts.ingress import Address
from contracts.postprocessor import Channel as ChannelName
from pydantic import HttpUrl, SecretStr

from postprocessor_service.channels import Outcome, Recorded
from postprocessor_service.channels.answers import outcome_of
from postprocessor_service.channels.rest import NeverLeft, NoAnswer, Rest, outcome_after
from postprocessor_service.domain import canonical

log = get_logger(__name__)

PAGE = 200
MOST_PAGES = 200
"""Our own messages of half an hour in which never a moment was lost: the older a doubt, the more lies after it."""
COURTESY_S = 5.0
"""How long marking as read, or asking what an instance is, may take."""
GATHER_S = 0.1
"""How long messages that were read are gathered, whoever sent them, to be told in one call."""
OVERTIME_S = 0.3
"""How much longer than asked a typing request may take."""
CLOUD = "WHATSAPP-BUSINESS"
REMEMBERED_S = 3600.0
"""How long an instance is believed to be of the kind that it said."""


class Evolution:
    """One Evolution API; `timeout_s` bounds each call."""

    name: ChannelName = "evolution"
    instance: str | None = None

    def __init__(self, url: HttpUrl, api_key: SecretStr, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._rest = Rest(str(url), {"apikey": api_key.get_secret_value()})
        self._integrations: dict[str, tuple[str, float]] = {}
        self._read: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)  # senders and ids, by instance

    async def send(self, instance: str, to: Address, text: str, reference: str = "") -> Outcome:
        """Send one text, without a preview of links; Evolution has no place for a reference."""
        del reference
        return await self._send("sendText", instance, {"number": _number(to), "text": text, "linkPreview": False})

    async def send_template(
        self, instance: str, to: Address, template: ApprovedTemplate, reference: str = ""
    ) -> Outcome:
        """Send a template; its parameters go into its body."""
        del reference
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

    async def find(self, instance: str, since: datetime, until: datetime) -> Sequence[Recorded]:
        """Read every page of what Evolution stored of ours in this time; `timeout_s` is for each page."""
        found: list[Recorded] = []
        try:
            for page in range(1, MOST_PAGES + 1):
                messages = await self._page(instance, since, until, page)
                found += (each for each in map(_recorded, messages["records"]) if each)
                if page >= int(messages["pages"]):
                    return found[::-1]
        except (NeverLeft, NoAnswer) as error:
            raise Unavailable(f"findMessages: {error}") from error
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
        read = self._read[instance]
        is_told_by_another = bool(read)
        read.update((sender.jid, each) for each in ids)
        if is_told_by_another:
            return
        await asyncio.sleep(GATHER_S)
        del self._read[instance]
        keys = [{"id": each, "remoteJid": jid, "fromMe": False} for jid, each in sorted(read)]
        await self._politely(f"/chat/markMessageAsRead/{_path(instance)}", {"readMessages": keys}, COURTESY_S)

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()

    async def _send(self, call: str, instance: str, body: dict[str, Any]) -> Outcome:
        answered = self._rest.post(f"/message/{call}/{_path(instance)}", body, self._timeout_s)
        return await outcome_after(answered, outcome_of, instance=instance, key="EVOLUTION_API_KEY")

    async def _integration(self, instance: str) -> str:
        try:
            _, known = await self._rest.get("/instance/fetchInstances", {"instanceName": instance}, COURTESY_S)
            return str(next(each["integration"] for each in known if each["name"] == instance))
        except (NeverLeft, NoAnswer, KeyError, TypeError, StopIteration) as error:
            raise Unavailable(f"fetchInstances: {type(error).__name__}") from error

    async def _page(self, instance: str, since: datetime, until: datetime, page: int) -> Any:
        between = {"gte": since.isoformat(timespec="seconds"), "lte": until.isoformat(timespec="seconds")}
        body = {"where": {"key": {"fromMe": True}, "messageTimestamp": between}, "page": page, "offset": PAGE}
        status, answer = await self._rest.post(f"/chat/findMessages/{_path(instance)}", body, self._timeout_s)
        if not 200 <= status < 300:
            raise NoAnswer(f"http_{status}")
        return answer["messages"]

    async def _politely(self, path: str, body: dict[str, Any], within_s: float) -> None:
        try:
            await self._rest.post(path, body, within_s)
        except (NeverLeft, NoAnswer) as error:
            log.debug("courtesy_failed", error=str(error))


def _path(instance: str) -> str:
    return quote(instance, safe="")


def _number(to: Address) -> str:
    """Digits, or a LID as it came."""
    return to.jid if to.jid.endswith("@lid") else to.jid.partition("@")[0].partition(":")[0].lstrip("+")


def _recorded(record: Any) -> Recorded | None:
    """Read a record of `findMessages`; only texts from the unit's number matter."""
    key, message = record["key"], record.get("message") or {}
    extended = message.get("extendedTextMessage") or {}
    text = message.get("conversation") or extended.get("text")
    if not key.get("fromMe") or not isinstance(text, str):
        return None
    addresses = (key.get("remoteJid"), key.get("remoteJidAlt"))
    names, moment = tuple(canonical(each) for each in addresses if each), record.get("messageTimestamp")
    at = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else None
    return Recorded(id=key["id"], names=names, text=text, at=at)
