"""The page at ``/``: WhatsApp on the parents' phones.

A shell is rendered here; everything live is drawn by ``static/app.js``.
"""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from sandbox.world import TheWorld

HERE = Path(__file__).parent
EMOJIS = (
    *("😀", "😁", "😂", "🤣", "😊", "😍", "🥰", "😘", "😉", "🤔", "😅", "😢"),
    *("😭", "😡", "🥳", "😴", "👍", "👎", "👏", "🙏", "💪", "🤝", "👋", "✌️"),
    *("❤️", "💙", "💚", "⭐", "🎉", "✅", "❌", "❓", "📚", "✏️", "🧮", "🕒"),
)
ATTACHMENTS = (
    ("audio", "🎤", "Áudio"),
    ("image", "🖼️", "Foto"),
    ("video", "🎬", "Vídeo"),
    ("document", "📄", "Documento"),
    ("sticker", "🌟", "Figurinha"),
    ("location", "📍", "Localização"),
    ("contact", "👤", "Contato"),
    ("call", "📞", "Ligação"),
)
static_files = StaticFiles(directory=HERE / "static")
_templates = Jinja2Templates(directory=HERE / "templates")
router = APIRouter(include_in_schema=False)


@router.get("/")
async def page(request: Request, world: TheWorld) -> Response:
    """Render the shell; whoever asks for JSON, as set-up tools do, gets Evolution's own greeting."""
    if request.headers.get("accept", "").startswith("application/json"):
        version = world.settings.sandbox_evolution_version
        greeting = "Welcome to the Evolution API, it is working!"
        return JSONResponse({"status": 200, "message": greeting, "version": version, "clientName": "evolution_api"})
    about = {"unit": world.settings.sandbox_unit_name, "emojis": EMOJIS, "attachments": ATTACHMENTS}
    return _templates.TemplateResponse(request, "page.html", about)
