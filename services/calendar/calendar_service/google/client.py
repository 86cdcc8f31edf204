"""Google Calendar's API by Google's own client, one call at a time, in a thread, under the quota.

The library is imported with the first call: whoever has no Google Calendar does not carry it in memory.
"""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chassis.breaker import Breakers
from chassis.errors import Transient
from chassis.telemetry.http import calling
from pydantic import SecretStr

Json = dict[str, Any]

GOOGLE = "google"
ENDPOINT = "https://www.googleapis.com/calendar/v3/"
SCOPES = ("https://www.googleapis.com/auth/calendar",)
PER_MINUTE = 300
"""Half of what Google allows one account by default."""
TIMEOUT_S = 20.0
PAGE = 2500
NO_CALENDAR = "GOOGLE_CALENDAR_ID: no such calendar, or it is not shared with the account"
TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "calendarUsageLimitsExceeded"}


class Away(Transient):
    """Google cannot be reached, or asks for patience: later it may succeed."""


class Refused(Transient):
    """Google does not let us: key, permission or calendar are wrong. The unit's people can mend it any time."""


class Unacceptable(Exception):  # noqa: N818  # a word of the policy, as in chassis.errors
    """Google finds fault with this one event; the others may pass."""


class Said(Exception):  # noqa: N818  # an answer, not an error
    """An answer that says no and is expected: 404, 409, 410, 412."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Google:
    """One calendar. `account` is the service account's key: JSON, base64 of it, or the path of its file."""

    def __init__(
        self,
        account: SecretStr,
        calendar_id: str,
        *,
        breakers: Breakers,
        endpoint: str = ENDPOINT,
        per_minute: float = PER_MINUTE,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.calendar_id = calendar_id
        self._account = account
        self._endpoint = endpoint
        self._host = urlsplit(endpoint).hostname or ""
        self._breakers = breakers
        self._pause_s = 60 / per_minute
        self._timeout_s = timeout_s
        self._next_at = 0.0
        self._api: Any = None
        # The library's connection is not safe to share, so there is one thread.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=GOOGLE)

    async def get(self, event_id: str) -> Json | None:
        """Return an event, a deleted one too; `None` when there never was one. Raises `Away`, `Refused`."""
        try:
            found: Json = await self._call(lambda events: events.get(calendarId=self.calendar_id, eventId=event_id))
        except Said:
            return None
        return found

    async def insert(self, event: Json) -> bool:
        """Add an event; `False` when its id is taken. Raises `Away`, `Refused`, `Unacceptable`."""
        try:
            await self._call(
                lambda events: events.insert(calendarId=self.calendar_id, body=event), about_the_calendar=True
            )
        except Said:
            return False
        return True

    async def patch(self, event_id: str, event: Json, etag: str) -> bool:
        """Change an event; `False` when somebody changed it since. Raises `Away`, `Refused`, `Unacceptable`."""
        try:
            await self._call(
                lambda events: events.patch(calendarId=self.calendar_id, eventId=event_id, body=event), etag=etag
            )
        except Said:
            return False
        return True

    async def delete(self, event_id: str) -> None:
        """Delete an event, if it is there. Raises `Away`, `Refused`."""
        with suppress(Said):
            await self._call(lambda events: events.delete(calendarId=self.calendar_id, eventId=event_id))

    async def pages(self, **about: Any) -> AsyncIterator[Json]:
        """Yield the pages of a list call. Raises `Said(410)` for an old sync token, `Away`, `Refused`."""
        token: str | None = None
        while True:
            page = await self._page(pageToken=token, **about)
            yield page
            token = page.get("nextPageToken")
            if token is None:
                return

    async def _page(self, **about: Any) -> Json:
        page: Json = await self._call(
            lambda events: events.list(calendarId=self.calendar_id, singleEvents=True, maxResults=PAGE, **about),
            about_the_calendar=True,
        )
        return page

    async def close(self) -> None:
        """Give the connection back; a call that hangs is not waited for."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._forget_connection()

    async def _call(
        self, request_of: Callable[[Any], Any], *, etag: str | None = None, about_the_calendar: bool = False
    ) -> Any:
        """Make one call when its turn has come; of one about the calendar itself, 404 is no answer but a mistake."""
        async with self._breakers.guard(GOOGLE):
            await self._wait_for_turn()
            with calling("CALL", "/calendars/events", self._host):
                loop = asyncio.get_running_loop()
                answer = await loop.run_in_executor(self._thread, self._blocking, request_of, etag)
            if about_the_calendar and isinstance(answer, Said) and answer.status == 404:
                raise Refused(NO_CALENDAR)
        if isinstance(answer, Said | Unacceptable):
            raise answer
        return answer

    async def _wait_for_turn(self) -> None:
        now = time.monotonic()
        turn = max(now, self._next_at)
        self._next_at = turn + self._pause_s
        await asyncio.sleep(turn - now)

    def _blocking(self, request_of: Callable[[Any], Any], etag: str | None) -> Any:
        """Make one call. Its expected answers are returned, since the breaker counts what is raised."""
        import httplib2
        from google.auth import exceptions
        from googleapiclient.errors import HttpError

        try:
            if self._api is None:
                self._api = self._connected()
            request = request_of(self._api.events())
            if etag:
                request.headers["If-Match"] = etag
            return _through_an_idle_connection(lambda: request.execute(num_retries=0))
        except HttpError as error:
            return _sorted(error)
        except exceptions.RefreshError as error:
            if error.retryable:
                raise Away("Google gives no token now") from None
            self._forget_connection()  # the next call reads the key anew: somebody may have mended the file
            raise Refused("GOOGLE_SERVICE_ACCOUNT_JSON: Google does not take this key") from None
        except (exceptions.TransportError, httplib2.HttpLib2Error, HTTPException, OSError) as error:
            raise Away(f"Google: {type(error).__name__}") from None

    def _forget_connection(self) -> None:
        if self._api is not None:
            self._api.close()
            self._api = None

    def _connected(self) -> Any:
        import google_auth_httplib2
        import httplib2
        from google.oauth2 import service_account
        from googleapiclient.discovery import build

        try:
            key = read_account(self._account.get_secret_value())
            credentials = service_account.Credentials.from_service_account_info(key, scopes=SCOPES)  # type: ignore[no-untyped-call]  # ships no types
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            # Not with its cause: its text may quote the key.
            raise Refused(
                f"GOOGLE_SERVICE_ACCOUNT_JSON: not a service account's key ({type(error).__name__})"
            ) from None
        http = google_auth_httplib2.AuthorizedHttp(credentials, http=httplib2.Http(timeout=self._timeout_s))
        options = {"api_endpoint": self._endpoint}
        return build("calendar", "v3", http=http, static_discovery=True, cache_discovery=False, client_options=options)


def _through_an_idle_connection(execute: Callable[[], Any]) -> Any:
    """Try once more when the connection was closed while nothing was said; every call may be made twice."""
    try:
        return execute()
    except (ConnectionError, HTTPException):
        return execute()


def read_account(given: str) -> Json:
    """Read a service account's key: the JSON itself, base64 of it, or the path of its file. Raises `ValueError`."""
    text = given.strip()
    if not text.startswith("{"):
        try:
            text = base64.b64decode(text, validate=True).decode()
        except ValueError:
            text = Path(given).read_text(encoding="utf-8")
    key: Json = json.loads(text)
    return key


def _sorted(error: Any) -> Said | Unacceptable:
    """Return an expected answer, or raise what the others mean; `error` is the library's `HttpError`."""
    status = int(error.resp.status)
    if status in {404, 409, 410, 412}:
        return Said(status)
    if status == 429 or status >= 500 or (status == 403 and _reason(error) in TOO_FAST):
        raise Away(f"Google: {status}") from None
    if status in {401, 403}:
        raise Refused(f"Google: {status}, the account may not use this calendar") from None
    return Unacceptable(f"Google: {status}")


def _reason(error: Any) -> str | None:
    with suppress(ValueError, KeyError, IndexError, TypeError):
        return str(json.loads(error.content)["error"]["errors"][0]["reason"])
    return None
