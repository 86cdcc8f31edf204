"""Meta's Cloud API: one call, as its reference has it. A message is refused and taken as `meta.py` says."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from sandbox import meta
from sandbox.evolution import JsonBody, find_person
from sandbox.state import CLOUD, Instance
from sandbox.world import TheWorld, World, hold

HANG_S = 120.0
router = APIRouter(prefix="/graph", tags=["cloud api"])


@router.post("/{phone_number_id}/messages")
async def send(
    request: Request,
    phone_number_id: str,
    world: TheWorld,
    body: JsonBody,
    authorization: Annotated[str, Header()] = "",
) -> Response:
    """200 with the message's id; 400 with Graph's error; 401 without a bearer token."""
    if not authorization.startswith("Bearer "):
        return JSONResponse({"error": {"code": 190, "message": "Invalid OAuth access token"}}, 401)
    if body.get("status") == "read":
        return JSONResponse({"success": True})
    instance = number(world, f"cloud:{phone_number_id}", CLOUD)
    person = find_person(world, str(body["to"]))
    if person is None:
        return JSONResponse({"error": {"code": 131026, "message": "Message undeliverable"}}, 400)
    fault = world.faults.take("cloudApi", phone=person.phone)
    if fault and fault.kind == "http_500":
        return JSONResponse({"error": {"code": 131000}}, 500)
    if fault and fault.kind == "timeout_before_send":
        await hold(request, fault.delay_s or HANG_S)
    text = _text(world, instance, body, person.phone)
    if isinstance(text, int):
        return JSONResponse({"error": meta.graph_error(text)}, 400)
    message = world.whatsapp.api_sends(instance, person, person.jid, text)
    if fault and fault.kind == "timeout_after_send":
        await hold(request, fault.delay_s or HANG_S)
    contact = {"input": body["to"], "wa_id": person.jid_digits}
    return JSONResponse({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message.id}]})


def number(world: World, name: str, integration: str) -> Instance:
    """Return a number of the unit that no Evolution knows: it has no webhooks of Evolution's."""
    return world.state.instances.setdefault(name, Instance(name, world.settings.sandbox_unit_phone, integration))


def _text(world: World, instance: Instance, body: dict[str, Any], phone: str) -> str | int:
    """Return what the person reads, or the code of the refusal."""
    if body["type"] == "text":
        person = world.state.parent(phone)
        return 131047 if meta.refusal_of_text(world, instance, person) else str(body["text"]["body"])
    template = body["template"]
    filled = meta.filled(world, template["name"], template["language"]["code"], template.get("components", []))
    return filled if isinstance(filled, int) else filled.text
