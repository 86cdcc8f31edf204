"""Meta's Cloud API without anybody between. Source: its reference, "Messages" and "Error codes" (Graph API 23)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chassis.errors import Unavailable
from chassis.logging import get_logger
from contracts.dialogue import ApprovedTemplate
from contracts.ingress import Address
from contracts.postprocessor import Channel as ChannelName
from pydantic import SecretStr

from postprocessor_service.channels import NotTaken, Outcome, Recorded, Refused, Taken, Unknown, digits_of
from postprocessor_service.channels.graph import outcome_of_error
from postprocessor_service.channels.rest import NeverLeft, NoAnswer, Rest, outcome_after

log = get_logger(__name__)

COURTESY_S = 5.0


class Cloud:
    """One number of the unit. Every message carries our reference, which comes back with each of its receipts."""

    name: ChannelName = "cloud_api"

    def __init__(self, url: str, token: SecretStr, phone_number_id: str, timeout_s: float) -> None:
        self.instance = f"cloud:{phone_number_id}"
        self._path = f"/{phone_number_id}/messages"
        self._timeout_s = timeout_s
        self._rest = Rest(url, {"Authorization": f"Bearer {token.get_secret_value()}"})

    async def send(self, instance: str, to: Address, text: str, reference: str) -> Outcome:
        """Send one text, without a preview of links."""
        del instance
        return await self._send(to, reference, type="text", text={"body": text, "preview_url": False})

    async def send_template(self, instance: str, to: Address, template: ApprovedTemplate, reference: str) -> Outcome:
        """Send a template; its parameters go into its body."""
        del instance
        parameters = [{"type": "text", "text": value} for value in template.parameters]
        about: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
        if parameters:
            about["components"] = [{"type": "body", "parameters": parameters}]
        return await self._send(to, reference, type="template", template=about)

    async def has_window(self, instance: str) -> bool:
        """Say yes: it is Meta's own rule."""
        del instance
        return True

    async def find(self, instance: str, since: datetime, until: datetime) -> Sequence[Recorded]:
        """Meta keeps no list: only a receipt with our reference proves anything."""
        del instance, since, until
        raise Unavailable("the Cloud API keeps no list of messages")

    async def show_typing(self, instance: str, to: Address, seconds: float) -> None:
        """Wait as long: "digitando…" belongs to a message that is read, and reading follows."""
        del instance, to
        await asyncio.sleep(seconds)

    async def mark_read(self, instance: str, sender: Address, ids: Sequence[str]) -> None:
        """Blue ticks on the last message and all before it."""
        del instance, sender
        if ids:
            try:
                body = {"messaging_product": "whatsapp", "status": "read", "message_id": ids[-1]}
                await self._rest.post(self._path, body, COURTESY_S)
            except (NeverLeft, NoAnswer) as error:
                log.debug("courtesy_failed", error=str(error))

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()

    async def _send(self, to: Address, reference: str, **content: Any) -> Outcome:
        number = digits_of(to)
        if number is None:
            return Refused("rejected")  # a LID is Evolution's
        whom = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": number}
        body = {**whom, **content, "biz_opaque_callback_data": reference}
        answered = self._rest.post(self._path, body, self._timeout_s)
        return await outcome_after(answered, outcome_of, instance=self.instance, key="META_ACCESS_TOKEN")


def outcome_of(status: int, body: Any) -> Outcome:
    """Sort an answer. A 5xx proves nothing."""
    answer = body if isinstance(body, dict) else {}
    if 200 <= status < 300:
        messages = answer.get("messages")
        first = messages[0] if isinstance(messages, list) and messages else {}
        identity = first.get("id") if isinstance(first, dict) else None
        return Taken(identity) if isinstance(identity, str) and identity else Unknown("no_id")
    if status >= 500:
        return Unknown(f"http_{status}")
    error = answer.get("error")
    if isinstance(error, dict) and isinstance(error.get("code"), int):
        return outcome_of_error(error["code"])
    return {401: NotTaken("unauthorized"), 429: NotTaken("overloaded")}.get(status, Refused("rejected"))
