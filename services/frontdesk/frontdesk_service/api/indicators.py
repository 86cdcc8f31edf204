"""The owner's numbers."""

from datetime import date
from typing import Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from frontdesk_service.api.auth import Bearer
from frontdesk_service.api.shapes import Time
from frontdesk_service.csv_file import csv_file
from frontdesk_service.hours import DayAsked, PeriodName
from frontdesk_service.indicators import Measure
from frontdesk_service.numbers import Numbers, Report
from frontdesk_service.problems import documented

STAGES = ("conversations", "leads", "qualified", "booked", "came")


class Point(BaseModel):
    """A value of the trend: of the period that begins at `start`."""

    start: Time
    value: float | None


class IndicatorShape(BaseModel):
    """One indicator. `share` is 0–1, `brl` reais; `met` is null without a value or a target."""

    name: str
    title: str
    unit: Measure
    best: Literal["low", "high"]
    value: float | None
    target: float | None
    met: bool | None
    trend: list[Point]


class Step(BaseModel):
    """How many people got so far, of those who wrote in the period."""

    stage: Literal["conversations", "leads", "qualified", "booked", "came"]
    people: int


class Question(BaseModel):
    """What was asked, and how often."""

    intent: str
    times: int


class Indicators(BaseModel):
    """A period's numbers; `hours` are seven rows (Monday first) of twenty-four counts of parents' messages."""

    period: PeriodName
    start: Time
    end: Time
    indicators: list[IndicatorShape]
    funnel: list[Step]
    hours: list[list[int]]
    questions: list[Question]

    @classmethod
    def of(cls, report: Report) -> "Indicators":
        """Show a report."""
        return cls(
            period=report.period.name,
            start=report.period.begins,
            end=report.period.ends,
            indicators=[
                IndicatorShape(
                    name=each.indicator.name,
                    title=each.indicator.title,
                    unit=each.indicator.unit,
                    best=each.indicator.best,
                    value=each.value,
                    target=each.target,
                    met=each.met,
                    trend=[Point(start=start, value=value) for start, value in each.trend],
                )
                for each in report.shown
            ],
            funnel=[Step.model_validate({"stage": stage, "people": report.picture.funnel[stage]}) for stage in STAGES],
            hours=report.picture.hours,
            questions=[Question(intent=intent, times=times) for intent, times in report.picture.questions],
        )


class TaskSpend(BaseModel):
    """What one kind of question to the AI cost."""

    task: str
    calls: int
    refused: int
    cached: int
    brl: float


class SpendShape(BaseModel):
    """What a São Paulo day cost, in BRL."""

    day: date
    brl: float
    warning_brl: float
    critical_brl: float
    limit_brl: float
    per_qualified_brl: float | None
    per_visit_brl: float | None
    tasks: list[TaskSpend]


def router(numbers: Numbers, bearer: Bearer) -> APIRouter:
    """`GET /indicators`, `/indicators.csv`, `/spend`."""
    routes = APIRouter(tags=["numbers"], dependencies=[Depends(bearer("numbers"))], responses=documented(401, 403))

    @routes.get("/indicators")
    async def indicators(period: PeriodName = "day", day: DayAsked | None = None) -> Indicators:
        """Return the day, week or month that `day` is in, today without one."""
        return Indicators.of(await numbers.report(period, day))

    @routes.get("/indicators.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    async def as_csv(period: PeriodName = "day", day: DayAsked | None = None) -> Response:
        """Return the trends as a table: a row for each indicator, a column for each period."""
        return csv_file(await numbers.report(period, day))

    @routes.get("/spend")
    async def spend(day: DayAsked | None = None) -> SpendShape:
        """Return what a day cost, today without one."""
        spent = await numbers.spend(day)
        return SpendShape(
            day=spent.day,
            brl=float(spent.total),
            warning_brl=float(spent.limits["warning_brl"]),
            critical_brl=float(spent.limits["critical_brl"]),
            limit_brl=float(spent.limits["limit_brl"]),
            per_qualified_brl=spent.per_qualified,
            per_visit_brl=spent.per_visit,
            tasks=[TaskSpend.model_validate(task) for task in spent.by_task],
        )

    return routes
