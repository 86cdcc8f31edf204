"""Evolution API's REST, the part that sets up and connects numbers."""

import secrets
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header

from sandbox.evolution import EvolutionError, JsonBody, TheInstance
from sandbox.state import Instance, RabbitConfig, WebhookConfig
from sandbox.world import TheWorld, World

Key = Annotated[str | None, Header()]
router = APIRouter(tags=["evolution"])


@router.post("/instance/create", status_code=201)
async def create(world: TheWorld, body: JsonBody, apikey: Key = None) -> dict[str, Any]:
    """201 with the instance, its token (``hash``) and a QR code; 403 when the name is taken."""
    _needs_global_key(world, apikey)
    name = body.get("instanceName")
    if not isinstance(name, str) or not name:
        raise EvolutionError(400, [['instance requires property "instanceName"']])
    if name in world.state.instances:
        raise EvolutionError(403, [f'This name "{name}" is already in use.'])
    instance = Instance(
        name,
        str(body.get("number") or world.settings.sandbox_unit_phone),
        integration=body.get("integration", "WHATSAPP-BAILEYS"),
        token=str(body.get("token") or secrets.token_hex(16).upper()),
        state="connecting",
    )
    if "webhook" in body:
        instance.webhook = _webhook(body["webhook"] | {"enabled": True})
    if "rabbitmq" in body:
        instance.rabbitmq = _rabbitmq(body["rabbitmq"])
    world.state.instances[name] = instance
    config = instance.webhook
    return {
        "instance": {
            "instanceName": name,
            "instanceId": instance.id,
            "integration": instance.integration,
            "status": instance.state,
        },
        "hash": instance.token,
        "webhook": {
            "webhookUrl": config.url,
            "webhookHeaders": config.headers,
            "webhookByEvents": config.by_events,
            "webhookBase64": config.base64,
        },
        "settings": {"groupsIgnore": body.get("groupsIgnore", False), "rejectCall": False, "readMessages": False},
        "qrcode": _qr_code(instance) if body.get("qrcode") else {},
    }


@router.get("/instance/fetchInstances")
async def fetch_instances(world: TheWorld, instanceName: str | None = None, apikey: Key = None) -> list[dict[str, Any]]:  # noqa: N803  # Evolution's name
    """All instances with the global key, its own with an instance's token."""
    everything = apikey == world.settings.evolution_api_key.get_secret_value()
    seen = [one for one in world.state.instances.values() if everything or one.token == apikey]
    if not seen:
        raise EvolutionError(401, "Unauthorized")
    chosen = [one for one in seen if instanceName in (None, one.name)]
    if not chosen:
        raise EvolutionError(404, [f'Instance "{instanceName}" not found'])
    return [
        {
            "id": one.id,
            "name": one.name,
            "connectionStatus": one.state,
            "ownerJid": one.owner_jid if one.state == "open" else None,
            "profileName": world.settings.sandbox_unit_name,
            "integration": one.integration,
            "number": one.owner_digits,
            "token": one.token,
        }
        for one in chosen
    ]


@router.get("/instance/connectionState/{instance}")
async def connection_state(instance: TheInstance) -> dict[str, Any]:
    """``open``, ``connecting`` or ``close``."""
    return {"instance": {"instanceName": instance.name, "state": instance.state}}


@router.get("/instance/connect/{instance}")
async def connect(instance: TheInstance, world: TheWorld) -> dict[str, Any]:
    """Give a QR code to scan (the sandbox's page or control API does that); when open already, the state."""
    if instance.state == "open":
        return await connection_state(instance)
    if instance.state == "close":
        world.whatsapp.connection(instance, "connecting")
    code = _qr_code(instance)
    shown = {name: value for name, value in code.items() if name != "count"}
    world.webhooks.emit(instance, "qrcode.updated", {"qrcode": {"instance": instance.name} | shown})
    return code


@router.delete("/instance/logout/{instance}")
async def logout(instance: TheInstance, world: TheWorld) -> dict[str, Any]:
    """Disconnect the number."""
    if instance.state == "close":
        raise EvolutionError(400, [f'The "{instance.name}" instance is not connected'])
    world.whatsapp.connection(instance, "close")
    return {"status": "SUCCESS", "error": False, "response": {"message": "Instance logged out"}}


@router.post("/webhook/set/{instance}", status_code=201)
async def set_webhook(instance: TheInstance, body: JsonBody) -> dict[str, Any]:
    """201 with what ``/webhook/find`` will say; the ``webhook`` wrapper is mandatory."""
    if not isinstance(body.get("webhook"), dict):
        raise EvolutionError(400, [['instance requires property "webhook"']])
    instance.webhook = _webhook(body["webhook"])
    return await find_webhook(instance)


@router.get("/webhook/find/{instance}")
async def find_webhook(instance: TheInstance) -> dict[str, Any]:
    """Show the webhook's settings, secrets in the headers included."""
    config = asdict(instance.webhook)
    return {
        "url": config["url"],
        "enabled": config["enabled"],
        "headers": config["headers"],
        "events": config["events"],
        "webhookByEvents": config["by_events"],
        "webhookBase64": config["base64"],
        "instanceId": instance.id,
    }


@router.post("/rabbitmq/set/{instance}", status_code=201)
async def set_rabbitmq(instance: TheInstance, body: JsonBody) -> dict[str, Any]:
    """201 with what ``/rabbitmq/find`` will say; the ``rabbitmq`` wrapper is mandatory."""
    if not isinstance(body.get("rabbitmq"), dict):
        raise EvolutionError(400, [['instance requires property "rabbitmq"']])
    instance.rabbitmq = _rabbitmq(body["rabbitmq"])
    return await find_rabbitmq(instance)


@router.get("/rabbitmq/find/{instance}")
async def find_rabbitmq(instance: TheInstance) -> dict[str, Any]:
    """Show the settings of the instance's own RabbitMQ events."""
    return asdict(instance.rabbitmq) | {"instanceId": instance.id}


def _needs_global_key(world: World, apikey: str | None) -> None:
    if apikey != world.settings.evolution_api_key.get_secret_value():
        raise EvolutionError(401, "Unauthorized")


def _webhook(body: dict[str, Any]) -> WebhookConfig:
    _needs_events(body)
    return WebhookConfig(
        url=body.get("url"),
        enabled=bool(body.get("enabled")),
        headers={str(name): str(value) for name, value in (body.get("headers") or {}).items()},
        events=[str(event) for event in body["events"]],
        by_events=bool(body.get("byEvents")),
        base64=bool(body.get("base64")),
    )


def _rabbitmq(body: dict[str, Any]) -> RabbitConfig:
    _needs_events(body)
    return RabbitConfig(enabled=bool(body.get("enabled")), events=[str(event) for event in body["events"]])


def _needs_events(body: dict[str, Any]) -> None:
    if not isinstance(body.get("events"), list):
        # What Evolution itself runs into.
        raise EvolutionError(400, ["TypeError: Cannot read properties of undefined (reading 'length')"])


def _qr_code(instance: Instance) -> dict[str, Any]:
    code = f"2@{instance.id.replace('-', '')},{secrets.token_urlsafe(24)}"
    return {"pairingCode": None, "code": code, "base64": None, "count": 1}
