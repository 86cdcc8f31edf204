"""Twilio's Messages and Media resources (2010-04-01), the part that concerns WhatsApp."""

import json
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Header, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from sandbox import meta
from sandbox.clock import SAO_PAULO
from sandbox.cloud_api import HANG_S, file_message, file_of, number
from sandbox.evolution import find_person
from sandbox.state import CLOUD, Message
from sandbox.world import TheWorld, hold

PATH = "/twilio/2010-04-01/Accounts/{account}/Messages.json"
router = APIRouter(tags=["twilio"])
Field = Annotated[str, Form()]


@router.post(PATH)
async def send(  # noqa: PLR0917  # the form's own fields
    request: Request,
    world: TheWorld,
    account: str,
    To: Field,  # noqa: N803  # Twilio's name
    From: Field,  # noqa: N803  # same
    Body: Field = "",  # noqa: N803  # same
    ContentSid: Field = "",  # noqa: N803  # same
    ContentVariables: Field = "{}",  # noqa: N803  # same
    authorization: Annotated[str, Header()] = "",
) -> Response:
    """201 with the message's sid; 4xx with Twilio's code. A `ContentSid` is `HX` and the template's name."""
    if refusal := _not_ours(authorization):
        return refusal
    instance = number(world, From.replace("whatsapp", "twilio"), CLOUD)
    person = find_person(world, To.removeprefix("whatsapp:+"))
    if person is None:
        return JSONResponse({"code": 63024, "message": "Invalid message recipient", "status": 400}, 400)
    fault = world.faults.take("twilio", phone=person.phone)
    if fault and fault.kind == "http_500":
        return JSONResponse({"code": 20500, "status": 500}, 500)
    text = Body
    if ContentSid:
        values = [{"text": value} for _, value in sorted(json.loads(ContentVariables).items())]
        filled = meta.filled(world, ContentSid.removeprefix("HX"), "pt_BR", [{"type": "body", "parameters": values}])
        text = "" if isinstance(filled, int) else filled.text
    elif meta.refusal_of_text(world, instance, person):
        return JSONResponse({"code": 63016, "message": "Failed to send freeform message", "status": 400}, 400)
    message = world.whatsapp.api_sends(instance, person, person.jid, text)
    if fault and fault.kind == "timeout_after_send":
        await hold(request, fault.delay_s or HANG_S)
    return JSONResponse(_shown(message, account, From), 201)


@router.get(PATH)
async def sent(world: TheWorld, account: str, From: str) -> dict[str, Any]:  # noqa: N803  # Twilio's name
    """List what was sent from a number, newest first, in one page."""
    instance = From.replace("whatsapp", "twilio")
    found = [one for one in reversed(world.state.messages) if one.instance == instance and one.direction == "out"]
    return {"messages": [_shown(one, account, From) for one in found], "next_page_uri": None}


@router.get("/twilio/2010-04-01/Accounts/{account}/Messages/{sid}/Media/{media_sid}")
async def media(  # noqa: PLR0917  # the address's own parts
    request: Request,
    world: TheWorld,
    account: str,
    sid: str,
    media_sid: str,
    authorization: Annotated[str, Header()] = "",
) -> Response:
    """307 to where a file is, as Twilio with its delivery network; 401 to whoever is not the account."""
    if (refusal := _not_ours(authorization)) or account != world.settings.twilio_account_sid:
        return refusal or JSONResponse({"code": 20404, "status": 404}, 404)
    if file_message(world, sid) is None or media_sid != f"ME{sid}":
        return JSONResponse({"code": 20404, "status": 404}, 404)
    return RedirectResponse(request.url_for("delivered_file", sid=sid), 307)


@router.get("/twilio/files/{sid}")
async def delivered_file(world: TheWorld, sid: str, authorization: Annotated[str, Header()] = "") -> Response:
    """Return the file; 400 to whoever shows the account's secret here, as its delivery network does."""
    message = file_message(world, sid)
    if message is None or authorization:
        return Response(status_code=404 if message is None else 400)
    return file_of(message)


def _not_ours(authorization: str) -> Response | None:
    if authorization.startswith("Basic "):
        return None
    return JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401)


def _shown(message: Message, account: str, sender: str) -> dict[str, Any]:
    return {
        "sid": message.id,
        "account_sid": account,
        "from": sender,
        "to": f"whatsapp:+{message.phone}",
        "body": message.text,
        "status": "queued",
        "date_created": format_datetime(datetime.fromtimestamp(message.at, SAO_PAULO)),
    }
