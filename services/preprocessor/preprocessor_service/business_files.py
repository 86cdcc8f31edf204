"""Voice notes of numbers without an Evolution between: Meta's Cloud API names a file, Twilio gives its address.

Source: the Cloud API's "Media" (retrieve a media URL, download media); Twilio's "Media resource", whose files are at a
delivery network: a redirect leads there, and the account's secret has no business there.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any

from chassis.breaker import Breakers
from chassis.errors import Permanent
from contracts.ingress import Media
from pydantic import SecretStr

from preprocessor_service.recordings import MOST_FILE_BYTES, Files, Recording, guarded, read, recording
from preprocessor_service.settings import Settings

_MEDIA_ID = re.compile(r"[\w.=-]+")


class MetaFiles:
    """Files by their ids; both steps want the token."""

    def __init__(self, url: str, token: SecretStr, breakers: Breakers) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token.get_secret_value()}"}
        self._breakers = breakers

    async def fetch(self, media: Media | None) -> Recording:
        """Return a message's file. Raises `Unavailable`, or `Permanent` when there is no such file."""
        media_id = media.id if media else None
        if not media_id or not _MEDIA_ID.fullmatch(media_id):
            raise Permanent("meta: no id of a file")
        async with guarded(self._breakers, "meta"):
            answer = await read("GET", f"{self._url}/{media_id}", MOST_FILE_BYTES, headers=self._headers)
            url = _address(answer.json())
            if url:
                answer = await read("GET", url, MOST_FILE_BYTES, headers=self._headers)
        if not url:
            raise Permanent(f"meta: no address of the file (HTTP {answer.status})")
        return recording(answer, where="meta")


class TwilioFiles:
    """Files by their addresses at Twilio; the secret goes nowhere else, whatever address a webhook gives."""

    def __init__(self, url: str, account: str, token: SecretStr, breakers: Breakers) -> None:
        self._url = f"{url.rstrip('/')}/"
        secret = base64.b64encode(f"{account}:{token.get_secret_value()}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}"}
        self._breakers = breakers

    async def fetch(self, media: Media | None) -> Recording:
        """Return a message's file. Raises `Unavailable`, or `Permanent` when there is no such file."""
        url = media.url if media else None
        if not url or not url.startswith(self._url):
            raise Permanent("twilio: no address of its own")
        async with guarded(self._breakers, "twilio"):
            answer = await read("GET", url, MOST_FILE_BYTES, headers=self._headers)
            if answer.location:
                answer = await read("GET", answer.location, MOST_FILE_BYTES)
        return recording(answer, where="twilio")


def _address(document: Any) -> str | None:
    url = document.get("url") if isinstance(document, dict) else None
    return url if isinstance(url, str) else None


def business_files(settings: Settings, breakers: Breakers) -> Mapping[str, Files]:
    """Return the files of the channels that are set up, by how the names of their instances begin."""
    found: dict[str, Files] = {}
    if settings.meta_access_token:
        found["cloud"] = MetaFiles(settings.meta_base_url, settings.meta_access_token, breakers)
    if settings.twilio_account_sid and settings.twilio_auth_token:
        account, token = settings.twilio_account_sid, settings.twilio_auth_token
        found["twilio"] = TwilioFiles(settings.twilio_base_url, account, token, breakers)
    return found
