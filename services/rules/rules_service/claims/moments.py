"""Days, hours and weekdays in a plain text, with their spans; what is true of them is in timing.py."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rules_service.claims.plain import remembered, words_of

MONTHS = words_of("janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro")
_MONTH = "|".join(MONTHS) + "|jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez"
_WEEKDAY = r"segundas?|tercas?|quartas?|quintas?|sextas?|sabados?|domingos?|seg|ter|qua|qui|sex|sab|dom"
WEEKDAY_STARTS = ("seg", "ter", "qua", "qui", "sex", "sab", "dom")
DAY_MINUTES = 24 * 60

_COUNTED = r"(?:anos|min|alun|crianc|meses|dias|semanas|vezes|visitas|idas|aulas|%|reais|materias|pesso)"

_TIME = re.compile(
    r"(?<![\d/.,$])(?:"
    r"(?P<noon>meio[\s-]dia)(?P<noon_half>\se\smeia)?|(?P<midnight>meia[\s-]noite)"
    r"|(?P<h>\d{1,2})(?:\s?(?:hs?|hrs?)(?![a-z])\s?(?:(?P<m>[0-5]\d)(?!\d)(?:\s?min\w*)?)?(?P<h_half>\se\smeia)?"
    r"|\s?(?P<long>horas?)(?:\se\s(?:(?P<lm>[0-5]?\d)(?:\sminutos)?|(?P<l_half>meia)))?"
    r"|:(?P<cm>\d{2})(?::\d{2})?(?:\s?h(?:s|oras)?\b)?"
    r"|(?P<half>\se\smeia)|(?P<quarter>\se\s15\b)"
    r"|(?P<bare>(?=\s?(?:da\s(?:manha|tarde|noite)|am\b|pm\b))))"
    r"|(?P<prep>\b(?:as|das|ate\sas|apos\sas|desde\sas|partir\sdas|depois\sdas|antes\sdas|entre\s(?:as\s)?|pelas)\s)"
    r"(?P<ph>\d{1,2})(?=\s*(?:$|[\n.,;!?)]|(?:e|ou|as|a|ate|com|para|no|na|de|do|em)\b|-|–))"
    rf"(?!\s*(?:e|a|as|ate|-|–)\s?\d{{1,2}}\s?{_COUNTED})"
    r")(?:\s?(?P<part>da\smanha|da\starde|da\snoite|am\b|pm\b))?"
)
_DURATION_BEFORE = re.compile(
    r"\b(?:em(?:\sate)?|dentro\sde|durante|por|a\scada|cerca\sde|menos\sde|mais\sde|dura(?:m|cao\sde|cao:)?|proximas|ultimas|com|leva)\s$"
)
_DURATION_AFTER = re.compile(
    r"\s?(?:antes|de\santecedencia|por\s(?:dia|semana|mes)|ao\sdia|uteis|seguidas|de\s(?:aula|estudo|duracao|distancia)|cada"
    r"|semana(?:l|is)|diari[ao]s?|no\smaximo|no\sminimo|ou\smais|depois)\b"
)
_AT = re.compile(r"\b(?:as|das|a|ate|apos|desde|depois\sdas?|antes\sdas?|entre|pelas|e)\s$")
_DATE = re.compile(
    r"(?<![\d/.,$-])(?:"
    r"(?P<iso>20\d\d)-(?P<im>\d{2})-(?P<id>\d{2})"
    r"|(?P<d>\d{1,2})/(?P<m>\d{1,2})(?:/(?P<y>\d{4}|\d{2}))?"
    r"|(?P<pd>\d{2})[.-](?P<pm>\d{2})[.-](?P<py>\d{4}|\d{2})"
    rf"|(?P<wd>\d{{1,2}})[oº]?\s(?:de\s)?(?P<wm>{_MONTH})\b(?:(?:\sde|,)?\s(?P<wy>20\d\d)\b)?"
    r")(?![\d/])"
)
_DAYS = re.compile(
    rf"\bdias?\s(?:(?:{_WEEKDAY})(?:-feira)?,?\s)?(?P<days>\d{{1,2}}[oº]?(?:(?:,|\se|\sou)\s\d{{1,2}})*)(?![\d/:hº]|\s?(?:de\s(?:{_MONTH})|"
    r"anos|min|horas))"
)
_WEEKDAYS = re.compile(
    rf"\b(?P<first>{_WEEKDAY})(?![a-z]|\s(?:vez|opcao|parte|etapa|serie|fase|semana))(?:[\s-]feiras?)?"
    rf"(?:\s(?:a|ate|ate\sa|as)\s(?P<last>{_WEEKDAY})(?![a-z])(?:[\s-]feiras?)?)?"
)
_RELATIVE = re.compile(r"\b(?P<word>hoje|depois\sde\samanha|amanha)\b")


@dataclass(frozen=True)
class Time:
    """A time of day: the minutes since midnight that it can mean ("às 2" is 02:00 or 14:00), and its span."""

    readings: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True)
class Day:
    """A date (None: an impossible one), its year if the text gives one, and its span."""

    day: int
    month: int | None
    year: int | None
    start: int
    end: int

    def fits(self, day: date) -> bool:
        """Whether this can mean a given day."""
        return self.day == day.day and self.month in {None, day.month} and self.year in {None, day.year}


@dataclass(frozen=True)
class Weekday:
    """A weekday, 0 = Monday … 6, or a run of them from `first` to `last`, and its span."""

    first: int
    last: int | None
    start: int
    end: int


@remembered
def times(text: str) -> tuple[Time, ...]:
    """Find every time of day; a number of hours ("2 h antes", "1 hora de aula") is none."""
    return tuple(time for match in _TIME.finditer(text) if (time := _time(text, match)) is not None)


def _time(text: str, match: re.Match[str]) -> Time | None:
    start = match.start("ph") if match["ph"] else match.start()
    if match["noon"] or match["midnight"]:
        minute = 0 if match["midnight"] else 12 * 60 + (30 if match["noon_half"] else 0)
        return Time(frozenset({minute}), start, match.end())
    hour = int(match["h"] or match["ph"])
    minutes = int(match["m"] or match["lm"] or match["cm"] or 0)
    if match["half"] or match["h_half"] or match["l_half"]:
        minutes = 30
    elif match["quarter"]:
        minutes = 15
    counted = match["long"] or (match["h"] and not match["cm"] and not match["m"])
    if counted and not match["part"] and _is_duration(text, match):
        return None
    if match["half"] and not match["part"] and not _AT.search(text, 0, match.start()):
        return None  # "6 e meia" alone may be an age
    return Time(_readings(hour, minutes, match["part"], two_digits=bool(match["cm"])), start, match.end())


def _is_duration(text: str, match: re.Match[str]) -> bool:
    if _DURATION_AFTER.match(text, match.end()) or _DURATION_BEFORE.search(
        text[max(0, match.start() - 16) : match.start()]
    ):
        return True
    return bool(match["long"]) and not _AT.search(text[max(0, match.start() - 12) : match.start()])


def _readings(hour: int, minutes: int, part: str | None, *, two_digits: bool) -> frozenset[int]:
    """Return the minutes since midnight that an hour can mean; none for an hour that does not exist."""
    if hour > 24 or minutes > 59:
        return frozenset()
    minute = (hour * 60 + minutes) % DAY_MINUTES
    if part in {"da tarde", "da noite", "pm"}:
        return frozenset({minute + 720 if 0 < hour < 12 else minute})
    if part or hour == 0 or hour >= 12 or (two_digits and hour > 9):
        return frozenset({minute})
    return frozenset({minute, minute + 720} if hour < 8 else {minute})


@remembered
def days(text: str) -> tuple[Day, ...]:
    """Find every date: `24/11`, `24/11/2026`, `24 de novembro`, `2026-11-24`, `dia 24`, `dias 24 e 25`."""
    found = [_day(match) for match in _DATE.finditer(text)]
    taken = [(day.start, day.end) for day in found]
    for match in _DAYS.finditer(text):
        at = match.start("days")
        found += [
            Day(int(number[0]), None, None, at + number.start(), at + number.end())
            for number in re.finditer(r"\d+", match["days"])
            if not any(start <= at + number.start() < end for start, end in taken)
        ]
    return tuple(sorted(found, key=lambda day: day.start))


def _day(match: re.Match[str]) -> Day:
    if match["iso"]:
        day, month, year = match["id"], match["im"], match["iso"]
    elif match["wm"]:
        day, year = match["wd"], match["wy"]
        month = str(next(n for n, name in enumerate(MONTHS, 1) if name.startswith(match["wm"][:3])))
    else:
        day, month, year = match["d"] or match["pd"], match["m"] or match["pm"], match["y"] or match["py"]
    full = int(year) if year else None
    return Day(int(day), int(month), full + 2000 if full is not None and full < 100 else full, *match.span())


@remembered
def weekdays(text: str) -> tuple[Weekday, ...]:
    """Find every weekday; "segunda opção" and "terceira" are none, and short forms ("ter.") need a day or hour near."""
    found = []
    for match in _WEEKDAYS.finditer(text):
        if len(match["first"]) == 3 and not re.match(
            r"\.?[,\s]\s?(?:dia\s)?\d|\s(?:a|ate)\s", text[match.end("first") :]
        ):
            continue
        last = WEEKDAY_STARTS.index(match["last"][:3]) if match["last"] else None
        found.append(Weekday(WEEKDAY_STARTS.index(match["first"][:3]), last, *match.span()))
    return tuple(found)


def relative_days(text: str, today: date) -> Iterator[tuple[date, int, int]]:
    """Find `hoje`, `amanhã`, `depois de amanhã`: the day that they mean and their span."""
    for match in _RELATIVE.finditer(text):
        ahead = {"hoje": 0, "amanha": 1}.get(match["word"], 2)
        yield today + timedelta(days=ahead), *match.span()
