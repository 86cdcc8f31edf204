"""What makes the page an app on a phone: its manifest, its service worker, and what is shown without a network."""

import json
from hashlib import sha256

from fastapi import APIRouter
from jinja2 import Environment
from starlette.responses import Response

from frontdesk_service.pages.rendering import page_of

OFFLINE = "/sem-conexao"
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-full.png", "512x512", "maskable"),
)


def router(environment: Environment) -> APIRouter:
    """`/app.webmanifest`, `/trabalhador.js`, `/sem-conexao`: for everybody, and nothing about anybody."""
    static: dict[str, str] = environment.globals["static"]  # type: ignore[assignment]  # jinja types globals as Any
    routes = APIRouter()
    manifest = json.dumps(_manifest(static), ensure_ascii=False)
    files = sorted(static.values())
    version = sha256("".join(files).encode()).hexdigest()[:10]
    worker = environment.get_template("worker.js").render(files=files, version=version, offline=OFFLINE)

    @routes.get("/app.webmanifest")
    async def the_manifest() -> Response:
        return Response(manifest, media_type="application/manifest+json")

    @routes.get("/trabalhador.js")
    async def the_worker() -> Response:
        return Response(worker, media_type="text/javascript")

    @routes.get(OFFLINE)
    async def offline() -> Response:
        return page_of(environment, "offline.html")

    return routes


def _manifest(static: dict[str, str]) -> dict[str, object]:
    """Describe the app (W3C Web Application Manifest)."""
    return {
        "id": "/",
        "name": "Recepção · Kumon",
        "short_name": "Recepção",
        "description": "As conversas do WhatsApp da unidade, ao vivo.",
        "lang": "pt-BR",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#eef3f7",
        "theme_color": "#0b7fb8",
        "icons": [
            {"src": static[name], "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
        "shortcuts": [{"name": "Agenda", "url": "/agenda"}],
    }
