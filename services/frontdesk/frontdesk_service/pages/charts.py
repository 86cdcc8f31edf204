"""Charts as SVG, drawn by the server: no script, no style of their own, read aloud by their titles."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from frontdesk_service.domain import local
from frontdesk_service.indicators import Measure
from frontdesk_service.wording.measures import measure

WIDTH, HEIGHT, GAP = 240, 56, 3
WEEKDAYS = ("seg", "ter", "qua", "qui", "sex", "sáb", "dom")
CELL, LEFT, TOP = 22, 34, 16
FIRST_HOUR, LAST_HOUR = 6, 22
"""Hours before and after count into the first and the last column."""


def trend(points: Sequence[tuple[datetime, float | None]], unit: Measure, target: float | None) -> Markup:
    """Draw a bar for each period, the last one in colour, and a line at the target."""
    top = max([value for _, value in points if value is not None] + [target or 0.0]) or 1.0
    step = WIDTH / len(points)
    bars = Markup("").join(
        _bar(
            index * step, step, value, top, f"{local(at):%d/%m}: {measure(value, unit)}", last=index == len(points) - 1
        )
        for index, (at, value) in enumerate(points)
    )
    line = Markup("")
    if target is not None:
        y = round(HEIGHT - target / top * HEIGHT, 1)
        line = Markup('<line class="goal" x1="0" x2="{w}" y1="{y}" y2="{y}"/>').format(w=WIDTH, y=y)
    return Markup(
        '<svg class="trend" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" aria-label="Evolução">'
        "{bars}{line}</svg>"
    ).format(w=WIDTH, h=HEIGHT, bars=bars, line=line)


def _bar(x: float, step: float, value: float | None, top: float, says: str, *, last: bool) -> Markup:
    height = max((value or 0.0) / top * HEIGHT, 1.5)
    return Markup('<rect{kind} x="{x}" y="{y}" width="{w}" height="{h}" rx="1.5"><title>{says}</title></rect>').format(
        kind=Markup(' class="now"') if last else "",
        x=round(x, 1),
        y=round(HEIGHT - height, 1),
        w=round(step - GAP, 1),
        h=round(height, 1),
        says=says,
    )


def heat(hours: Sequence[Sequence[int]]) -> Markup:
    """Draw when messages come: a row for each weekday, a column for each hour of the day, the darker the more."""
    folded = [[sum(row[: FIRST_HOUR + 1]), *row[FIRST_HOUR + 1 : LAST_HOUR], sum(row[LAST_HOUR:])] for row in hours]
    most = max(max(row) for row in folded) or 1
    cells = Markup("").join(
        Markup(
            '<rect x="{x}" y="{y}" width="{w}" height="{w}" rx="4" fill-opacity="{o}">'
            "<title>{day}, {hour}h: {n}</title></rect>"
        ).format(
            x=LEFT + column * CELL,
            y=TOP + row * CELL,
            w=CELL - 2,
            o=round(0.07 + 0.93 * count / most, 2) if count else 0.07,
            day=WEEKDAYS[row],
            hour=FIRST_HOUR + column,
            n=count,
        )
        for row, counts in enumerate(folded)
        for column, count in enumerate(counts)
    )
    days = Markup("").join(
        Markup('<text x="0" y="{y}">{day}</text>').format(y=TOP + row * CELL + 14, day=day)
        for row, day in enumerate(WEEKDAYS)
    )
    marks = Markup("").join(
        Markup('<text x="{x}" y="10">{hour}h</text>').format(x=LEFT + (hour - FIRST_HOUR) * CELL + 1, hour=hour)
        for hour in range(FIRST_HOUR, LAST_HOUR + 1, 3)
    )
    width, height = LEFT + (LAST_HOUR - FIRST_HOUR + 1) * CELL, TOP + 7 * CELL
    return Markup(
        '<svg class="heat" viewBox="0 0 {w} {h}" role="img" aria-label="Mensagens por dia da semana e hora">'
        "{c}{d}{m}</svg>"
    ).format(w=width, h=height, c=cells, d=days, m=marks)
