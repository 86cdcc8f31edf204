"""WhatsApp through Twilio's REST API (2010-04-01), over our own client.

Its official library is synchronous at heart (requests), loads a module for each of Twilio's products and would be the
only part of the service that blocks; two calls and a dozen error codes are all that is needed of it (docs/adr/0015).
"""

import asyncio
import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from chassis.errors import Unavailable
from chassis.logging import get_logger
from contracts.dialogue import ApprovedTemplate
from contracts.ingress import Address
from contracts.postprocessor import Channel as ChannelName
from pydantic import SecretStr

from postprocessor_service.channels import NotTaken, Outcome, Recorded, Refused, Taken, Unknown, digits_of
from postprocessor_service.channels.rest import NeverLeft, NoAnswer, Rest, outcome_after
from postprocessor_service.domain import canonical

log = get_logger(__name__)

PAGE = 1000
_ERRORS: dict[int, Outcome] = {  # Twilio, "Error and Warning Dictionary"
    63016: Refused("outside_window"),
    63003: Refused("not_on_whatsapp"),
    63024: Refused("not_on_whatsapp"),
    21211: Refused("not_on_whatsapp"),
    20003: NotTaken("unauthorized"),
    20429: NotTaken("overloaded"),
    63018: NotTaken("overloaded"),
    63038: NotTaken("overloaded"),
}


_STATUSES: dict[int, Outcome] = {
    401: NotTaken("unauthorized"),
    403: NotTaken("unauthorized"),
    429: NotTaken("overloaded"),
}


@dataclass(frozen=True)
class Account:
    """Who asks."""

    sid: str
    token: SecretStr


class Twilio:
    """One number of the unit; `content_sids` are Twilio's names (`HX…`) of the templates that WhatsApp approved."""

    name: ChannelName = "twilio"

    def __init__(
        self, url: str, account: Account, sender: str, *, content_sids: Mapping[str, str], timeout_s: float
    ) -> None:
        self.instance = f"twilio:{sender}"
        self._sender = f"whatsapp:{sender}"
        self._path = f"/2010-04-01/Accounts/{account.sid}/Messages.json"
        self._content_sids = dict(content_sids)
        self._timeout_s = timeout_s
        secret = base64.b64encode(f"{account.sid}:{account.token.get_secret_value()}".encode()).decode()
        self._rest = Rest(url, {"Authorization": f"Basic {secret}"})

    async def send(self, instance: str, to: Address, text: str, reference: str) -> Outcome:
        """Send one text."""
        del instance, reference
        return await self._send(to, {"Body": text})

    async def send_template(self, instance: str, to: Address, template: ApprovedTemplate, reference: str) -> Outcome:
        """Send a template by Twilio's name of it; one that has none there cannot be sent."""
        del instance, reference
        sid = self._content_sids.get(template.name)
        if sid is None:
            return Refused("outside_window")
        values = {str(nth): value for nth, value in enumerate(template.parameters, start=1)}
        return await self._send(to, {"ContentSid": sid, "ContentVariables": json.dumps(values, ensure_ascii=False)})

    async def has_window(self, instance: str) -> bool:
        """Say yes: behind it is the Cloud API."""
        del instance
        return True

    async def find(self, instance: str, since: datetime, until: datetime) -> Sequence[Recorded]:
        """List what was sent; Twilio filters by the whole day, we by the second."""
        del instance
        query = {"From": self._sender, "DateSent>": f"{since.astimezone(UTC):%Y-%m-%d}", "PageSize": str(PAGE)}
        try:
            status, answer = await self._rest.get(self._path, query, self._timeout_s)
            if status != 200 or answer["next_page_uri"]:
                raise Unavailable(f"Messages: http_{status}, or too many of them")
            found = [one for one in map(_recorded, answer["messages"]) if since <= one[0] <= until]
        except (NeverLeft, NoAnswer) as error:
            raise Unavailable(f"Messages: {error}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable("Messages: an answer of another shape") from error
        return [recorded for _, recorded in sorted(found, key=lambda one: one[0])]

    async def show_typing(self, instance: str, to: Address, seconds: float) -> None:
        """Wait as long: Twilio shows nothing."""
        del instance, to
        await asyncio.sleep(seconds)

    async def mark_read(self, instance: str, sender: Address, ids: Sequence[str]) -> None:
        """Do nothing: Twilio has no such call."""

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()

    async def _send(self, to: Address, content: Mapping[str, str]) -> Outcome:
        number = digits_of(to)
        if number is None:
            return Refused("rejected")
        body = {"From": self._sender, "To": f"whatsapp:+{number}", **content}
        answered = self._rest.post_form(self._path, body, self._timeout_s)
        return await outcome_after(answered, outcome_of, instance=self.instance, key="TWILIO_AUTH_TOKEN")


def outcome_of(status: int, body: Any) -> Outcome:
    """Sort an answer. A 5xx proves nothing."""
    answer = body if isinstance(body, dict) else {}
    if 200 <= status < 300:
        sid = answer.get("sid")
        return Taken(sid) if isinstance(sid, str) and sid else Unknown("no_id")
    if status >= 500:
        return Unknown(f"http_{status}")
    code = answer.get("code")
    known = _ERRORS.get(code) if isinstance(code, int) else None
    return known or _STATUSES.get(status, Refused("rejected"))


def _recorded(record: Any) -> tuple[datetime, Recorded]:
    sent_at = parsedate_to_datetime(record["date_created"])
    to = str(record["to"]).removeprefix("whatsapp:")
    return sent_at, Recorded(id=record["sid"], names=(canonical(to),), text=record["body"], at=sent_at)
