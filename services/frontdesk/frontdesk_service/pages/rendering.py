"""Templates and the files beside them, and the headers that keep a page to itself."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontdesk_service.domain import local
from frontdesk_service.wording import lead, wishes, words

HERE = Path(__file__).parent
STATIC = "/estatico"

# Nothing but our own files runs, is shown, is sent to, or may frame the page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000"
A_YEAR = "public, max-age=31536000, immutable"


@cache
def templates() -> Environment:
    """Return the templates, each compiled once; everything put into them is escaped."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words=words, lead_words=lead, static=_addresses())
    for word in (words.clock, words.phone, words.whatsapp, words.initials, words.sentence, wishes.preference):
        environment.filters[word.__name__] = word
    environment.filters["local"] = local
    return environment


def page_of(environment: Environment, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render one page."""
    return HTMLResponse(environment.get_template(name).render(values), status_code=status)


def error_page(environment: Environment) -> Callable[[Request, int, str], Response]:
    """Return what shows an error to a person."""

    def show(_: Request, status: int, said: str) -> Response:
        return page_of(environment, "error.html", status=status, code=status, said=said)

    return show


def static_files() -> StaticFiles:
    """Return what serves styles and scripts."""
    return StaticFiles(directory=HERE / "static")


def _addresses() -> dict[str, str]:
    """Addresses of the files by name; a changed file has a new address, so that it may be kept for ever."""
    return {
        file.name: f"{STATIC}/{file.name}?v={sha256(file.read_bytes()).hexdigest()[:10]}"
        for file in (HERE / "static").iterdir()
    }


class SecurityHeaders:
    """Adds `HEADERS` to every answer; only files with a version in their address may be kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                versioned = scope["path"].startswith(STATIC) and b"v=" in scope["query_string"]
                headers["Cache-Control"] = A_YEAR if versioned else "no-store"
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        await self._app(scope, receive, add)
