"""`setup-evolution` on the command line."""

import json
import sys
from collections.abc import Mapping

import typer

from assistant.evolution.api import EvolutionApi, SetupError
from assistant.evolution.setup import CLOUD, Wanted, set_up, wait_until_connected
from assistant.home import Home
from assistant.plan import Plan, read_plan
from assistant.progress import complain, out


def setup(
    home: Home, environment: Mapping[str, str], given: Mapping[str, str | None], *, wait_s: float, as_json: bool
) -> None:
    """Set the instance up and have its code scanned; exit 1 when that cannot be done, or nobody scans it."""
    try:
        wanted, api = _wanted(home, environment, given)
        set_up(api, wanted, _silent if as_json else _say)
        is_open = wait_until_connected(api, wanted.instance, _silent if as_json else show_code, wait_s)
    except SetupError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    if as_json:
        print(json.dumps({"instance": wanted.instance, "webhook": wanted.webhook_url, "connected": is_open}))
    elif is_open:
        out.print(f"[green]✓[/] {wanted.instance} is connected to WhatsApp")
    else:
        complain("nobody has scanned the code; run this again, or scan it at the front desk")
    raise typer.Exit(0 if is_open else 1)


def show_code(code: str) -> None:
    """Draw a QR code in the terminal."""
    import segno

    out.print("WhatsApp on the unit's phone: Settings, Linked devices, Link a device")
    segno.make(code, error="l").terminal(out=sys.stdout, border=2, compact=True)
    sys.stdout.flush()


def _wanted(home: Home, environment: Mapping[str, str], given: Mapping[str, str | None]) -> tuple[Wanted, EvolutionApi]:
    plan = read_plan(home) or Plan()  # what runs may have been started with other variables than this call's

    def setting(name: str, otherwise: str | None = None) -> str | None:
        return environment.get(name) or plan.setting(name) or otherwise

    url, api_key, secret = (
        _needed(name, setting(name)) for name in ("EVOLUTION_URL", "EVOLUTION_API_KEY", "EVOLUTION_WEBHOOK_SECRET")
    )
    instance = setting("EVOLUTION_INSTANCE", "receptionist") or ""
    port = plan.ports.get("ingress") or environment.get("INGRESS_PORT") or 8000
    integration = given.get("integration") or "WHATSAPP-BAILEYS"
    if integration == CLOUD and not all(given.get(name) for name in ("token", "number", "business_id")):
        raise SetupError("a Cloud API instance needs --token, --number (the phone number's id) and --business-id")
    wanted = Wanted(
        instance=instance,
        webhook_url=given.get("webhook") or f"http://127.0.0.1:{port}/webhooks/evolution",
        secret=secret,
        integration=integration,
        rabbitmq_url=setting("EVOLUTION_RABBITMQ_URL"),
        exchange=setting("EVOLUTION_RABBITMQ_EXCHANGE", instance) or instance,
        token=given.get("token"),
        number=given.get("number"),
        business_id=given.get("business_id"),
    )
    return wanted, EvolutionApi(url, api_key)


def _needed(name: str, value: str | None) -> str:
    if not value:
        raise SetupError(f"{name}: is not given; see .env.example")
    return value


def _say(line: str) -> None:
    out.print(f"[green]✓[/] {line}")


def _silent(_: str) -> None:
    """JSON is all that is printed."""
