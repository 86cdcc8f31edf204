"""The events of one Google Calendar: kept, expanded, searched, and what changed since.

Behaviour: https://developers.google.com/workspace/calendar/api/guides/sync and …/v3/reference/events
"""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from sandbox.clock import SAO_PAULO, Clock

Json = dict[str, Any]
FAR = timedelta(days=730)
"""How far ahead a series without an end is expanded."""


@dataclass(frozen=True)
class Window:
    """What a list call asks for; bounds are aware, `None` is open."""

    single: bool = False
    deleted: bool = False
    start: datetime | None = None
    end: datetime | None = None

    def shows(self, event: Json) -> bool:
        """Whether an event lies in it."""
        first, last = span(event)
        return (self.start is None or last > self.start) and (self.end is None or first < self.end)


class TokenExpired(Exception):  # noqa: N818  # Google's word is "gone"
    """The sync token is not valid any more."""


@dataclass
class Calendar:
    """One calendar. Every change of an event gets the next number; a sync token remembers one."""

    id: str
    clock: Clock
    summary: str = "Agenda da unidade"
    events: dict[str, Json] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    oldest_token: int = 0
    _number: int = 0
    _instances: dict[str, set[str]] = field(default_factory=dict)

    def find(self, event_id: str) -> Json | None:
        """Return an event, cancelled ones too; an instance of a series by its own id."""
        if event_id in self.events:
            return self.events[event_id]
        master = self.events.get(event_id.rpartition("_")[0])
        every = self._expanded(master, Window(single=True, deleted=True)) if master else ()
        return next((each for each in every if each["id"] == event_id), None)

    def keep(self, event: Json) -> Json:
        """Store a new version of an event; its etag and time of change are made here."""
        self._number += 1
        now = utc(datetime.fromtimestamp(self.clock.now(), SAO_PAULO))
        etag = f'"{3_000_000_000_000_000 + self._number * 2:d}"'
        kept = {**event, "etag": etag, "updated": now, "created": event.get("created", now)}
        self.events[kept["id"]] = kept
        self.numbers[kept["id"]] = self._number
        return kept

    def listed(self, window: Window) -> list[Json]:
        """Return what lies in a window, by start."""
        found = [each for event in self.events.values() for each in self._seen(event, window)]
        return sorted(found, key=lambda each: (span(each)[0], each["id"]))

    def changed(self, token: str) -> list[Json]:
        """Return what changed since a token was made, with what has gone. Raises `TokenExpired`."""
        number, window = self._read(token)
        changed = [self.events[key] for key, each in self.numbers.items() if each > number]
        found: dict[str, Json] = {}
        for event in changed:
            seen = list(self._seen(event, window))
            found |= {each["id"]: each for each in seen}
            exceptions = self.events.keys() - {event["id"]}
            for gone in self._known(event) - {each["id"] for each in seen} - exceptions:
                found[gone] = {**event, "id": gone, "status": "cancelled"}
                if gone != event["id"]:
                    found[gone]["recurringEventId"] = event["id"]
                found[gone].pop("recurrence", None)
        return list(found.values())

    def token(self, window: Window) -> str:
        """Make a sync token of this moment."""
        bounds = [each and each.isoformat() for each in (window.start, window.end)]
        value = [self._number, window.single, *bounds]
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    def window_of(self, token: str) -> Window:
        """Return the window that a token was made for. Raises `TokenExpired`."""
        return self._read(token)[1]

    def expire_tokens(self) -> None:
        """Let every sync token so far be of no use."""
        self._number += 1
        self.oldest_token = self._number

    def _read(self, token: str) -> tuple[int, Window]:
        try:
            number, single, start, end = json.loads(base64.urlsafe_b64decode(f"{token}=="))
            bounds = [each and datetime.fromisoformat(each) for each in (start, end)]
        except (ValueError, TypeError) as error:
            raise TokenExpired from error
        if number < self.oldest_token:
            raise TokenExpired
        return number, Window(single, deleted=True, start=bounds[0], end=bounds[1])

    def _seen(self, event: Json, window: Window) -> Iterator[Json]:
        """Yield an event, or the instances of its series, as far as a window shows them."""
        if event["status"] == "cancelled" and not window.deleted:
            return
        if window.single and "recurrence" in event and event["status"] != "cancelled":
            yield from self._expanded(event, window)
        elif window.shows(event):
            self._instances.setdefault(str(event.get("recurringEventId", event["id"])), set()).add(event["id"])
            yield event

    def _known(self, event: Json) -> set[str]:
        """Return the ids under which an event was ever listed."""
        return self._instances.get(event["id"], set()) or {event["id"]}

    def _expanded(self, master: Json, window: Window) -> Iterator[Json]:
        first, last = span(master)
        zone = ZoneInfo(master["start"].get("timeZone", str(SAO_PAULO)))
        wall, length = first.astimezone(zone).replace(tzinfo=None), last - first
        rule = rrulestr("\n".join(master.get("recurrence", [])), dtstart=wall)
        until = (window.end or first + FAR).astimezone(zone).replace(tzinfo=None)
        since = (window.start or first).astimezone(zone).replace(tzinfo=None) - length
        for at in rule.between(since, until, inc=True):
            instance = _instance(master, at.replace(tzinfo=zone), length)
            if instance["id"] not in self.events and window.shows(instance):
                self._instances.setdefault(master["id"], set()).add(instance["id"])
                yield instance


def _instance(master: Json, start: datetime, length: timedelta) -> Json:
    all_day = "date" in master["start"]
    form = f"{start:%Y%m%d}" if all_day else f"{start.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}"
    times = {
        name: {"date": f"{at:%Y-%m-%d}"}
        if all_day
        else {"dateTime": at.isoformat(), "timeZone": master["start"].get("timeZone", str(SAO_PAULO))}
        for name, at in (("start", start), ("end", start + length))
    }
    kept = {key: value for key, value in master.items() if key != "recurrence"}
    about = {"id": f"{master['id']}_{form}", "recurringEventId": master["id"], "originalStartTime": times["start"]}
    return {**kept, **about, **times}


def span(event: Json) -> tuple[datetime, datetime]:
    """Return when an event begins and ends; whole days are the calendar's own."""
    return moment(event["start"]), moment(event["end"])


def moment(at: Json) -> datetime:
    """Read an `EventDateTime`."""
    if at.get("date"):
        return datetime.combine(date.fromisoformat(at["date"]), datetime.min.time(), SAO_PAULO)
    read = datetime.fromisoformat(at["dateTime"])
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(at.get("timeZone") or str(SAO_PAULO)))


def utc(at: datetime) -> str:
    """RFC 3339 with milliseconds, as Google writes times of change."""
    return at.astimezone(ZoneInfo("UTC")).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> str:
    """Make an id as Google makes it."""
    return "".join(secrets.choice("0123456789abcdefghijklmnopqrstuv") for _ in range(26))
