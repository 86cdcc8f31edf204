"""A report as a mail: a page that any mail program shows, and the same in plain text.

Mail programs show no SVG, and many no images; so charts are table cells with a height or a width.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from frontdesk_service.hours import PeriodName
from frontdesk_service.numbers import Report, Shown
from frontdesk_service.wording import measures, words

FOLDER = Path(__file__).parent / "mails"
TITLES: dict[PeriodName, str] = {"day": "Resumo do dia", "week": "Resumo da semana", "month": "Resumo do mês"}
ADDRESSES: dict[PeriodName, str] = {"day": "dia", "week": "semana", "month": "mes"}
LEADING = ("conversations", "qualified", "booked", "spend_brl")
STAGES = ("conversations", "leads", "qualified", "booked", "came")
BAR_PX, WAY_PX = 48, 140
"""The height of the tallest bar, and the width of the longest."""


@dataclass(frozen=True)
class Rest:
    """What is no number of the period: alerts that are open now, and the page's address, if it is known."""

    alerts_open: int
    page: str | None


def render(report: Report, rest: Rest) -> tuple[str, str, str]:
    """Return the subject, the plain text and the page."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    span = measures.span(report.period)
    values: dict[str, Any] = {
        "title": TITLES[report.period.name],
        "span": words.sentence(span),
        "lead": in_words(report),
        "leading": [report.of(name) for name in LEADING],
        "shown": [each for each in report.shown if each.value is not None],
        "funnel": [(measures.STAGES[stage], report.picture.funnel[stage]) for stage in STAGES],
        "questions": [(measures.QUESTIONS.get(name, name), times) for name, times in report.picture.questions[:5]],
        "rest": rest,
        "address": _address(report, rest),
        "measure": measures.measure,
        "bars": bars,
        "way_px": WAY_PX,
        "bar_px": BAR_PX,
    }
    text, html = (environment.get_template(f"report.{kind}").render(values) for kind in ("txt", "html"))
    return f"{TITLES[report.period.name]}: {span}", text, html


def in_words(report: Report) -> str:
    """Say the period in a sentence."""
    wrote, qualified, booked = (int(report.of(name).value or 0) for name in ("conversations", "qualified", "booked"))
    return words.sentence(
        f"{_some(wrote, 'família escreveu', 'famílias escreveram')}, "
        f"{_some(qualified, 'ficha ficou completa', 'fichas ficaram completas')} e "
        f"{_some(booked, 'visita foi marcada', 'visitas foram marcadas')}."
    )


def bars(shown: Shown) -> list[int]:
    """Return the height of each bar of a trend, in pixels; at least one, so that every period is seen."""
    values = [value or 0.0 for _, value in shown.trend]
    most = max([*values, shown.target or 0.0]) or 1.0
    return [max(1, round(value / most * BAR_PX)) for value in values]


def _some(count: int, one: str, several: str) -> str:
    return f"{measures.measure(count, 'count')} {one if count == 1 else several}" if count else f"nenhuma {one}"


def _address(report: Report, rest: Rest) -> str | None:
    if rest.page is None:
        return None
    return f"{rest.page}/numeros?por={ADDRESSES[report.period.name]}&dia={report.period.first_day}"
