"""Meta's Cloud API: sending and files, as its reference has it. A message is refused and taken as `meta.py` says."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from sandbox import media, meta
from sandbox.evolution import JsonBody, find_person
from sandbox.state import CLOUD, Instance, Message
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
    if refusal := _not_ours(authorization):
        return refusal
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
    reference = body.get("biz_opaque_callback_data")
    message = world.whatsapp.api_sends(instance, person, person.jid, text, reference=reference)
    if fault and fault.kind == "timeout_after_send":
        await hold(request, fault.delay_s or HANG_S)
    contact = {"input": body["to"], "wa_id": person.jid_digits}
    return JSONResponse({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message.id}]})


@router.get("/{media_id}")
async def describe_file(
    request: Request, world: TheWorld, media_id: str, authorization: Annotated[str, Header()] = ""
) -> Response:
    """200 with where a file is, which is good for five minutes there; 401 without a token."""
    if refusal := _not_ours(authorization):
        return refusal
    message = file_message(world, media_id)
    if message is None:
        return JSONResponse({"error": {"code": 100, "message": "Unsupported get request."}}, 400)
    file = media.file_of(message.kind, message.id)
    about = {"mime_type": media.MIME[message.kind], "sha256": hashlib.sha256(file).hexdigest(), "file_size": len(file)}
    url = str(request.url_for("download_file", media_id=media_id))
    return JSONResponse({"messaging_product": "whatsapp", "id": media_id, "url": url, **about})


@router.get("/{media_id}/file")
async def download_file(world: TheWorld, media_id: str, authorization: Annotated[str, Header()] = "") -> Response:
    """Return the file, to whoever has a token."""
    if refusal := _not_ours(authorization):
        return refusal
    message = file_message(world, media_id)
    return file_of(message) if message else Response(status_code=404)


def file_message(world: World, message_id: str) -> Message | None:
    """Find a message that has a file."""
    message = world.state.message(message_id)
    return message if message and message.kind in media.MIME else None


def file_of(message: Message) -> Response:
    """Answer with its file."""
    return Response(media.file_of(message.kind, message.id), media_type=media.MIME[message.kind])


def _not_ours(authorization: str) -> Response | None:
    if authorization.startswith("Bearer "):
        return None
    return JSONResponse({"error": {"code": 190, "message": "Invalid OAuth access token"}}, 401)


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
