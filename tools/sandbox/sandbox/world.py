"""The parts of the outside world, wired together."""

import asyncio
from typing import Annotated

from fastapi import Depends, Request

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.google_state import Google
from sandbox.hub import Hub
from sandbox.scripts import Models
from sandbox.settings import Settings
from sandbox.state import SEEDS, Instance, RabbitConfig, State, WebhookConfig
from sandbox.webhooks import Webhooks
from sandbox.whatsapp import WhatsApp


class World:
    """One of each; every route reaches them through ``request.app.state.world``."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock(settings.assistant_clock_file)
        self.state = State()
        self.hub = Hub()
        self.faults = Faults()
        self.models = Models()
        self.google = Google(settings, self.clock)
        self.webhooks = Webhooks(settings, self.clock, self.faults, self.hub)
        self.whatsapp = WhatsApp(settings, self.state, self.clock, self.hub, self.webhooks)
        self._seed()

    @property
    def unit(self) -> Instance:
        """The instance that the environment names."""
        return self.state.instances[self.settings.evolution_instance]

    async def reset(self) -> None:
        """As at start: seeded people, no messages, no faults, no scripts, nothing pending. Instance tokens stay."""
        await self.whatsapp.tasks.stop()
        await self.webhooks.forget()
        token = self.unit.token
        self.state.__init__()  # type: ignore[misc]  # every part holds this very object
        self.faults.all.clear()
        self.models.forget()
        self.google.forget()
        self._seed()
        self.unit.token = token
        self.hub.tell("reset")

    async def close(self) -> None:
        """Stop everything in the background."""
        await self.whatsapp.tasks.stop()
        await self.webhooks.close()

    def _seed(self) -> None:
        settings = self.settings
        secret = settings.evolution_webhook_secret.get_secret_value()
        headers = {
            "header": {"X-Webhook-Secret": secret},
            "jwt": {"jwt_key": secret},
            "both": {"X-Webhook-Secret": secret, "jwt_key": secret},
        }[settings.sandbox_webhook_auth]
        webhook = WebhookConfig(url=settings.sandbox_webhook_url, headers=headers)
        rabbitmq = RabbitConfig(enabled=settings.evolution_rabbitmq_url is not None)
        unit = Instance(settings.evolution_instance, settings.sandbox_unit_phone, webhook=webhook, rabbitmq=rabbitmq)
        self.state.instances[unit.name] = unit
        for phone, name in SEEDS:
            self.state.parent(phone, name)


def _world(request: Request) -> World:
    world: World = request.app.state.world
    return world


TheWorld = Annotated[World, Depends(_world)]


async def hold(request: Request, seconds: float) -> bool:
    """Keep a request open; True when the caller gave up before ``seconds`` were over. The body must be read."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), seconds)
    except TimeoutError:
        return False
    return True
