"""Google Calendar, through the client that Google ships."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import jwt
import pytest
from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

CALENDAR = "unidade@sandbox.calendar"
SCOPES = ["https://www.googleapis.com/auth/calendar"]
ID = "0123456789abcdefghijklmnop"


def at(day: int, hour: int, minute: int = 0) -> dict[str, str]:
    return {"dateTime": f"2026-11-{day}T{hour:02}:{minute:02}:00-03:00", "timeZone": "America/Sao_Paulo"}


def an_event(**about: Any) -> dict[str, Any]:
    return {"summary": "Reunião", "start": at(24, 9), "end": at(24, 10), **about}


def reason_of(error: HttpError) -> tuple[int, str]:
    return error.resp.status, json.loads(error.content)["error"]["errors"][0]["reason"]


class Client:
    """The official client, each call in a thread."""

    def __init__(self, url: str, key: dict[str, Any]) -> None:
        credentials = service_account.Credentials.from_service_account_info(key, scopes=SCOPES)
        options = {"api_endpoint": f"{url}/google/calendar/v3/"}
        self.api = build(
            "calendar",
            "v3",
            credentials=credentials,
            static_discovery=True,
            cache_discovery=False,
            client_options=options,
        )

    async def do(self, request: Any) -> Any:
        return await asyncio.to_thread(request.execute)

    async def insert(self, **about: Any) -> Any:
        return await self.do(self.api.events().insert(calendarId=CALENDAR, body=an_event(**about)))

    async def listed(self, **about: Any) -> Any:
        return await self.do(self.api.events().list(calendarId=CALENDAR, **about))

    async def refused(self, request: Any) -> tuple[int, str]:
        with pytest.raises(HttpError) as raised:
            await self.do(request)
        return reason_of(raised.value)


@pytest.fixture
async def google(box: Any) -> AsyncIterator[Client]:
    client = Client(box.url, (await box.http.get("/sandbox/google/service-account")).json())
    yield client
    client.api.close()


async def test_an_event_is_inserted_read_changed_and_deleted(google: Client) -> None:
    events = google.api.events()
    inserted = await google.insert(id=ID, extendedProperties={"private": {"visit": "1"}})
    assert (inserted["id"], inserted["status"], inserted["sequence"]) == (ID, "confirmed", 0)
    moved = await google.do(
        events.patch(calendarId=CALENDAR, eventId=ID, body={"start": at(24, 11), "end": at(24, 12), "location": None})
    )
    assert (moved["start"], moved["summary"], moved["sequence"]) == (at(24, 11), "Reunião", 1)
    assert moved["etag"] != inserted["etag"]
    updated = await google.do(events.update(calendarId=CALENDAR, eventId=ID, body=an_event(summary="Outra")))
    assert (updated["summary"], updated.get("extendedProperties")) == ("Outra", None)
    await google.do(events.delete(calendarId=CALENDAR, eventId=ID))
    assert (await google.do(events.get(calendarId=CALENDAR, eventId=ID)))["status"] == "cancelled"
    assert await google.refused(events.delete(calendarId=CALENDAR, eventId=ID)) == (410, "deleted")


async def test_an_id_is_taken_once_even_after_its_event_was_deleted(google: Client) -> None:
    events = google.api.events()
    await google.insert(id=ID)
    again = events.insert(calendarId=CALENDAR, body=an_event(id=ID))
    assert await google.refused(again) == (409, "duplicate")
    await google.do(events.delete(calendarId=CALENDAR, eventId=ID))
    assert await google.refused(again) == (409, "duplicate")
    back = await google.do(events.patch(calendarId=CALENDAR, eventId=ID, body={"status": "confirmed"}))
    assert back["status"] == "confirmed"


async def test_a_change_of_an_old_version_is_refused(google: Client) -> None:
    events = google.api.events()
    first = await google.insert(id=ID)
    await google.do(events.patch(calendarId=CALENDAR, eventId=ID, body={"summary": "um"}))
    stale = events.patch(calendarId=CALENDAR, eventId=ID, body={"summary": "dois"})
    stale.headers["If-Match"] = first["etag"]
    assert await google.refused(stale) == (412, "conditionNotMet")


@pytest.mark.parametrize(
    "request_of,expected",
    [
        (lambda events: events.get(calendarId=CALENDAR, eventId="nothing"), (404, "notFound")),
        (lambda events: events.get(calendarId="another", eventId=ID), (404, "notFound")),
        (lambda events: events.insert(calendarId=CALENDAR, body=an_event(id="CAPITALS")), (400, "invalid")),
        (lambda events: events.insert(calendarId=CALENDAR, body={"summary": "sem hora"}), (400, "invalid")),
        (lambda events: events.insert(calendarId=CALENDAR, body=an_event(sumary="typo")), (400, "invalid")),
        (lambda events: events.insert(calendarId=CALENDAR, body=an_event(end=at(24, 8))), (400, "timeRangeEmpty")),
        (lambda events: events.list(calendarId=CALENDAR, syncToken="x"), (410, "fullSyncRequired")),
        (lambda events: events.list(calendarId=CALENDAR, syncToken="x", q="a"), (400, "invalid")),
    ],
)
async def test_what_makes_no_sense_is_refused_in_googles_words(
    google: Client, request_of: Callable[[Any], Any], expected: tuple[int, str]
) -> None:
    assert await google.refused(request_of(google.api.events())) == expected


async def test_a_sync_token_brings_what_changed_since_and_only_that(google: Client) -> None:
    await google.insert(id=ID)
    first = await google.listed()
    assert [each["id"] for each in first["items"]] == [ID]
    await google.insert(id=ID[::-1])
    await google.do(google.api.events().delete(calendarId=CALENDAR, eventId=ID))
    then = await google.listed(syncToken=first["nextSyncToken"])
    assert {each["id"]: each["status"] for each in then["items"]} == {ID: "cancelled", ID[::-1]: "confirmed"}
    assert (await google.listed(syncToken=then["nextSyncToken"]))["items"] == []
    assert [each["id"] for each in (await google.listed())["items"]] == [ID[::-1]]


async def test_pages_follow_one_another_and_only_the_last_has_the_sync_token(google: Client) -> None:
    for number in range(5):
        await google.insert(id=f"page{number}")
    pages, token = [], None
    while not pages or token:
        page = await google.listed(maxResults=2, **({"pageToken": token} if token else {}))
        token = page.get("nextPageToken")
        pages.append(page)
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]


async def test_a_series_is_expanded_within_the_window_and_its_instances_change_alone(google: Client) -> None:
    await google.insert(id=ID, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=TU"])
    window = {"singleEvents": True, "timeMin": "2026-11-23T00:00:00-03:00", "timeMax": "2026-12-09T00:00:00-03:00"}
    page = await google.listed(**window)
    ids = [f"{ID}_20261124T120000Z", f"{ID}_20261201T120000Z", f"{ID}_20261208T120000Z"]
    assert [each["id"] for each in page["items"]] == ids
    await google.do(google.api.events().delete(calendarId=CALENDAR, eventId=ids[1]))
    changed = await google.listed(singleEvents=True, syncToken=page["nextSyncToken"])
    assert [(each["id"], each["status"]) for each in changed["items"]] == [(ids[1], "cancelled")]
    assert [each["id"] for each in (await google.listed(**window))["items"]] == [ids[0], ids[2]]
    await google.do(google.api.events().delete(calendarId=CALENDAR, eventId=ID))
    gone = await google.listed(singleEvents=True, syncToken=changed["nextSyncToken"])
    assert {each["status"] for each in gone["items"]} == {"cancelled"}
    assert {ids[0], ids[2]} <= {each["id"] for each in gone["items"]}


async def test_free_and_busy_are_told_apart(google: Client) -> None:
    await google.insert()
    await google.insert(start=at(24, 9, 30), end=at(24, 11))
    await google.insert(start=at(24, 15), end=at(24, 16), transparency="transparent")
    body = {"timeMin": "2026-11-24T00:00:00-03:00", "timeMax": "2026-11-25T00:00:00-03:00"}
    answer = await google.do(google.api.freebusy().query(body={**body, "items": [{"id": CALENDAR}, {"id": "x"}]}))
    assert answer["calendars"][CALENDAR]["busy"] == [
        {"start": "2026-11-24T12:00:00.000Z", "end": "2026-11-24T14:00:00.000Z"}
    ]
    assert answer["calendars"]["x"]["errors"] == [{"domain": "global", "reason": "notFound"}]


@pytest.mark.parametrize(
    "kind,expected",
    [
        ("http_429", (429, "rateLimitExceeded")),
        ("rate_limited", (403, "rateLimitExceeded")),
        ("forbidden", (403, "forbidden")),
        ("http_500", (500, "backendError")),
        ("http_503", (503, "backendError")),
    ],
)
async def test_a_fault_strikes_the_call_that_it_names(
    box: Any, google: Client, kind: str, expected: tuple[int, str]
) -> None:
    await box.fault("google", kind, event="calendar.events.insert")
    assert (await google.listed())["items"] == []
    assert await google.refused(google.api.events().insert(calendarId=CALENDAR, body=an_event())) == expected
    await google.insert()


async def test_a_call_that_hangs_after_its_work_has_done_it(box: Any, google: Client) -> None:
    await box.fault("google", "timeout_after_send", delay_s=0.3, event="calendar.events.insert")
    began = time.monotonic()
    await google.insert(id=ID)
    assert time.monotonic() - began >= 0.3
    calls = (await box.http.get("/sandbox/google/calls")).json()["items"]
    assert calls == [{"method": "calendar.events.insert", "status": 200}]


async def test_sync_tokens_grow_old_by_a_fault(box: Any, google: Client) -> None:
    page = await google.listed()
    await box.fault("google", "gone", event="calendar.events.list")
    again = google.api.events().list(calendarId=CALENDAR, syncToken=page["nextSyncToken"])
    assert await google.refused(again) == (410, "fullSyncRequired")


async def test_nobody_gets_in_without_a_token_of_the_account(box: Any) -> None:
    async with httpx.AsyncClient(base_url=box.url, trust_env=False) as http:
        path = f"/google/calendar/v3/calendars/{CALENDAR}/events"
        assert (await http.get(path)).status_code == 401
        assert (await http.get(path, headers={"authorization": "Bearer x"})).status_code == 401
        key = (await http.get("/sandbox/google/service-account")).json()
        now = int(time.time())
        claims = {
            "iss": key["client_email"],
            "aud": key["token_uri"],
            "scope": SCOPES[0],
            "iat": now,
            "exp": now + 3600,
        }
        wrong = [
            ({**claims, "iat": now - 9000, "exp": now - 5400}, "reasonable timeframe"),
            ({**claims, "iss": "somebody@else"}, "InvalidIssuerError"),
            ({**claims, "aud": "https://elsewhere"}, "InvalidAudienceError"),
        ]
        for each, said in wrong:
            assertion = jwt.encode(each, key["private_key"], algorithm="RS256")
            form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
            answer = await http.post("/google/token", data=form)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
            assert said in answer.json()["error_description"]


async def test_what_is_done_by_hand_is_what_the_client_sees(box: Any, google: Client) -> None:
    added = await box.http.post("/sandbox/google/events", json=an_event())
    assert added.status_code == 201, added.text
    event_id = added.json()["id"]
    moved = await box.http.patch(f"/sandbox/google/events/{event_id}", json={"start": at(25, 9), "end": at(25, 10)})
    assert moved.json()["start"] == at(25, 9)
    assert [each["start"] for each in (await google.listed())["items"]] == [at(25, 9)]
    assert (await box.http.delete(f"/sandbox/google/events/{event_id}")).json() == {"ok": True}
    assert (await google.listed())["items"] == []
    assert (await box.http.patch("/sandbox/google/events/nothing", json={"summary": "x"})).status_code == 404
