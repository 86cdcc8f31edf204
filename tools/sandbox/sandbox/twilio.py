"""Twilio's Messages resource (2010-04-01), the part that concerns WhatsApp."""

import json
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Header, Request, Response
from fastapi.responses import JSONResponse

from sandbox import meta
from sandbox.clock import SAO_PAULO
from sandbox.cloud_api import HANG_S, number
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
    if not authorization.startswith("Basic "):
        return JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401)
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
