"""Visits as events of Google Calendar, and events as busy times. Pure.

What a visit's event should be is written into the event itself (`extendedProperties.private`), where people do not see
it: whatever differs from it later was changed by hand.
"""

import base64
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.calendar import Visit
from contracts.dialogue import Slot, Student

Json = dict[str, Any]

SUBJECTS = {"matematica": "Matemática", "portugues": "Português", "ingles": "Inglês"}
GRADES = {
    "infantil": "educação infantil",
    **{f"ef{year}": f"{year}º ano" for year in range(1, 10)},
    **{f"em{year}": f"{year}ª série do ensino médio" for year in range(1, 4)},
    "eja": "EJA",
    "faculdade": "faculdade",
    "nao_estuda": "não estuda",
}
OUTCOMES = {"came": "A família veio.", "missed": "A família não veio."}
HOW_TO = "Arraste para mudar o horário ou apague para cancelar: a família é avisada pelo WhatsApp."


@dataclass(frozen=True)
class Written:
    """A visit's event in Google: `slot` where it is now, `ours` where we put it, `version` the visit's then."""

    etag: str
    cancelled: bool
    slot: Slot | None
    ours: Slot | None
    version: int

    @property
    def moved(self) -> bool:
        """Whether somebody put it elsewhere."""
        return not self.cancelled and self.slot is not None and self.ours is not None and self.slot != self.ours


@dataclass(frozen=True)
class Appointment:
    """Something else in the calendar; `slot` is `None` when it takes no time of the unit."""

    id: str
    slot: Slot | None
    title: str | None


def event_id(visit_id: UUID) -> str:
    """Return the id of a visit's event: base32hex of the visit's, so that a retry cannot make a second one."""
    return base64.b32hexencode(visit_id.bytes).decode().rstrip("=").lower()


def visit_id(of_event: str) -> UUID | None:
    """Return the visit whose event would have this id; Google's own ids may look like one, too."""
    try:
        return UUID(bytes=base64.b32hexdecode(f"{of_event.upper()}======"))
    except ValueError:
        return None


def body(visit: Visit, zone: ZoneInfo, link: str) -> Json:
    """Return what a visit's event should be, in Portuguese; `link` leads to the conversation."""
    properties = {
        "visit": str(visit.id),
        "version": str(visit.version),
        "start": visit.slot.start.isoformat(),
        "end": visit.slot.end.isoformat(),
    }
    return {
        "summary": _summary(visit),
        "description": "\n".join(_description(visit, link)),
        "start": _at(visit.slot.start, zone),
        "end": _at(visit.slot.end, zone),
        "status": "confirmed",
        "source": {"title": "Conversa no WhatsApp", "url": link},
        "extendedProperties": {"private": properties},
    }


def written(event: Json, zone: ZoneInfo) -> Written:
    """Read a visit's event."""
    ours = event.get("extendedProperties", {}).get("private", {})
    put = None
    if {"start", "end"} <= ours.keys():
        put = Slot(start=datetime.fromisoformat(ours["start"]), end=datetime.fromisoformat(ours["end"]))
    return Written(
        etag=event.get("etag", ""),
        cancelled=event.get("status") == "cancelled",
        slot=_slot(event, zone),
        ours=put,
        version=int(ours.get("version", 0)),
    )


def appointment(event: Json, zone: ZoneInfo) -> Appointment:
    """Read an event that is not ours: whole days and instances of a series too; what is free or declined takes none."""
    declined = any(each.get("self") and each.get("responseStatus") == "declined" for each in event.get("attendees", ()))
    free = event.get("transparency") == "transparent" or event.get("eventType") in {"birthday", "workingLocation"}
    slot = None if event.get("status") == "cancelled" or declined or free else _slot(event, zone)
    return Appointment(event["id"], slot if slot and slot.start < slot.end else None, event.get("summary"))


def _slot(event: Json, zone: ZoneInfo) -> Slot | None:
    if "start" not in event or "end" not in event:
        return None  # of what was deleted, only the id is sure to be there
    return Slot(start=_moment(event["start"], zone), end=_moment(event["end"], zone))


def _moment(at: Json, zone: ZoneInfo) -> datetime:
    if day := at.get("date"):
        return datetime.combine(date.fromisoformat(day), time.min, zone)
    read = datetime.fromisoformat(at["dateTime"])
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(zone)


def _at(moment: datetime, zone: ZoneInfo) -> Json:
    return {"dateTime": moment.astimezone(zone).isoformat(), "timeZone": zone.key}


def _summary(visit: Visit) -> str:
    names = [student.name for student in visit.lead.students if student.name]
    parent = visit.lead.parent_name or visit.contact.profile_name or visit.contact.phone or "família"
    return f"Visita: {' e '.join(names)} ({parent})" if names else f"Visita: {parent}"


def _description(visit: Visit, link: str) -> list[str]:
    lead = visit.lead
    lines = [f"Responsável: {lead.parent_name or visit.contact.profile_name or 'não informado'}"]
    lines += [f"Aluno: {_student(student)}" for student in lead.students]
    lines += [f"Telefone: {phone}"] if (phone := lead.phone or visit.contact.phone) else []
    lines += [f"E-mail: {lead.email}"] if lead.email else []
    lines += [f"Conversa: {link}", ""]
    return [*lines, OUTCOMES.get(visit.status, HOW_TO)]


def _student(student: Student) -> str:
    age = f"{student.age} {'ano' if student.age == 1 else 'anos'}" if student.age is not None else None
    name = "o próprio responsável" if student.is_self and not student.name else student.name or "sem nome"
    subjects = " e ".join(SUBJECTS[subject] for subject in student.subjects)
    return ", ".join(filter(None, (name, age, GRADES.get(student.grade or ""), subjects)))
