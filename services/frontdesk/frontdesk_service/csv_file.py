"""The numbers as a file for a spreadsheet."""

import csv
import io

from starlette.responses import Response

from frontdesk_service.domain import local
from frontdesk_service.numbers import Report

BOM = "\ufeff"
"""Excel takes a file without it for Latin-1."""


def csv_file(report: Report) -> Response:
    """Return a row for each indicator and a column for each period, with semicolons and decimal commas as in Brazil."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    begins = [start for start, _ in report.shown[0].trend]
    table.writerow(["indicador", "meta", *(f"{local(start):%d/%m/%Y}" for start in begins)])
    for each in report.shown:
        table.writerow([each.indicator.title, _number(each.target), *(_number(value) for _, value in each.trend)])
    name = f"indicadores-{report.period.name}-{report.period.first_day}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(BOM + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".").replace(".", ",")
