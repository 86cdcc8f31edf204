"""The fields of a lead and their values, in words."""

from collections.abc import Callable, Mapping
from typing import Any

from frontdesk_service.lead_fields import Place
from frontdesk_service.wording import words
from frontdesk_service.wording.wishes import PERIODS, WEEKDAYS, preference

__all__ = ["LABELS", "PERIODS", "WEEKDAYS", "changed_meanwhile", "simple_wish", "value", "wish_of"]

LABELS = {
    "parent_name": "Responsável",
    "phone": "Telefone",
    "email": "E-mail",
    "time_preference": "Melhor horário",
    "name": "Nome",
    "age": "Idade",
    "grade": "Série",
    "subjects": "Matérias",
}


_WORDS: dict[str, Callable[[Any], str | None]] = {
    "phone": words.phone,
    "age": lambda age: f"{age} anos",
    "grade": words.GRADES.get,
    "subjects": words.subjects,
    "time_preference": preference,
}


def value(place: Place, stored: Any) -> str:
    """Write a stored value in words."""
    return _WORDS.get(place.field, str)(stored) or ""


def changed_meanwhile(who: str, place: Place, stored: Any) -> str:
    """Say that somebody else changed what is being edited."""
    label = LABELS[place.field]
    now = f"mudou {label} para {value(place, stored)}" if stored else f"apagou {label}"
    return f"{who} {now} enquanto você escrevia. Confira e salve de novo."


def simple_wish(wish: Mapping[str, Any] | None) -> tuple[str, tuple[str, ...]] | None:
    """Return part of the day and weekdays of a wish that has no more than these; `None` of a finer one."""
    if not wish:
        return "", ()
    if wish.get("kind") not in ("window", "weekdays", "period") or set(wish) - {"kind", "weekdays", "period"}:
        return None
    days = tuple(wish.get("weekdays", ()))
    return wish.get("period") or ("" if days else "any"), days


def wish_of(part: str, days: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the wish of a part of the day (`any`, or none) and weekdays."""
    period = {} if part in ("", "any") else {"period": part}
    if days:
        return {"kind": "window" if period else "weekdays", **period, "weekdays": list(days)}
    if period:
        return {"kind": "period", **period}
    return {"kind": "window"} if part == "any" else None
