"""The sandbox as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from sandbox import (
    cloud_api,
    control,
    evolution,
    google,
    google_page,
    instances,
    models,
    twilio,
    whatsapp_page,
)
from sandbox.clock import Clock
from sandbox.evolution import EvolutionError
from sandbox.models import ModelError
from sandbox.settings import Settings
from sandbox.world import World

EVOLUTION_PATHS = ("/message/", "/chat/", "/instance/", "/webhook/", "/rabbitmq/")


def build_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """Everything under one port: Evolution's REST, the page, the control API, the model providers."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        world = app.state.world = World(settings or Settings(), clock)
        world.whatsapp.connection(world.unit, "open")
        yield
        await world.close()

    app = FastAPI(title="sandbox", lifespan=lifespan, docs_url="/sandbox/docs", openapi_url="/sandbox/openapi.json")
    for part in (evolution, instances, cloud_api, twilio, models, google, google_page, control, whatsapp_page):
        app.include_router(part.router)
    app.mount("/static", whatsapp_page.static_files)
    app.add_api_route("/livez", _livez)
    app.add_api_route("/readyz", _readyz)
    app.add_exception_handler(EvolutionError, _own_words)
    app.add_exception_handler(ModelError, _own_words)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    return app


async def _livez() -> dict[str, bool]:
    return {"ok": True}


async def _readyz() -> dict[str, object]:
    return {"ready": True, "checks": {}}


async def _own_words(_request: Request, error: Exception) -> Response:
    if not isinstance(error, EvolutionError | ModelError):
        raise error
    return error.response()


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if request.url.path.startswith(EVOLUTION_PATHS):
        return EvolutionError(400, ["Unexpected token in JSON"]).response()
    return await request_validation_exception_handler(request, error)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code in (404, 405) and not request.url.path.startswith("/sandbox"):
        return EvolutionError(404, [f"Cannot {request.method} {request.url.path}"]).response()
    return await http_exception_handler(request, error)
