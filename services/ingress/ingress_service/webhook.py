"""The routes of ingress."""

from collections.abc import Awaitable, Callable

from chassis.errors import Unavailable
from chassis.line import Line
from chassis.logging import get_logger
from contracts.ingress import (
    ChannelStateChanged,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    NamesSeen,
    ParentTyping,
    ReceiptReceived,
)
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from ingress_service.auth import WebhookSecret
from ingress_service.body import Intake, TooLarge
from ingress_service.reports import Reports
from ingress_service.settings import Settings

MB = 1_000_000
RETRY_AFTER_S = "5"

log = get_logger(__name__)


def register(app: Starlette, line: Line, reports: Reports, settings: Settings) -> None:
    """Take Evolution's webhooks; the answer is `{"accepted": true}` when everything in them is safe or not for us."""
    secret = WebhookSecret(settings.evolution_webhook_secret.get_secret_value())
    intake = Intake(limit=settings.webhook_limit_mb * MB, memory=settings.webhook_memory_mb * MB)
    line.quarantines = True
    line.emits(
        MessageReceived,
        MessageEdited,
        MessageDeleted,
        ParentTyping,
        MessageEchoed,
        NamesSeen,
        ReceiptReceived,
        ChannelStateChanged,
    )

    async def on_webhook(request: Request) -> JSONResponse:
        if not secret.admits(request.headers):
            log.warning("webhook_refused")
            return _refused(401)
        try:
            async with intake.body(request) as body:
                await reports.keep(body, request.path_params.get("event"))
        except TooLarge:
            log.warning("webhook_too_large", limit_mb=settings.webhook_limit_mb)
            return _refused(413)
        except ClientDisconnect:
            return _refused(400)  # nobody is there to read it
        except Unavailable as error:
            log.warning("webhook_not_kept", why=str(error))
            return _refused(503)
        except Exception as error:  # noqa: BLE001  # the edge: whatever fails here is ours, so the channel must try again
            log.error("webhook_failed", cause=error)
            return _refused(503)
        return JSONResponse({"accepted": True})

    app.add_route("/webhooks/evolution", on_webhook, methods=["POST"])
    app.add_route("/webhooks/evolution/{event}", on_webhook, methods=["POST"])


def register_health(app: Starlette, ready: Callable[[], Awaitable[bool]]) -> None:
    """Say whether webhooks can be kept now, for whoever watches the installation from outside."""

    async def on_health(_: Request) -> JSONResponse:
        is_ready = await ready()
        return JSONResponse({"status": "ok" if is_ready else "unavailable"}, status_code=200 if is_ready else 503)

    app.add_route("/api/v1/health", on_health)


def _refused(status: int) -> JSONResponse:
    headers = {"Retry-After": RETRY_AFTER_S} if status == 503 else None
    return JSONResponse({"accepted": False}, status_code=status, headers=headers)
