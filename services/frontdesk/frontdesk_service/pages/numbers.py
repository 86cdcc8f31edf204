"""The owner's numbers as a page: cards with trends, the way to a visit, when families write and what they ask."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from frontdesk_service.api.indicators import STAGES
from frontdesk_service.csv_file import csv_file
from frontdesk_service.hours import DayAsked, PeriodName
from frontdesk_service.numbers import Numbers
from frontdesk_service.pages import charts
from frontdesk_service.pages.frame import Frame
from frontdesk_service.tokens import Account
from frontdesk_service.wording import measures

NAMES: dict[str, PeriodName] = {"dia": "day", "semana": "week", "mes": "month"}
LEADING = ("unanswered", "qualified", "booked", "spend_brl")
"""Shown large, above the rest."""


def router(frame: Frame, numbers: Numbers) -> APIRouter:
    """`/numeros`, `/numeros.csv`."""
    routes = APIRouter()
    signed_in = Annotated[Account, Depends(frame.sessions.may("numbers"))]

    @routes.get("/numeros")
    async def show(request: Request, account: signed_in, por: str = "dia", dia: DayAsked | None = None) -> Response:
        name = NAMES.get(por, "day")
        report = await numbers.report(name, dia)
        return frame.page(
            request,
            account,
            "numbers.html",
            report=report,
            spend=await numbers.spend(report.period.last_day if name == "day" else None),
            por=por if por in NAMES else "dia",
            names=tuple(NAMES),
            leading=[report.of(each) for each in LEADING],
            rest=[each for each in report.shown if each.indicator.name not in LEADING],
            stages=STAGES,
            charts=charts,
            measures=measures,
        )

    @routes.get("/numeros.csv")
    async def as_csv(_: signed_in, por: str = "dia", dia: DayAsked | None = None) -> Response:
        return csv_file(await numbers.report(NAMES.get(por, "day"), dia))

    return routes
