"""Evolution API 2.3.7's REST, the part that concerns messages. Shapes as observed on 2.3.6 and read in 2.3.7."""

import asyncio
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from sandbox import baileys, meta
from sandbox.clock import unix
from sandbox.faults import Fault, Target
from sandbox.state import CLOUD, Instance, Message, Parent
from sandbox.world import TheWorld, World, hold

# How long a hung request hangs when the fault does not say.
HANG_S = 120.0
REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}
JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}
PRESENCES = ("unavailable", "available", "composing", "recording", "paused")


class EvolutionError(Exception):
    """Answered as ``{"status", "error", "response": {"message"}}``; ``message`` may be of any shape."""

    def __init__(self, status: int, message: Any) -> None:
        super().__init__(status)
        self.status = status
        self.message = message

    def response(self) -> JSONResponse:
        """Make the HTTP answer."""
        body = {"status": self.status, "error": REASONS[self.status], "response": {"message": self.message}}
        return JSONResponse(body, self.status)


def connected(instance: str, world: TheWorld, apikey: Annotated[str | None, Header()] = None) -> Instance:
    """Find the addressed instance. 404 when there is none, else 401 unless the key is the global one or its own."""
    found = world.state.instances.get(instance)
    if found is None:
        raise EvolutionError(404, [f'The "{instance}" instance does not exist'])
    if apikey not in (world.settings.evolution_api_key.get_secret_value(), found.token):
        raise EvolutionError(401, "Unauthorized")
    return found


TheInstance = Annotated[Instance, Depends(connected)]
JsonBody = Annotated[dict[str, Any], Body(default_factory=dict)]
router = APIRouter(tags=["evolution"])


