"""Google on the wire: the token endpoint, the Calendar API, and what people do by hand in the calendar.

Every request and every answer is checked against Google's own description of the API.
"""

import asyncio
import json
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from sandbox.faults import Fault
from sandbox.google_account import TokenRefused
from sandbox.google_calls import Calls, GoogleError
from sandbox.google_events import new_id
from sandbox.google_schema import Method, body_problems, method_of, query_problems
from sandbox.world import TheWorld, World, hold

HANG_S = 120.0
API = "/google/calendar/v3/"
TOKEN = "/google/token"  # noqa: S105  # a path
FAULTS = {
    "http_429": (429, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"),
    "rate_limited": (403, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"),
    "forbidden": (403, "forbidden", "Forbidden", "global"),
    "http_500": (500, "backendError", "Backend Error", "global"),
    "http_503": (503, "backendError", "Service Unavailable", "global"),
}
router = APIRouter(tags=["google"])


class ByHand(BaseModel):
    """What somebody types in the calendar; times as in Google's `EventDateTime`. Keys that are absent stay."""

    summary: str | None = None
    description: str | None = None
    start: dict[str, str] | None = None
    end: dict[str, str] | None = None
    recurrence: list[str] | None = None
    transparency: str | None = None


@router.post(TOKEN)
async def token(
    request: Request, world: TheWorld, grant_type: Annotated[str, Form()], assertion: Annotated[str, Form()] = ""
) -> Response:
    """Give the service account an access token."""
    fault = world.faults.take("googleToken")
    if fault and fault.kind == "slow":
        await asyncio.sleep(fault.delay_s)
    elif fault and fault.kind == "invalid_grant":
        return JSONResponse({"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, 400)
    elif fault:
        return Response(status_code=int(fault.kind.removeprefix("http_")))
    try:
        given = world.google.account.grant(grant_type, assertion, f"{_origin(request)}{TOKEN}")
    except TokenRefused as error:
        return JSONResponse({"error": error.args[0], "error_description": error.args[1]}, 400)
    return JSONResponse({"access_token": given, "expires_in": 3599, "token_type": "Bearer"})


@router.api_route(API + "{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def call(request: Request, world: TheWorld) -> Response:
    """Any call of the Calendar API."""
    body = await request.body()
    method = method_of(request.method, request.scope["raw_path"].decode().removeprefix(API))
    fault = world.faults.take("google", event=method.id if method else None)
    try:
        answer = await _answer(request, world, method, body, fault)
    except GoogleError as error:
        _note(world, method, error.status)
        return JSONResponse(error.body, error.status)
    _note(world, method, 204 if answer is None else 200)
    if fault and fault.kind == "timeout_after_send":
        await hold(request, fault.delay_s or HANG_S)
    if answer is None:
        return Response(status_code=204)
    etag = {"etag": answer["etag"]} if "etag" in answer else {}
    return JSONResponse(answer, headers=etag)


async def _answer(
    request: Request, world: World, method: Method | None, body: bytes, fault: Fault | None
) -> dict[str, Any] | None:
    if not world.google.account.knows(request.headers.get("authorization", "")):
        said = "Request had invalid authentication credentials."
        raise GoogleError(401, "authError", said, location="Authorization")
    await _act_out(request, fault)
    if fault and fault.kind == "gone" and "syncToken" in request.query_params:
        world.google.calendar.expire_tokens()
    if method is None:
        raise GoogleError(404, "notFound", "Not Found")
    calls = Calls(world.google.calendars, f"{_origin(request)}/google")
    if method.id not in calls.known:
        raise GoogleError(501, "notImplemented", f"The sandbox has no {method.id}")
    for reason, name in query_problems(method, parse_qs(request.url.query, keep_blank_values=True)):
        raise GoogleError(400, reason, f"Invalid value for: {name}", location=name)
    read = _read(method, body)
    answer = calls.known[method.id](method, dict(request.query_params), read, request.headers.get("if-match"))
    if method.response and (wrong := list(body_problems(method.response, answer))):
        raise GoogleError(500, "backendError", f"The sandbox's answer is not Google's: {', '.join(wrong)}")
    return answer


def _read(method: Method, body: bytes) -> Any:
    if method.request is None:
        return None
    try:
        read = json.loads(body)
    except ValueError as error:
        raise GoogleError(400, "parseError", "Parse Error") from error
    needed = method.id if method.request == "Event" else None
    without_nulls = _without_nulls(read) if method.id == "calendar.events.patch" else read
    if wrong := list(body_problems(method.request, without_nulls, needed)):
        raise GoogleError(400, "invalid", f"Invalid value for: {', '.join(wrong)}")
    return read


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return value


async def _act_out(request: Request, fault: Fault | None) -> None:
    if fault is None:
        return
    if fault.kind in FAULTS:
        raise GoogleError(*FAULTS[fault.kind])
    if fault.kind == "unauthorized":
        request.app.state.world.google.account.revoke()
        raise GoogleError(401, "authError", "Invalid Credentials", location="Authorization")
    if fault.kind == "timeout_before_send":
        await hold(request, fault.delay_s or HANG_S)
        raise GoogleError(504, "backendError", "Backend Error")
    if fault.kind == "slow":
        await asyncio.sleep(fault.delay_s)


def _note(world: World, method: Method | None, status: int) -> None:
    world.google.calls.append({"method": method.id if method else None, "status": status})


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


@router.get("/sandbox/google/service-account")
async def service_account(request: Request, world: TheWorld) -> dict[str, Any]:
    """Give the key file of the service account that may use the calendar: `GOOGLE_SERVICE_ACCOUNT_JSON`."""
    return {**world.google.account.key, "token_uri": f"{_origin(request)}{TOKEN}"}


@router.get("/sandbox/google/calls")
async def calls_so_far(world: TheWorld) -> dict[str, Any]:
    """Every call to the Calendar API, oldest first."""
    return {"items": list(world.google.calls)}


@router.get("/sandbox/google/events")
async def events(world: TheWorld, deleted: bool = False) -> dict[str, Any]:
    """Everything in the calendar, as stored: series are not expanded."""
    every = world.google.calendar.events.values()
    return {"items": [event for event in every if deleted or event["status"] != "cancelled"]}


@router.post("/sandbox/google/events", status_code=201)
async def add_by_hand(request: Request, world: TheWorld, typed: ByHand) -> dict[str, Any]:
    """Add an event by hand."""
    return _by_hand(request, world, "POST", "", typed.model_dump(exclude_none=True) | {"id": new_id()}) or {}


@router.patch("/sandbox/google/events/{event_id}")
async def change_by_hand(request: Request, world: TheWorld, event_id: str, typed: ByHand) -> dict[str, Any]:
    """Move or rename an event by hand."""
    return _by_hand(request, world, "PATCH", f"/{event_id}", typed.model_dump(exclude_none=True)) or {}


@router.delete("/sandbox/google/events/{event_id}")
async def delete_by_hand(request: Request, world: TheWorld, event_id: str) -> dict[str, bool]:
    """Delete an event by hand."""
    _by_hand(request, world, "DELETE", f"/{event_id}", None)
    return {"ok": True}


@router.post("/sandbox/google/forget-tokens")
async def forget_tokens(world: TheWorld) -> dict[str, bool]:
    """Let every sync token so far be too old."""
    world.google.calendar.expire_tokens()
    return {"ok": True}


def _by_hand(request: Request, world: World, verb: str, path: str, typed: Any) -> dict[str, Any] | None:
    """Do what a call would do, without its account and its faults."""
    method = method_of(verb, f"calendars/{world.google.calendar.id}/events{path}")
    if method is None:
        raise HTTPException(404, "no such event")
    try:
        calls = Calls(world.google.calendars, f"{_origin(request)}/google")
        if typed is not None and (wrong := list(body_problems("Event", typed, method.id))):
            raise HTTPException(422, f"wrong: {', '.join(wrong)}")
        return calls.known[method.id](method, {}, typed, None)
    except GoogleError as error:
        raise HTTPException(error.status, error.args[0]) from error
