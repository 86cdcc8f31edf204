"""When a visit may be, as a receptionist would write it down."""

from datetime import date
from typing import Any

from babel.dates import format_date

LOCALE = "pt_BR"
WEEKDAYS = {
    "mon": "segunda",
    "tue": "terça",
    "wed": "quarta",
    "thu": "quinta",
    "fri": "sexta",
    "sat": "sábado",
    "sun": "domingo",
}
PERIODS = {"morning": "de manhã", "afternoon": "à tarde", "evening": "à noite"}


def preference(wish: dict[str, Any] | None) -> str | None:
    """Write a `time_preference` (interfaces §4) in words; `None` when there is none."""
    if not wish:
        return None
    if options := wish.get("options"):
        return " ou ".join(filter(None, (preference({"kind": "window", **option}) for option in options)))
    parts = [*_days(wish), *_hours(wish)]
    if parts:
        return ", ".join(parts)
    return {"ambiguous": "a confirmar", "none": None}.get(str(wish.get("kind")), "qualquer horário")


def hour(text: str) -> str:
    """`14:30` → `14h30`, `15:00` → `15h`."""
    return text.removesuffix("00").replace(":", "h") if text.endswith(":00") else text.replace(":", "h")


def _days(wish: dict[str, Any]) -> list[str]:
    days = [wish["date"]] if wish.get("date") else wish.get("dates") or []
    parts = [" ou ".join(_iso_day(each) for each in days)] if days else []
    if weekdays := wish.get("weekdays"):
        parts.append(" ou ".join(WEEKDAYS.get(each, each) for each in weekdays))
    if excluded := wish.get("exclude_weekdays"):
        parts.append("menos " + " e ".join(WEEKDAYS.get(each, each) for each in excluded))
    if wish.get("earliest"):
        parts.append(f"a partir de {_iso_day(wish['earliest'])}")
    if wish.get("latest"):
        parts.append(f"até {_iso_day(wish['latest'])}")
    return parts


def _hours(wish: dict[str, Any]) -> list[str]:
    parts = [PERIODS.get(wish["period"], str(wish["period"]))] if wish.get("period") else []
    if wish.get("exclude_period"):
        parts.append(f"menos {PERIODS.get(wish['exclude_period'], str(wish['exclude_period']))}")
    start, end = wish.get("start"), wish.get("end")
    if start and wish.get("kind") == "instant":
        parts.append(f"às {hour(start)}")
    elif start and end:
        parts.append(f"das {hour(start)} às {hour(end)}")
    elif start:
        parts.append(f"depois das {hour(start)}")
    elif end:
        parts.append(f"até as {hour(end)}")
    return parts


def _iso_day(text: str) -> str:
    try:
        return format_date(date.fromisoformat(text), "EEE, dd/MM", locale=LOCALE)
    except ValueError:
        return text
