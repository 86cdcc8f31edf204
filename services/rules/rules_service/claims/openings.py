"""Whether a text says that the unit is open on days on which it is closed."""

import re

from rules_service.claims.moments import Weekday, days, weekdays
from rules_service.claims.sentences import denied_at, sentences
from rules_service.claims.timetable import Timetable

_OPENS = re.compile(
    r"\b(?:abr(?:imos|e|em|ir|iremos)|abert[oa]s?|atend(?:emos|e|er|imento|eremos)|funcion(?:amos|a|ar|amento)|horarios?"
    r"|visitas?\s(?:e|sao|acontecem|de|nas?|aos?)|agend(?:amos|ar)|marca(?:mos|r)|pode\svir|vir|esperamos|recebemos)\b"
)
_EVERY_DAY = re.compile(
    r"\b(?:abrimos|atendemos|funcionamos|(?:unidade|kumon|gente)\s(?:abre|funciona|atende|esta|fica)|abert[oa]s?)\b[^.!?\n]{0,30}?"
    r"\b(?P<when>todos\sos\sdias|todo\sdia|fi(?:m|ns|nais|nal)\sde\ssemana|feriados?|24\s?h(?:s|oras)?|dia\se\snoite)\b"
)


def false_opening(text: str, known: Timetable) -> bool:
    """Whether a sentence of a plain text names opening days that are none, or other ones than there are."""
    return any(_is_false(sentence, known) for sentence in sentences(text))


def _is_false(sentence: str, known: Timetable) -> bool:
    everywhen = _EVERY_DAY.search(sentence)
    if everywhen and len(known.week.weekdays) < 7 and not denied_at(sentence, everywhen.start("when")):
        return True
    if not _OPENS.search(sentence):
        return False
    asks = sentence.rstrip().endswith("?")
    for weekday in weekdays(sentence):
        if not denied_at(sentence, weekday.start) and _opens_wrongly(weekday, known, asks=asks):
            return True
    return any(known.is_closed(day) and not denied_at(sentence, day.start) for day in days(sentence))


def _opens_wrongly(weekday: Weekday, known: Timetable, *, asks: bool) -> bool:
    if weekday.last is None:
        return known.never_opens(weekday.first)
    if (weekday.first, weekday.last) in known.own.runs:
        return False
    length = (weekday.last - weekday.first) % 7 + 1
    run = frozenset((weekday.first + n) % 7 for n in range(length))
    return any(map(known.never_opens, run)) or (run != known.week.weekdays and not asks)
