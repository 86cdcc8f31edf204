"""What to do when an alert comes: the project's runbook as a page, for whoever an alert leads here.

It is written for on-call, in English; the alerts link to its sections.
"""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from markupsafe import Markup
from starlette.responses import Response

from frontdesk_service.alerting import RUNBOOK
from frontdesk_service.pages.frame import Frame
from frontdesk_service.tokens import Account


def router(frame: Frame) -> APIRouter:
    """`/runbook`, each section with its name as an anchor."""
    routes = APIRouter()

    @routes.get("/runbook")
    async def show(request: Request, account: Annotated[Account, Depends(frame.sessions.may("alerts"))]) -> Response:
        return frame.page(request, account, "runbook.html", runbook=_html())

    return routes


@cache
def _html() -> Markup:
    """Read `docs/runbook.md` here, else the project's. Raises 404 where neither is."""
    here = Path(__file__).resolve()
    file = next((each for each in (Path(RUNBOOK), *(up / RUNBOOK for up in here.parents)) if each.is_file()), None)
    if file is None:
        raise HTTPException(404, f"O arquivo {RUNBOOK} não foi instalado com o sistema.")
    from markdown_it import MarkdownIt  # a page that is opened when something is wrong, and else never

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(file.read_text(encoding="utf-8"))
    for before, each in pairwise(tokens):
        if before.type == "heading_open":
            before.attrs["id"] = each.content
        for token in each.children or ():
            if token.type == "link_open" and not str(token.attrs["href"]).startswith("#"):
                del token.attrs["href"]  # a file beside this one, which no page shows
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704  # our own file, HTML in it escaped