def validate(body: Mapping[str, Any], required: tuple[str, ...], types: Mapping[str, str]) -> None:
    """Evolution's JSON-schema check: a 400 whose message is a list of lists."""
    wrong = [f'instance requires property "{name}"' for name in required if name not in body]
    for name, kind in types.items():
        if name not in body:
            continue
        value = body[name]
        fits = isinstance(value, JSON_TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
        if not fits:
            wrong.append("Invalid format" if name == "number" else f"{name} is not of a type(s) {kind}")
    if wrong:
        raise EvolutionError(400, [wrong])


def find_person(world: World, number: str) -> Parent | None:
    """Who is behind a number, JID or LID; None when that is nobody on WhatsApp. Unknown valid numbers are somebody."""
    digits, _, host = number.partition("@")
    if host == "lid":
        return world.state.find(number)
    digits = re.sub(r"\D", "", digits)
    if not 10 <= len(digits) <= 15 or host not in ("", "s.whatsapp.net"):
        return None
    known = world.state.find(digits) is not None
    person = world.state.parent(digits)
    if not known:
        world.hub.tell("parent", parent=person.as_json())
    return person if person.on_whatsapp else None


def _jid(number: str) -> str:
    """Make the JID that Evolution makes up for a number that WhatsApp does not know."""
    if "@" in number:
        return number
    digits = re.sub(r"\D", "", number)
    return f"{digits}@s.whatsapp.net"


def _person_or_400(world: World, number: str, target: Target) -> Parent:
    person = find_person(world, number)
    if person and not world.faults.take(target, "not_on_whatsapp", phone=person.phone):
        return person
    raise EvolutionError(400, [{"jid": _jid(number), "exists": False, "number": number}])


async def _before(request: Request, fault: Fault | None) -> Response | None:
    """Act out what a fault does before anything was sent; a Response ends the request."""
    match fault.kind if fault else None:
        case "http_500":
            raise EvolutionError(500, ["Internal Server Error"])
        case "http_503":
            # Not Evolution's words: a proxy in front of it.
            return HTMLResponse("<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>", 503)
        case "connection_closed":
            raise EvolutionError(400, ["Error: Connection Closed"])
        case "no_key":
            return JSONResponse(meta.graph_error(131000), 201)
        case "timeout_before_send" if fault:
            await hold(request, fault.delay_s or HANG_S)
            return HTMLResponse("<html><body><h1>504 Gateway Time-out</h1></body></html>", 504)
        case "slow" if fault:
            await asyncio.sleep(fault.delay_s)
    return None


def _online(instance: Instance) -> None:
    if instance.state != "open":
        raise EvolutionError(400, ["Error: Connection Closed"])


@router.post("/message/sendText/{instance}")
async def send_text(request: Request, instance: TheInstance, world: TheWorld, body: JsonBody) -> Response:
    """201 with the message, ``PENDING``; ``delay`` (ms) holds the request while the parent sees "digitando…"."""
    types = {"number": "string", "text": "string", "delay": "integer", "linkPreview": "boolean", "quoted": "object"}
    validate(body, ("number", "text"), types)
    if not body["text"]:
        raise EvolutionError(400, ["Text is required"])
    person = _person_or_400(world, body["number"], "sendText")
    fault = world.faults.take("sendText", phone=person.phone)
    if early := await _before(request, fault):
        return early
    if refusal := meta.refusal_of_text(world, instance, person):
        return JSONResponse(refusal, 201)
    _online(instance)
    delay_ms = body.get("delay", 0)
    if delay_ms > 0:
        world.whatsapp.unit_types(person.phone, typing=True)
        await asyncio.sleep(delay_ms / 1000)
    world.whatsapp.unit_types(person.phone, typing=False)
    _online(instance)
    quoted_id = body.get("quoted", {}).get("key", {}).get("id")
    remote_jid = person.lid_jid if body["number"].endswith("@lid") else person.jid
    quoted = world.state.message(quoted_id) if quoted_id else None
    kind = fault.kind if fault else None
    about = {"delay_ms": delay_ms, "quoted": quoted, "acknowledged": kind != "no_ack"}
    message = world.whatsapp.api_sends(instance, person, remote_jid, body["text"], **about)
    answer = baileys.record(message, instance)
    if kind == "duplicate":
        world.whatsapp.api_sends(instance, person, remote_jid, body["text"], **about)
    if fault and kind == "timeout_after_send":
        await hold(request, fault.delay_s or HANG_S)
    return JSONResponse(answer, 201)


@router.post("/message/sendTemplate/{instance}")
async def send_template(request: Request, instance: TheInstance, world: TheWorld, body: JsonBody) -> Response:
    """201 with the message, kept under the template's name; 400 on WhatsApp Web, which has no templates."""
    types = {"number": "string", "name": "string", "language": "string", "components": "array"}
    validate(body, ("name", "language"), types)
    if instance.integration != CLOUD:
        raise EvolutionError(400, ["Method not available in the Baileys service"])
    person = _person_or_400(world, body["number"], "sendText")
    fault = world.faults.take("sendText", phone=person.phone)
    if early := await _before(request, fault):
        return early
    template = meta.filled(world, body["name"], body["language"], body.get("components") or [])
    if isinstance(template, int):
        return JSONResponse(meta.graph_error(template), 201)
    message = world.whatsapp.api_sends(instance, person, person.jid, template.text, template=template.name)
    if fault and fault.kind == "timeout_after_send":
        await hold(request, fault.delay_s or HANG_S)
    return JSONResponse(baileys.record(message, instance), 201)


@router.post("/chat/sendPresence/{instance}")
async def send_presence(request: Request, instance: TheInstance, world: TheWorld, body: JsonBody) -> Response:
    """201 ``{"presence"}`` after ``delay`` ms."""
    types = {"number": "string", "presence": "string", "delay": "number"}
    validate(body, ("number", "presence", "delay"), types)
    if body["presence"] not in PRESENCES:
        raise EvolutionError(400, [[f"presence is not one of enum values: {','.join(PRESENCES)}"]])
    person = _person_or_400(world, body["number"], "sendPresence")
    fault = world.faults.take("sendPresence", phone=person.phone)
    if early := await _before(request, fault):
        return early
    _online(instance)
    world.whatsapp.unit_types(person.phone, typing=body["presence"] in ("composing", "recording"))
    await asyncio.sleep(max(0, body["delay"]) / 1000)
    world.whatsapp.unit_types(person.phone, typing=False)
    if fault and fault.kind == "timeout_after_send":
        await hold(request, fault.delay_s or HANG_S)
    return JSONResponse({"presence": body["presence"]}, 201)


@router.post("/chat/markMessageAsRead/{instance}", status_code=201)
async def mark_message_as_read(instance: TheInstance, world: TheWorld, body: JsonBody) -> dict[str, str]:
    """Blue ticks for the parent; keys with a LID are skipped in silence and still a "success", as with the real one."""
    validate(body, ("readMessages",), {"readMessages": "array"})
    _online(instance)
    for key in body["readMessages"]:
        lacking = [f'requires property "{name}"' for name in ("id", "fromMe", "remoteJid") if name not in key]
        if lacking:
            raise EvolutionError(400, [[f"readMessages[0] {text}" for text in lacking]])
        person = world.state.find(str(key["remoteJid"]))
        if person and not key["remoteJid"].endswith("@lid"):
            world.whatsapp.read_by_unit(person.phone, frozenset({str(key["id"])}))
    return {"message": "Read messages", "read": "success"}


@router.post("/chat/findMessages/{instance}")
async def find_messages(request: Request, instance: TheInstance, world: TheWorld, body: JsonBody) -> Response:
    """List what Evolution stored, newest first. ``offset`` is the page size; one time bound alone filters nothing."""
    if early := await _before(request, world.faults.take("findMessages")):
        return early
    where = body.get("where") or {}
    between = _bounds(where)
    found = [one for one in reversed(world.state.messages) if _stored(one, instance) and _matches(one, where, between)]
    found.sort(key=lambda one: int(one.at), reverse=True)
    size, page = int(body.get("offset") or 50), int(body.get("page") or 1)
    records = [baileys.stored(one, instance) for one in found[size * (page - 1) : size * page]]
    return JSONResponse(
        {
            "messages": {
                "total": len(found),
                "pages": math.ceil(len(found) / size),
                "currentPage": page,
                "records": records,
            }
        }
    )


def _stored(message: Message, instance: Instance) -> bool:
    """Whether it reached Evolution: what a parent wrote waits at WhatsApp while the number is not connected."""
    return message.instance == instance.name and not (message.direction == "in" and message.status == "SERVER_ACK")


def _bounds(where: dict[str, Any]) -> tuple[int, int] | None:
    """Read the first and the last second that are asked for."""
    bounds = where.get("messageTimestamp") or {}
    if not (bounds.get("gte") and bounds.get("lte")):
        return None
    try:
        return int(unix(bounds["gte"])), int(unix(bounds["lte"]))
    except ValueError:
        raise EvolutionError(500, ["Internal Server Error"]) from None


def _matches(message: Message, where: dict[str, Any], between: tuple[int, int] | None) -> bool:
    if between and not between[0] <= int(message.at) <= between[1]:
        return False
    wanted = {name: value for name, value in (where.get("key") or {}).items() if value}
    return all(message.key.get(name) == value for name, value in wanted.items()) and (
        where.get("messageType") in (None, message.message_type)
    )


@router.post("/chat/whatsappNumbers/{instance}")
async def whatsapp_numbers(instance: TheInstance, world: TheWorld, body: JsonBody) -> Response:
    """200 with who is on WhatsApp; its errors have a shape of their own."""
    numbers = body.get("numbers")
    if not isinstance(numbers, list) or not numbers or not all(isinstance(one, str) for one in numbers):
        error = {"status": 400, "error": "Bad Request", "message": ['"numbers" must be an array of numeric strings']}
        return JSONResponse(error, 400)
    _online(instance)
    found = []
    for number in numbers:
        person = find_person(world, number)
        jid = person.jid if person else _jid(number)
        found.append({"jid": jid, "exists": person is not None, "number": number, "name": person and person.name})
    return JSONResponse(found)


@router.post("/chat/getBase64FromMediaMessage/{instance}", status_code=201)
async def get_base64_from_media_message(instance: TheInstance, world: TheWorld, body: JsonBody) -> dict[str, Any]:
    """201 with the file of a media message."""
    message = world.state.message(str(((body.get("message") or {}).get("key") or {}).get("id")))
    if message is None or message.instance != instance.name:
        raise EvolutionError(400, ["Message not found"])
    try:
        return baileys.downloaded(message)
    except KeyError:
        raise EvolutionError(400, ["The message is not of the media type"]) from None
