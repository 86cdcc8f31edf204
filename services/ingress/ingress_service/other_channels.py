"""The routes of the channels that stand in for Evolution: Meta's Cloud API and Twilio, each with its signature."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from chassis.errors import Unavailable
from chassis.line import Line
from chassis.logging import get_logger
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ingress_service.body import Intake, TooLarge, decode, for_quarantine
from ingress_service.channels import cloud, twilio
from ingress_service.channels.results import Named, Result, Unreadable
from ingress_service.settings import Settings

WITHIN_S = 2.0
"""How long the broker may take for one fact."""
MOST_BYTES = 3_000_000
"""Neither puts media into its webhooks; Meta's are at most 3 MB."""

log = get_logger(__name__)


def register(app: Starlette, line: Line, settings: Settings) -> None:
    """Take the webhooks of what is set up; the answers are those of `/webhooks/evolution`."""
    intake = Intake(limit=MOST_BYTES, memory=10 * MOST_BYTES)
    if settings.meta_app_secret and settings.meta_verify_token:
        _register_meta(
            app,
            line,
            intake,
            settings.meta_app_secret.get_secret_value(),
            settings.meta_verify_token.get_secret_value(),
        )
    if settings.twilio_auth_token:
        _register_twilio(app, line, intake, settings.twilio_auth_token.get_secret_value(), settings.twilio_webhook_url)


def _register_meta(app: Starlette, line: Line, intake: Intake, secret: str, token: str) -> None:
    async def on_meta_verification(request: Request) -> Response:
        """Show Meta that this address is ours."""
        asked = request.query_params
        is_meta = hmac.compare_digest(asked.get("hub.verify_token", "").encode(), token.encode())
        return PlainTextResponse(asked.get("hub.challenge", "")) if is_meta else _answer(403)

    async def on_meta(request: Request) -> Response:
        def understood(body: bytes) -> list[Result] | None:
            given = request.headers.get("x-hub-signature-256", "")
            if not hmac.compare_digest(given.encode(), meta_signature(body, secret).encode()):
                return None
            try:
                return cloud.parse(decode(body), now=line.clock())
            except ValueError:
                return [Unreadable("not_json")]

        return await _receive(request, line, intake, "meta", understood)

    app.add_route("/webhooks/meta", on_meta_verification, methods=["GET"])
    app.add_route("/webhooks/meta", on_meta, methods=["POST"])


def _register_twilio(app: Starlette, line: Line, intake: Intake, token: str, public_url: str | None) -> None:
    async def on_twilio(request: Request) -> Response:
        def understood(body: bytes) -> list[Result] | None:
            form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            signature = twilio_signature(public_url or str(request.url), form, token)
            if not hmac.compare_digest(request.headers.get("x-twilio-signature", "").encode(), signature.encode()):
                return None
            return twilio.parse(form, now=line.clock())

        return await _receive(request, line, intake, "twilio", understood)

    app.add_route("/webhooks/twilio", on_twilio, methods=["POST"])


async def _receive(
    request: Request, line: Line, intake: Intake, channel: str, understood: Callable[[bytes], list[Result] | None]
) -> Response:
    """Keep what a body reports; `understood` returns `None` for a body that the channel did not sign."""
    try:
        async with intake.body(request) as body:
            results = understood(body)
            if results is None:
                log.warning("webhook_refused", channel=channel)
                return _answer(401)
            await _keep(line, results, body, channel)
    except TooLarge:
        return _answer(413)
    except ClientDisconnect:
        return _answer(400)  # nobody is there to read it
    except Unavailable as error:
        log.warning("webhook_not_kept", channel=channel, why=str(error))
        return _answer(503)
    except Exception as error:  # noqa: BLE001  # the edge: whatever fails here is ours, so the channel must try again
        log.error("webhook_failed", channel=channel, cause=error)
        return _answer(503)
    return JSONResponse({"accepted": True})


async def _keep(line: Line, results: list[Result], body: bytes, channel: str) -> None:
    now = line.clock()
    for result in results:
        if isinstance(result, Named):
            await line.publish(result.event(now), within_s=WITHIN_S)
    reasons = sorted({result.reason for result in results if isinstance(result, Unreadable)})
    if reasons:
        log.warning("webhook_quarantined", channel=channel, reasons=",".join(reasons), bytes=len(body))
        await line.quarantine(for_quarantine(body), f"{channel}: {', '.join(reasons)}")


def meta_signature(body: bytes, secret: str) -> str:
    """Return what Meta writes into `X-Hub-Signature-256`."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def twilio_signature(url: str, form: Mapping[str, str], token: str) -> str:
    """Return what Twilio writes into `X-Twilio-Signature`: of the public address and the sorted fields of the form."""
    signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _answer(status: int) -> JSONResponse:
    headers = {"Retry-After": "5"} if status == 503 else None
    return JSONResponse({"accepted": False}, status_code=status, headers=headers)
