"""`setup-evolution`: creates or adopts the instance, tells it where its events go, and has its code scanned."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from assistant.evolution.api import EvolutionApi, SetupError

BAILEYS, CLOUD = "WHATSAPP-BAILEYS", "WHATSAPP-BUSINESS"
EVENTS = (
    "MESSAGES_UPSERT",
    "MESSAGES_UPDATE",
    "MESSAGES_EDITED",
    "MESSAGES_DELETE",
    "SEND_MESSAGE",
    "PRESENCE_UPDATE",
    "CALL",
    "CONNECTION_UPDATE",
    "STATUS_INSTANCE",
    "QRCODE_UPDATED",
    "LOGOUT_INSTANCE",
    "REMOVE_INSTANCE",
)
"""What ingress reads; everything else would only be noise."""
OLDEST = (2, 3)
OLDEST_CLOUD = (2, 4)
"""Before it one person's messages come under another's number when several write at once (Evolution's #1848, #2407)."""
NEW_CODE_S = 25.0
"""How long a code is shown before another one is asked for; WhatsApp's last 20 to 60 s."""
LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Wanted:
    """What is to be set up. `rabbitmq_url` and `exchange` only where Evolution's own events are read, too."""

    instance: str
    webhook_url: str
    secret: str
    integration: str = BAILEYS
    rabbitmq_url: str | None = None
    exchange: str = ""
    token: str | None = None
    number: str | None = None
    business_id: str | None = None


def set_up(api: EvolutionApi, wanted: Wanted, say: Callable[[str], None]) -> None:
    """Create the instance, or adopt it as it is, and point it at us. Raises `SetupError`."""
    version = api.version()
    existing = api.integration(wanted.instance)
    refuse_unsafe(version, existing or wanted.integration)
    if wanted.rabbitmq_url:
        _prepare(wanted.rabbitmq_url, wanted.exchange)  # before the instance publishes its first event
        say("the queue for Evolution's own events is bound")
    webhook = {
        "enabled": True,
        "url": wanted.webhook_url,
        "byEvents": False,
        "base64": False,
        "headers": {"X-Webhook-Secret": wanted.secret},
        "events": [*EVENTS],
    }
    rabbitmq = {"enabled": bool(wanted.rabbitmq_url), "events": [*EVENTS]}
    if existing is None:
        api.create(_body(wanted) | {"webhook": webhook} | ({"rabbitmq": rabbitmq} if wanted.rabbitmq_url else {}))
        say(f"the instance {wanted.instance} is created")
    else:
        api.set_webhook(wanted.instance, webhook)
        if wanted.rabbitmq_url:
            api.set_rabbitmq(wanted.instance, rabbitmq)
        say(f"the instance {wanted.instance} was there and is adopted")
    say(f"its events go to {wanted.webhook_url}")


def refuse_unsafe(version: tuple[int, ...], integration: str) -> None:
    """Refuse what is known to lose or to mix up people's messages. Raises `SetupError`."""
    written = ".".join(map(str, version))
    if version[:2] < OLDEST:
        raise SetupError(f"Evolution API {written} is too old; 2.3.0 or later is needed, 2.3.7 is advised")
    if integration == CLOUD and version[:2] < OLDEST_CLOUD:
        raise SetupError(
            f"Evolution API {written} mixes up the contacts of Cloud API instances when several people write at once; "
            "use 2.4.0 or later, or a WhatsApp Web instance"
        )


def wait_until_connected(
    api: EvolutionApi,
    instance: str,
    show: Callable[[str], None],
    within_s: float,
    *,
    look_every_s: float = LOOK_EVERY_S,
) -> bool:
    """Show each new code until somebody scans it; `False` when nobody did in time. Raises `SetupError`."""
    until, asked_at, shown = time.monotonic() + within_s, float("-inf"), None
    while api.state(instance) != "open":
        if time.monotonic() - asked_at >= NEW_CODE_S:
            asked_at = time.monotonic()
            code = api.qr_code(instance)
            if code and code != shown:
                show(code)
                shown = code
        if time.monotonic() >= until:
            return False
        time.sleep(look_every_s)
    return True


def _body(wanted: Wanted) -> dict[str, object]:
    cloud = {"token": wanted.token, "number": wanted.number, "businessId": wanted.business_id}
    return {
        "instanceName": wanted.instance,
        "integration": wanted.integration,
        "qrcode": False,
        "groupsIgnore": True,
        **{name: value for name, value in cloud.items() if value},
    }


def _prepare(url: str, exchange: str) -> None:
    import aio_pika
    from ingress_service.native import prepare

    try:
        asyncio.run(prepare(url, exchange))
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
        raise SetupError(f"EVOLUTION_RABBITMQ_URL: the queue cannot be made there ({type(error).__name__})") from error
