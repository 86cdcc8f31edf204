"""The HTTP application: the API and the unit's page."""

from chassis.telemetry.http import NOT_BY_FASTAPI
from fastapi import FastAPI

from frontdesk_service import api, pages
from frontdesk_service.parts import Parts


def application(parts: Parts) -> FastAPI:
    """Return the application, documented by its OpenAPI document alone: FastAPI's pages load a CDN's scripts."""
    app = FastAPI(
        title="Kumon Assistant: front desk",
        version="1",
        openapi_url=api.OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        telemetry=NOT_BY_FASTAPI,
    )
    api.install(app, parts)
    pages.install(app, parts)
    return app
