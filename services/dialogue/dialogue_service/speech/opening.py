"""How a reply begins: greetings, apologies, acknowledgements."""

from collections.abc import Iterator
from itertools import takewhile
from typing import TypeAlias, assert_never

from dialogue_service import words
from dialogue_service.decision.acts import (
    Apologise,
    DayPart,
    GiveNotice,
    GoWithoutEmail,
    Greet,
    KnownValues,
    Meet,
    MoveOn,
    NoteCall,
    Noted,
    NoteMedia,
    NoteOnTheWay,
    SayWhoIAm,
)
from dialogue_service.speech.lines import Line, Telling
from dialogue_service.speech.wishes import wish

Opening: TypeAlias = (
    Greet
    | Apologise
    | SayWhoIAm
    | NoteMedia
    | NoteCall
    | NoteOnTheWay
    | Meet
    | Noted
    | GiveNotice
    | GoWithoutEmail
    | MoveOn
)

_PARTS: dict[DayPart, str] = {"morning": "Bom dia", "afternoon": "Boa tarde", "evening": "Boa noite"}
_AS_THEY_ARE = {GiveNotice: "notice", GoWithoutEmail: "without_email", MoveOn: "move_on"}
_OWN_WORDS = {"audio", "image", "video", "document", "location", "contact"}


def opening(act: Opening, telling: Telling) -> Iterator[Line]:
    """Yield the lines of an act."""
    match act:
        case Greet():
            yield from _greet(act, telling)
        case Apologise():
            yield Line("apology", gap=" ")
        case SayWhoIAm():
            yield Line("who_i_am", {"persona": telling.unit.persona, "unit": telling.unit.name})
        case NoteMedia():
            yield Line(f"media_{act.kind}" if act.kind in _OWN_WORDS else "media_other")
        case NoteCall() | NoteOnTheWay():
            name = "call" if isinstance(act, NoteCall) else "on_the_way"
            yield Line(name, {"phone": telling.unit.contact_phone})
        case Meet():
            yield Line("meet", {"name": act.name})
        case Noted():
            yield from _noted(act, telling)
        case GiveNotice() | GoWithoutEmail() | MoveOn():
            yield Line(_AS_THEY_ARE[type(act)])
        case _:
            assert_never(act)


def _greet(act: Greet, telling: Telling) -> tuple[Line, ...]:
    part = _PARTS[act.part]
    if act.name and act.returning:
        hello = Line("greeting_again", {"part": part, "name": act.name})
    elif telling.has(SayWhoIAm):
        hello = Line("greeting_brief", {"part": part})
    else:
        unit = telling.unit
        hello = Line("greeting", {"part": part, "persona": unit.persona, "unit": unit.name})
    lines = [hello]
    if act.visit:
        lines.append(Line("greeting_visit", {"when": telling.when(act.visit)}, gap=" "))
    if act.alone:
        lines.append(Line("how_to_help", gap=" "))
    return tuple(lines)


def _noted(act: Noted, telling: Telling) -> tuple[Line, ...]:
    """Say all that was noted in one sentence, where the first of several is said."""
    every = [each for each in telling.acts if isinstance(each, Noted)]
    if len(list(takewhile(lambda each: each is not act, every))) > 0:
        return ()
    name = "noted_correction" if act.corrected else "noted_heard" if act.heard else "noted"
    said = "; ".join(filter(None, (known(each.values) for each in every)))
    return (Line(name, {"values": said}),) if said else ()


def known(values: KnownValues) -> str:
    """`*Pedro*, 8 anos, 3º ano, Matemática`."""
    own = (
        values.parent_name and f"seu nome é *{values.parent_name}*",
        values.email and f"seu e-mail é *{values.email}*",
        values.student_name and f"*{values.student_name}*",
        values.age and f"*{words.years(values.age)}*",
        values.grade and f"*{words.grade(values.grade)}*",
        values.subjects and f"*{words.subjects(values.subjects)}*",
        values.time and f"*{wish(values.time)}*",
    )
    return ", ".join(each for each in own if each)
