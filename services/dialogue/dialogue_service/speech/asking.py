"""Questions in words: the fields of the lead, the visit, and what was not understood."""

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias, assert_never

from dialogue_service import words
from dialogue_service.decision.acts import (
    AskField,
    AskHowToHelp,
    BackToKumon,
    ClarifyTime,
    InviteToVisit,
    MeetObjection,
    SayNotUnderstood,
)
from dialogue_service.speech.lines import Line, Telling, capital, of_whom, who

Asking: TypeAlias = AskField | InviteToVisit | ClarifyTime | SayNotUnderstood | AskHowToHelp | BackToKumon


def asking(act: Asking, telling: Telling) -> Iterator[Line]:
    """Yield the lines of an act."""
    match act:
        case AskField():
            yield _field(act, telling)
        case InviteToVisit():
            # Who was told of the free assessment need not hear of it again.
            short = telling.has(MeetObjection) or telling.state.said.keys() & {"invite", "invite_self"}
            yield Line("invite_short" if short else "invite_self" if act.is_self else "invite")
        case ClarifyTime():
            yield _clarify(act)
        case SayNotUnderstood():
            yield Line("not_understood")
        case BackToKumon():
            yield Line("back_to_kumon")
        case AskHowToHelp():
            yield Line("how_to_help")
        case _:
            assert_never(act)


def _field(act: AskField, telling: Telling) -> Line:
    again, whose = "_again" if act.again else "", act.whose
    match act.topic:
        case "parent_name" if act.hint:
            line = Line("ask_parent_name_hint", {"hint": act.hint})
        case "parent_name" | "email":
            line = Line(f"ask_{act.topic}{again}")
        case "student_name" if whose.nth and not act.again:
            line = Line("ask_student_name_of", {"of": of_whom(whose)})
        case "student_name":
            line = Line(f"ask_student_name{again}")
        case "student_age":
            of = {} if whose.is_self else {"of": of_whom(whose)}
            line = Line(f"{'ask_own_age' if whose.is_self else 'ask_student_age'}{again}", of)
        case "school_grade":
            by = {} if whose.is_self else {"who": capital(who(whose))}
            line = Line(f"{'ask_own_grade' if whose.is_self else 'ask_school_grade'}{again}", by)
        case "subjects":
            offered = words.listed([words.SUBJECTS[subject] for subject in telling.unit.subjects], either=True)
            line = Line(f"ask_subjects{again}", {"whom": f"para {who(whose)}", "subjects": offered})
        case _:
            assert_never(act.topic)
    return line


def _clarify(act: ClarifyTime) -> Line:
    said = list(dict.fromkeys(reading(day, hour) for day, hour in act.readings))
    if act.open:
        return Line("clarify_open")
    if len(said) < 2:
        return Line("clarify_impossible")
    return Line("clarify", {"readings": words.listed([f"*{each}*" for each in said], either=True)})


def reading(day: date | None, hour: str | None) -> str:
    """`terça-feira, 24/11, às 19h`, or as much of it as there is."""
    parts = (words.short_day(day) if day else None, words.at_hour(hour) if hour else None)
    return ", ".join(part for part in parts if part)
