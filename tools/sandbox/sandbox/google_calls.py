"""What each call of the Google Calendar API does, once it is known to be well formed."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandbox.google_events import Calendar, Json, TokenExpired, Window, moment, new_id, span, utc
from sandbox.google_schema import Method

PAGE = 250
OWNER = "unidade@sandbox.calendar"
WITHOUT_SYNC_TOKEN = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "timeMin", "timeMax", "updatedMin")


class GoogleError(Exception):
    """An error in Google's own words: status, reason, message; `domain` and `location` as Google has them."""

    def __init__(
        self, status: int, reason: str, message: str, domain: str = "global", location: str | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        detail: Json = {"domain": domain, "reason": reason, "message": message}
        if location:
            kind = "header" if location in {"If-Match", "Authorization"} else "parameter"
            detail |= {"locationType": kind, "location": location}
        self.body = {"error": {"errors": [detail], "code": status, "message": message}}


class Calls:
    """The calls, by the id that the discovery document gives them."""

    def __init__(self, calendars: dict[str, Calendar], link: str) -> None:
        self._calendars = calendars
        self._link = link
        self.known: dict[str, Callable[[Method, dict[str, str], Any, str | None], Json | None]] = {
            "calendar.events.insert": self._insert,
            "calendar.events.get": self._get,
            "calendar.events.patch": self._patch,
            "calendar.events.update": self._update,
            "calendar.events.delete": self._delete,
            "calendar.events.list": self._list,
            "calendar.freebusy.query": self._freebusy,
            "calendar.calendars.get": self._calendar_get,
        }

    def _insert(self, method: Method, _query: dict[str, str], body: Any, _etag: str | None) -> Json:
        calendar = self._calendar(method)
        event_id = body.get("id") or new_id()
        if not 5 <= len(event_id) <= 1024 or set(event_id) - set("0123456789abcdefghijklmnopqrstuv"):
            raise GoogleError(400, "invalid", "Invalid resource id value.")
        if event_id in calendar.events:
            raise GoogleError(409, "duplicate", "The requested identifier already exists.")
        return calendar.keep(self._complete(calendar, {**body, "id": event_id}))

    def _get(self, method: Method, _query: dict[str, str], _body: Any, _etag: str | None) -> Json:
        return self._event(method)

    def _patch(self, method: Method, _query: dict[str, str], body: Any, etag: str | None) -> Json:
        event = self._event(method, etag)
        return self._changed(method, event, _merged(event, body))

    def _update(self, method: Method, _query: dict[str, str], body: Any, etag: str | None) -> Json:
        event = self._event(method, etag)
        kept = ("id", "created", "creator", "organizer", "iCalUID", "htmlLink", "sequence", "recurringEventId")
        return self._changed(method, event, {**{key: event[key] for key in kept if key in event}, **body})

    def _delete(self, method: Method, _query: dict[str, str], _body: Any, etag: str | None) -> None:
        event = self._event(method, etag)
        if event["status"] == "cancelled":
            raise GoogleError(410, "deleted", "Resource has been deleted")
        self._calendar(method).keep({**event, "status": "cancelled"})

    def _list(self, method: Method, query: dict[str, str], _body: Any, _etag: str | None) -> Json:
        calendar, token = self._calendar(method), query.get("syncToken")
        page: Json = {"kind": "calendar#events", "summary": calendar.summary, "timeZone": "America/Sao_Paulo"}
        page |= {"accessRole": "owner", "defaultReminders": [], "etag": '"p"', "updated": _now(calendar)}
        first = int(query.get("pageToken", "0").removeprefix("p"))
        if token:
            items, window = self._since(calendar, token, query)
        else:
            bounds = [query.get(name) and moment({"dateTime": query[name]}) for name in ("timeMin", "timeMax")]
            window = Window(query.get("singleEvents") == "true", query.get("showDeleted") == "true", *bounds)  # type: ignore[arg-type]  # None or a moment
            items = calendar.listed(window)
        most = min(int(query.get("maxResults", PAGE)), 2500)
        page["items"] = items[first : first + most]
        if first + most < len(items):
            return {**page, "nextPageToken": f"p{first + most}"}
        if not {"orderBy", "q", "iCalUID"} & query.keys():
            page["nextSyncToken"] = calendar.token(window)
        return page

    def _since(self, calendar: Calendar, token: str, query: dict[str, str]) -> tuple[list[Json], Window]:
        for name in WITHOUT_SYNC_TOKEN:
            if name in query:
                said = "Sync token cannot be used with the provided parameters."
                raise GoogleError(400, "invalid", said, "calendar", name)
        try:
            return calendar.changed(token), calendar.window_of(token)
        except TokenExpired as error:
            said = "Sync token is no longer valid, a full sync is required."
            raise GoogleError(410, "fullSyncRequired", said, "calendar", "syncToken") from error

    def _freebusy(self, _method: Method, _query: dict[str, str], body: Any, _etag: str | None) -> Json:
        first, last = (moment({"dateTime": body[name]}) for name in ("timeMin", "timeMax"))
        if first >= last:
            raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", "calendar", "timeMax")
        answer: Json = {}
        for item in body.get("items", []):
            calendar = self._calendars.get(item["id"])
            if calendar is None:
                answer[item["id"]] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
            else:
                answer[item["id"]] = {"busy": _busy(calendar, first, last)}
        return {"kind": "calendar#freeBusy", "timeMin": utc(first), "timeMax": utc(last), "calendars": answer}

    def _calendar_get(self, method: Method, _query: dict[str, str], _body: Any, _etag: str | None) -> Json:
        calendar = self._calendar(method)
        about = {"kind": "calendar#calendar", "etag": '"c"', "id": calendar.id, "summary": calendar.summary}
        return {**about, "timeZone": "America/Sao_Paulo"}

    def _calendar(self, method: Method) -> Calendar:
        calendar = self._calendars.get(method.path["calendarId"])
        if calendar is None:
            raise GoogleError(404, "notFound", "Not Found")
        return calendar

    def _event(self, method: Method, etag: str | None = None) -> Json:
        event = self._calendar(method).find(method.path["eventId"])
        if event is None:
            raise GoogleError(404, "notFound", "Not Found")
        if etag and etag not in {"*", event["etag"]}:
            raise GoogleError(412, "conditionNotMet", "Precondition Failed", location="If-Match")
        return event

    def _changed(self, method: Method, before: Json, after: Json) -> Json:
        moved = any(before.get(name) != after.get(name) for name in ("start", "end", "recurrence"))
        after["sequence"] = before.get("sequence", 0) + moved
        return self._calendar(method).keep(self._complete(self._calendar(method), after))

    def _complete(self, calendar: Calendar, event: Json) -> Json:
        """Fill in what Google fills in, and refuse what makes no sense."""
        try:
            first, last = span(event)
        except (KeyError, ValueError, TypeError) as error:
            raise GoogleError(400, "required", "Missing end time.") from error
        if last < first or (last == first and "date" in event["start"]):
            raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", "calendar")
        if "recurrence" in event and "dateTime" in event["start"] and "timeZone" not in event["start"]:
            raise GoogleError(400, "required", "Missing time zone definition for start time.")
        made = {
            "kind": "calendar#event",
            "status": "confirmed",
            "htmlLink": f"{self._link}?evento={event['id']}",
            "creator": {"email": OWNER},
            "organizer": {"email": calendar.id, "displayName": calendar.summary, "self": True},
            "iCalUID": f"{event['id']}@google.com",
            "sequence": 0,
            "reminders": {"useDefault": True},
            "eventType": "default",
        }
        return made | event


def _merged(old: Any, new: Any) -> Any:
    """Merge as PATCH does: objects key by key, `null` takes away, anything else replaces."""
    if not isinstance(new, dict) or not isinstance(old, dict):
        return copy.deepcopy(new)
    kept = {key: value for key, value in old.items() if key not in new}
    return kept | {key: _merged(old.get(key), value) for key, value in new.items() if value is not None}


def _busy(calendar: Calendar, first: datetime, last: datetime) -> list[Json]:
    events = calendar.listed(Window(single=True, start=first, end=last))
    periods: list[list[datetime]] = []
    for start, end in sorted(span(event) for event in events if event.get("transparency") != "transparent"):
        start, end = max(start, first), min(end, last)  # noqa: PLW2901  # cut to what was asked for
        if periods and start <= periods[-1][1]:
            periods[-1][1] = max(end, periods[-1][1])
        else:
            periods.append([start, end])
    return [{"start": utc(start), "end": utc(end)} for start, end in periods]


def _now(calendar: Calendar) -> str:
    return utc(
        datetime.fromtimestamp(0, tz=moment({"date": "2026-01-01"}).tzinfo) + timedelta(seconds=calendar.clock.now())
    )
