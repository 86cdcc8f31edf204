"""The sandbox's own API: what people, WhatsApp and bad luck do, for the page and for tests."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import AfterValidator, BaseModel, Field
from sse_starlette import EventSourceResponse

from sandbox.baileys import Addressing
from sandbox.clock import iso, unix
from sandbox.cloud_api import number
from sandbox.faults import ALLOWED, Fault
from sandbox.scripts import Script
from sandbox.state import CLOUD, Instance, Message
from sandbox.whatsapp import Draft
from sandbox.world import TheWorld, World


def _digits(phone: str) -> str:
    digits = "".join(filter(str.isdigit, phone))
    if not 8 <= len(digits) <= 15:
        raise ValueError("8 to 15 digits, with the country code")
    return digits


def _moment(text: str | float) -> float:
    return unix(text)


Phone = Annotated[str, AfterValidator(_digits)]
Moment = Annotated[str | float, AfterValidator(_moment)]
router = APIRouter(prefix="/sandbox", tags=["control"])


class NewParent(BaseModel):
    """Somebody new, or a new name. ``jid_digits``: the number inside their JID when it lacks the ninth digit."""

    phone: Phone
    name: str = ""
    jid_digits: str | None = Field(default=None, pattern=r"^\d{8,15}$")
    on_whatsapp: bool = True


class NewMessage(BaseModel):
    """Something typed on a phone: the parent's, or with ``from_unit`` the unit's own.

    ``text`` is the text, caption, name of the place or contact, or the emoji of a reaction (``quote``: to what).
    ``at`` is Unix seconds or ISO 8601. ``transcription`` is what the sandbox's transcriber hears in a voice note; null:
    nothing. ``id`` used again sends the webhook again, for the same message. ``instance``: another number of the unit;
    ``cloud:…`` (Meta's id of it) and ``twilio:+…`` are such without Evolution.
    """

    phone: Phone
    text: str = ""
    name: str | None = None
    quote: str | None = None
    id: str | None = Field(default=None, min_length=1)
    at: Moment | None = None
    kind: Literal[
        "text", "audio", "image", "video", "document", "sticker", "location", "contact", "reaction", "call"
    ] = "text"
    from_unit: bool = False
    instance: str | None = None
    addressing: Addressing = "pn"
    transcription: str | None = None


class RawWebhook(BaseModel):
    """An event to inject. With ``envelope`` the data gets Evolution's envelope, else it is the whole body."""

    event: str
    data: Any = None
    envelope: bool = True


class NewTemplate(BaseModel):
    """A message template that Meta approved; ``{{1}}``, ``{{2}}``, … in its body are filled in."""

    name: str
    language: str = "pt_BR"
    body: str


class Edit(BaseModel):
    """New text of a message."""

    text: str


class Typing(BaseModel):
    """A parent, or with ``from_unit`` the unit, starts or stops typing."""

    phone: Phone
    state: Literal["composing", "paused"] = "composing"
    from_unit: bool = False


class Connection(BaseModel):
    """The unit's number at WhatsApp. Setting the state it has already repeats the event, as Evolution does."""

    state: Literal["open", "connecting", "close"]
    instance: str | None = None


@router.get("/state")
async def state(world: TheWorld) -> dict[str, Any]:
    """Everything that the page needs to draw itself."""
    parents = [one.as_json() | {"last": _last(world, one.phone)} for one in world.state.parents]
    settings = world.settings
    return {
        "unit": {"name": settings.sandbox_unit_name, "phone": settings.sandbox_unit_phone},
        "connection": world.unit.state,
        "now": iso(world.clock.now()),
        "parents": parents,
    }


@router.delete("/state")
async def delete_state(world: TheWorld) -> dict[str, bool]:
    """As freshly started."""
    await world.reset()
    return {"ok": True}


@router.get("/parents")
async def parents(world: TheWorld) -> dict[str, Any]:
    """Everybody."""
    return {"items": [one.as_json() for one in world.state.parents]}


@router.post("/parents", status_code=201)
async def add_parent(world: TheWorld, new: NewParent) -> dict[str, Any]:
    """Add or rename somebody."""
    parent = world.state.parent(new.phone, new.name)
    parent.on_whatsapp = new.on_whatsapp
    parent.jid_digits = new.jid_digits or parent.jid_digits
    world.hub.tell("parent", parent=parent.as_json())
    return parent.as_json()


@router.get("/messages")
async def messages(world: TheWorld, phone: str | None = None) -> dict[str, Any]:
    """All messages in the order they were written, or one person's."""
    if phone is None:
        return {"items": [one.as_json() for one in world.state.messages]}
    parent = world.state.find(_digits_or_422(phone))
    return {"items": [one.as_json() for one in world.state.chat(parent.phone)] if parent else []}


@router.post("/messages", status_code=201)
async def write(world: TheWorld, new: NewMessage) -> dict[str, str]:
    """Write; the webhook is on its way when this answers."""
    known = world.state.find(new.phone)
    parent = world.state.parent(new.phone, new.name)
    if known is None or new.name:
        world.hub.tell("parent", parent=parent.as_json())
    if new.kind == "call":
        return {"id": world.whatsapp.call(world.unit, parent)}
    at = None if new.at is None else float(new.at)
    draft = Draft(new.text, new.kind, new.id, new.quote, at, new.addressing, new.transcription)
    writes = world.whatsapp.unit_writes if new.from_unit else world.whatsapp.parent_writes
    return {"id": writes(_written_to(world, new.instance), parent, draft).id}


@router.post("/messages/{message_id}/edit")
async def edit(world: TheWorld, message_id: str, change: Edit) -> dict[str, Any]:
    """Edit a text message, as its writer."""
    message = _message_or_404(world, message_id)
    world.whatsapp.edit(message, change.text)
    return message.as_json()


@router.delete("/messages/{message_id}")
async def delete_message(world: TheWorld, message_id: str) -> dict[str, Any]:
    """Delete a message for everybody, as its writer."""
    message = _message_or_404(world, message_id)
    world.whatsapp.delete(message)
    return message.as_json()


@router.post("/chats/{phone}/read")
async def read(world: TheWorld, phone: str) -> dict[str, bool]:
    """Open this chat on the parent's phone: everything in it is read."""
    parent = world.state.find(_digits_or_422(phone))
    if parent:
        world.whatsapp.read_by_parent(parent.phone)
    return {"ok": parent is not None}


@router.post("/typing")
async def typing(world: TheWorld, who: Typing) -> dict[str, bool]:
    """Show "digitando…" on the other side."""
    if who.from_unit:
        world.whatsapp.unit_types(who.phone, typing=who.state == "composing")
    else:
        world.whatsapp.parent_types(world.unit, world.state.parent(who.phone), who.state)
    return {"ok": True}


@router.get("/webhooks")
async def webhook_log(
    world: TheWorld, event: str | None = None, phone: str | None = None, body: bool = True
) -> dict[str, Any]:
    """Every event that was to be sent, oldest first, with its attempts; ``body=false`` leaves the bodies out."""
    digits = _digits_or_422(phone) if phone else None
    chosen = [one for one in world.webhooks.log if event in (None, one.event) and digits in (None, one.phone)]
    return {"items": [one.as_json() if body else {**one.as_json(), "body": None} for one in chosen]}


@router.post("/webhooks", status_code=202)
async def inject(world: TheWorld, raw: RawWebhook) -> dict[str, int]:
    """Send an arbitrary event from the unit's instance."""
    unit = world.unit
    if raw.envelope:
        delivery = world.webhooks.emit(unit, raw.event, raw.data)
    else:
        delivery = world.webhooks.send(unit, raw.event, raw.data, unit.webhook.url) if unit.webhook.url else None
    if delivery is None:
        raise HTTPException(409, "the instance has no webhook for this event")
    return {"id": delivery.id}


@router.get("/faults")
async def faults(world: TheWorld) -> dict[str, Any]:
    """Set faults with how often each struck."""
    return {"items": [one.model_dump() for one in world.faults.all]}


@router.get("/faults/kinds")
async def fault_kinds() -> dict[str, list[str]]:
    """Tell what can go wrong where."""
    return {target: sorted(kinds) for target, kinds in ALLOWED.items()}


@router.post("/faults", status_code=201)
async def add_fault(world: TheWorld, fault: Fault) -> dict[str, Any]:
    """Let something go wrong."""
    world.faults.all.append(fault)
    world.hub.tell("faults", count=len(world.faults.all))
    return fault.model_dump()


@router.delete("/faults")
async def clear_faults(world: TheWorld) -> dict[str, bool]:
    """Everything works again."""
    world.faults.all.clear()
    world.hub.tell("faults", count=0)
    return {"ok": True}


@router.post("/templates", status_code=201)
async def approve(world: TheWorld, new: NewTemplate) -> dict[str, bool]:
    """Let Meta approve a template."""
    world.state.templates[new.name, new.language] = new.body
    return {"ok": True}


@router.post("/connection")
async def connection(world: TheWorld, wanted: Connection) -> dict[str, str]:
    """Connect or disconnect the unit's number, with its ``connection.update``."""
    world.whatsapp.connection(_instance_or_404(world, wanted.instance), wanted.state)
    return {"state": wanted.state}


@router.post("/models")
async def script_models(world: TheWorld, script: Script) -> dict[str, bool]:
    """Say what a model provider answers next."""
    world.models.scripts[script.provider] = script
    return {"ok": True}


@router.get("/models/calls")
async def model_calls(world: TheWorld) -> dict[str, Any]:
    """Every call to a model provider, oldest first."""
    return {"items": list(world.models.calls)}


@router.get("/models/bill")
async def model_bill(world: TheWorld) -> dict[str, Any]:
    """Return what the providers charge for everything so far, by model and in all, in USD."""
    return {"models": world.models.charged, "usd": sum(bill["usd"] for bill in world.models.charged.values())}


@router.get("/events")
async def events(world: TheWorld) -> EventSourceResponse:
    """Server-sent events, each a JSON object with ``type``: message, status, typing, parent, connection."""

    async def stream() -> AsyncIterator[dict[str, str]]:
        with world.hub.watch() as queue:
            yield {"data": json.dumps({"type": "hello", "now": iso(world.clock.now())})}
            while (update := await queue.get()) is not None:
                yield {"data": json.dumps({**update, "now": iso(world.clock.now())}, ensure_ascii=False)}

    return EventSourceResponse(stream(), ping=15)


def _last(world: World, phone: str) -> dict[str, Any] | None:
    chat = [one for one in world.state.chat(phone) if one.kind != "reaction"]
    return chat[-1].as_json() if chat else None


def _digits_or_422(phone: str) -> str:
    try:
        return _digits(phone)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


def _message_or_404(world: World, message_id: str) -> Message:
    message = world.state.message(message_id)
    if message is None:
        raise HTTPException(404, "no such message")
    return message


def _written_to(world: World, name: str | None) -> Instance:
    """Return a number of the unit; one without Evolution is made when somebody writes to it."""
    is_business = name is not None and name.startswith(("cloud:", "twilio:"))
    return number(world, name, CLOUD) if name and is_business else _instance_or_404(world, name)


def _instance_or_404(world: World, name: str | None) -> Instance:
    instance = world.state.instances.get(name or world.settings.evolution_instance)
    if instance is None:
        raise HTTPException(404, "no such instance")
    return instance
