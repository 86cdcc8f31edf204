"""The page at ``/google``: the unit's calendar, as somebody at the unit sees and changes it.

A shell is rendered here; everything live is drawn by ``static/google.js``.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.templating import Jinja2Templates

from sandbox.clock import SAO_PAULO, iso
from sandbox.google_events import Window, span
from sandbox.world import TheWorld

_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
router = APIRouter(include_in_schema=False)


@router.get("/google")
async def page(request: Request, world: TheWorld) -> Response:
    """Render the shell."""
    about = {"unit": world.settings.sandbox_unit_name, "calendar": world.google.calendar.id}
    return _templates.TemplateResponse(request, "google.html", about)


@router.get("/sandbox/google/week")
async def week(world: TheWorld, first: date) -> dict[str, Any]:
    """Everything in seven days, series expanded, with the hours in São Paulo's time."""
    start = datetime.combine(first, datetime.min.time(), SAO_PAULO)
    shown = world.google.calendar.listed(Window(single=True, start=start, end=start + timedelta(days=7)))
    return {"now": iso(world.clock.now()), "items": [_drawn(event) for event in shown]}


def _drawn(event: dict[str, Any]) -> dict[str, Any]:
    start, end = (at.astimezone(SAO_PAULO) for at in span(event))
    return {
        "id": event["id"],
        "summary": event.get("summary", ""),
        "description": event.get("description", ""),
        "start": start.isoformat(),
        "end": end.isoformat(),
        "all_day": "date" in event["start"],
        "series": "recurringEventId" in event,
        "visit": "visit" in event.get("extendedProperties", {}).get("private", {}),
    }
