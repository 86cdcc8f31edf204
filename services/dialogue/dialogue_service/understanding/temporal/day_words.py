"""Reads the words for days: weekdays, dates, weeks, months, "amanhã", "daqui a 3 dias"."""

import datetime as dt
import re
from collections.abc import Callable, Iterator

from dialogue_service.understanding.numerals import CARDINAL, UNIT_WORD, cardinal
from dialogue_service.understanding.page import Found
from dialogue_service.understanding.temporal.almanac import Almanac
from dialogue_service.understanding.temporal.atoms import Atom, Dates, Days, Placed, Stretch, Unclear
from dialogue_service.understanding.values import WEEKDAYS, Weekday

_MONTHS = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")
_MONTH = (
    r"(?:janeiro|jan|fevereiro|fev|marco|mar|abril|abr|maio|mai|junho|jun|julho|jul|agosto|ago|setembro|set|outubro|out"
    r"|novembro|nov|dezembro|dez)\b"
)
_FULL_MONTH = r"(?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)\b"
_YEAR = r"(?:20\d\d)"
_STEMS: dict[str, Weekday] = {
    "seg": "mon",
    "2": "mon",
    "ter": "tue",
    "3": "tue",
    "qua": "wed",
    "4": "wed",
    "qui": "thu",
    "5": "thu",
    "sex": "fri",
    "6": "fri",
    "sab": "sat",
    "dom": "sun",
}
_FEIRA = r"(?:[- ]?feiras?)"
_NAME = (
    rf"(?:(?:segundas?|segundona|tercas?|quartas?|quintas?|sextas?|sextou){_FEIRA}?|quanta{_FEIRA}|sabad(?:os?|ao)|domingos?|domingao"
    rf"|(?:seg|ter|qua|qui|sex){_FEIRA}?\.?(?![a-z])|dom\.?(?![a-z])|[2-6] ?[ao]? ?-? ?feiras?|[2-6]a(?![a-z]))"
)
_LIST = (
    rf"{_NAME}(?: ?(?:,(?! ?{_NAME} (?:eu |ja |a gente )*nao\b)|/|\be\b|\bou\b|, ?e\b|, ?ou\b|e/ou) ?(?:n[ao]s? |a "
    rf"|as |aos? |de |toda )?{_NAME})*"
)
# "Em vez de quinta, sexta": what follows the comma is the other side of the exchange.
_EXCHANGED = rf"(?:(?<=vez d[aeo] )|(?<=inves d[aeo] )|(?<=lugar d[aeo] )){_NAME}"
# "Porque é domingo, segunda então": what follows the comma is no part of the reason.
_GIVEN = rf"(?:(?<=porque e )|(?<=pois e )|(?<=ja que e )){_NAME}"
_ABBREVIATED = re.compile(r"ter\.?|[2-6]a")
_ONE = re.compile(_NAME)
_TO = r" ?(?:a|ate|ate a|as|-|ao) ?(?:a |o )?"
_WEEKDAY_RANGE = re.compile(rf"\b(?:(?:d[aeo] )?(?P<a>{_NAME}){_TO}|entre (?P<c>{_NAME}) e )(?P<b>{_NAME})(?![a-z])")
_THAT_COMES = r"(?: (?:que vem|proxim[ao]))"
_OF_NEXT_WEEK = r"(?:,? (?:d[ae] |na )?(?:sem(?:ana)? que vem|proxima semana|outra semana|semana proxima))"
_OF_THIS_WEEK = r"(?:,? (?:d|n)?ess?t?a semana|,? agora| mesmo agora)"
_WEEKDAYS = re.compile(
    rf"\b(?P<next>proxim[ao]s? )?(?P<this>(?:n?ess[ae]s?|n?est[ae]s?) )?(?P<names>{_EXCHANGED}|{_GIVEN}|{_LIST})"
    rf"(?![a-z])(?:(?P<comes>{_THAT_COMES})|(?P<nextweek>{_OF_NEXT_WEEK})|(?P<thisweek>{_OF_THIS_WEEK}))?"
)
_ORDINAL_AFTER = re.compile(
    r"^ (?:vez|vezes|filh|serie|ano\b|opc|aula|turma|parte|etapa|materia|disciplina|crianca|semana|avaliacao"
    r"|visita|mensagem|pergunta|unidade|parcela|via|fase|chance|menina|neta|lingua|alternativa|mensalidade"
    r"|pessoa|do mes|quinzena)"
)
_PART_OF_DAY_AFTER = re.compile(r"^,? (?:a|de|pela) (?:tarde|manha|noite)\b")
# "Ter de tarde", "ter às duas" and "ter qua" begin a clause; "vai ter de tarde?" is the verb.
_BEGINS = re.compile(r"(?:^|[.,;!?\n]) ?$")
_TIME_AFTER = re.compile(
    r"^,? (?:(?:a|de|pela) (?:tarde|manha|noite)\b|(?:as )?\d{1,2} ?(?:h\b|hs\b|horas?\b|:\d|$)"
    rf"|as {UNIT_WORD}(?: (?:e|da)\b| horas?\b|\W*$)|(?:qua|qui|sex|sab)\b)"
)
_ORDINAL_BEFORE = re.compile(
    r"(?:\b(?:minha|meu|rua|avenida|av|bairro|largo|praca|da|em) (?=(?:segunda|terceira|quinta) (?:da|do) )"
    r"|\bde (?=primeira|segunda (?:mao|linha)))$"
)
_NUMBERED = rf"(?P<n>{CARDINAL})"
_DAY_RANGE = re.compile(
    rf"\b(?:d[oe] (?:dia )?|entre (?:os? )?(?:dias? )?(?:o )?|dias? )(?P<a>\d{{1,2}})(?:/\d{{1,2}})? ?(?P<to>a"
    rf"|ao|ate|ate o|e|-) ?(?:o )?(?:dia )?(?P<b>\d{{1,2}})\b(?! ?(?:h\b|hs\b|hrs?\b|horas?\b|:|anos|reais"
    rf"|vezes|minutos|alunos))(?:(?:/| ?de )(?P<month>\d{{1,2}}|{_MONTH}))?"
)
_SLASHED = re.compile(
    r"(?<![\d/.,$-])(?:dia )?(?P<d>\d{1,2})(?P<sep>[/.-])(?P<m>\d{1,2})(?:(?P=sep)(?P<y>\d{4}|\d{2}))?(?![\d/]"
    r"|[.,-]\d|%| ?(?:h\b|hs\b|hrs?\b|horas\b))"
)
_OF_MONTH = re.compile(
    rf"\b(?:dias? )?(?P<list>(?:{CARDINAL}|primeiro|1o)(?:(?: ?, ?| ou "
    rf"| e )(?:dia )?{CARDINAL})*)(?: d[eo] (?P<m1>{_MONTH})|(?<=\d) ?(?P<m2>{_MONTH}))(?:(?: de |/| )(?P<y>{_YEAR}))?"
)
_DAY_NUMBERS = re.compile(
    rf"\b(?:dias? |(?<=\bno )|(?<=\bpro ))(?P<list>(?:{CARDINAL}|primeiro|1o)(?:(?: ?, ?| ou | e | ou no "
    rf"| e no )(?:o )?(?:dia )?{CARDINAL}\b(?! ?(?:h\b|hs\b|hrs?\b|horas|:|min|meia|anos|filh|crianc"
    r"|menin)))*)(?!\d| ?(?:h\b|hs\b|hrs?\b|horas?\b|:\d|/\d|vezes|de semana|min)| (?:mes|ano|dia|bimestre"
    r"|contato|momento|semestre|nivel|encontro|horario)\b)"
    r"(?P<month> (?:do|desse|deste) (?:mes que vem|proximo mes|outro mes|mes))?"
)
_NUMBER = re.compile(rf"{CARDINAL}|primeiro")
_AHEAD = re.compile(
    rf"\b(?:daqui|daki|dentro de|em)(?: a| ha)? (?P<n>{CARDINAL}|uns? {CARDINAL}"
    rf"|umas? {CARDINAL}) (?P<unit>dias?|semanas?|mes|meses|horas?|minutos?)\b"
)
_EDGE = (
    r"(?:(?P<edge>(?:n?[oa] |para [oa] |mais para [oa] )?(?:inicio|comeco|comecinho|meio|fim|final"
    r"|finalzinho)) d[aeo]s? )?"
)
_WEEK = re.compile(
    rf"\b{_EDGE}(?:(?P<next>sem(?:ana)? que vem|(?:n?a )?proxima semana|(?P<short>n?a proxima(?=\W*$))"
    r"|semana proxima|semana seguinte|semana que entra)|(?P<this>(?:n|d)?ess?t?a semana|semana atual"
    r"|esta semana)|(?P<other>(?:na |a )?outra semana|semana sem ser essa|duas semanas))\b"
)
_WEEKEND = re.compile(
    r"\b(?P<this>(?:n?ess?t?e|esse) )?(?:fim|final|finais) de semana\b(?P<next> que vem| proximo| seguinte)?"
    r"|\b(?P<before>proximo )(?:fim|final) de semana\b"
)
_MONTH_AHEAD = re.compile(
    r"\b(?P<edge>(?:inicio|comeco|meio|fim|final) d[eo] )?(?:(?P<next>mes que vem|proximo mes|outro mes)"
    r"|(?P<this>(?:n|d)?ess?t?e mes|esse mes|(?<=inicio do )mes|(?<=comeco do )mes|(?<=fim do )mes"
    r"|(?<=final do )mes))\b"
)
_NAMED_MONTH = re.compile(
    r"\b(?P<edge>(?:inicio|comeco|meio|fim|final) de )?(?:(?<=em )|(?<=de )|(?<=para )|(?<=la por )|(?<=so por )"
    r"|(?<=mes de )|(?<=so em )|^(?=\w+\W*$)"
    rf"|(?<=agora em ))(?P<m>{_FULL_MONTH})(?: (?:de )?(?P<y>{_YEAR}))?"
)
_YEAR_AHEAD = re.compile(r"\b(?:ano que vem|proximo ano)\b")
_HALF_MONTH = re.compile(
    rf"\b(?P<which>primeira|segunda|1a|2a) quinzena(?: d[eo] (?P<m>{_FULL_MONTH}|mes que vem|mes))?"
)
_WORKING_DAYS = re.compile(
    r"\b(?:dias? de semana|dias? (?:uteis|util)|durante a semana|meio de semana|todos os dias da semana)\b"
)
_WEEK_OF_DAY = re.compile(r"\bsemana d[oe] (?:dia )?(?P<d>\d{1,2})(?:/(?P<m>\d{1,2}))?(?![\d/])")
_NEAR_DAYS = re.compile(
    r"\b(?P<either>amanha ou depois(?! d)(?: de amanha)?)|\b(?P<after>depois de amanha)|\b(?P<tomorrow>amanha)\b"
    r"|\b(?P<today>hoje)\b(?! em dia)|\b(?P<now>agora mesmo|ir agora|passar (?:ai )?agora|ainda agora|nesse instante)\b"
)

Rule = Callable[[re.Match[str], Almanac], Atom | None]


def _weekday(written: str) -> Weekday:
    return _STEMS[written[:3]] if written[:3] in _STEMS else _STEMS[written[0]]


def _names(written: str) -> tuple[Weekday, ...]:
    names = [_weekday(match.group()) for match in _ONE.finditer(written)]
    return tuple(dict.fromkeys(names))


def _weekday_range(match: re.Match[str], _: Almanac) -> Atom | None:
    first, last = WEEKDAYS.index(_weekday(match["a"] or match["c"])), WEEKDAYS.index(_weekday(match["b"]))
    return Days(WEEKDAYS[first : last + 1], span=True) if first < last else None


def _is_weekday(match: re.Match[str]) -> bool:
    """Tell a weekday from an ordinal ("segunda vez"), a verb ("ter") and a numeral ("2a")."""
    written, rest = match["names"], match.string[match.end() :]
    if _ORDINAL_AFTER.match(rest) and "feira" not in written:
        return False
    # The last two are weekdays only beside other weekdays or after an article, "5a" also before a part of the day.
    led = re.search(r"\b(?:na|nas|toda|de|para|para a|feira|as) $", match.string[: match.start()])
    if written == "ter" and _BEGINS.search(match.string[: match.start()]) and _TIME_AFTER.match(rest):
        return True
    alone = len(_ONE.findall(written)) == 1 and _ABBREVIATED.fullmatch(written)
    return not alone or bool(led and written != "ter") or bool(written != "ter" and _PART_OF_DAY_AFTER.match(rest))


def _weekdays(match: re.Match[str], almanac: Almanac) -> Atom | None:
    if not _is_weekday(match):
        return None
    names = _names(match["names"])
    if match["nextweek"] or (match["next"] and match["comes"]):
        return Dates(tuple(almanac.in_week(name, 1) for name in names))
    if match["comes"] or match["next"]:
        if any(almanac.still_ahead_this_week(name) for name in names):
            weeks = [Dates(tuple(almanac.in_week(name, week) for name in names)) for week in (0, 1)]
            return Unclear(tuple(weeks))
        return Dates(tuple(almanac.in_week(name, 1) for name in names))
    if match["this"] or match["thisweek"]:
        return Dates(tuple(almanac.today if almanac.is_today(n) else almanac.weekday(n) for n in names))
    return Days(names)


def _month_number(written: str) -> int:
    return int(written) if written.isdigit() else _MONTHS.index(written[:3]) + 1


def _day_range(match: re.Match[str], almanac: Almanac) -> Atom | None:
    first, last = int(match["a"]), int(match["b"])
    if match["to"] == "e" and not match.group().startswith("entre"):
        return None  # "dias 26 e 27" are two days
    if not (match["month"] or "dia" in match.group() or match.group().startswith(("entre os", "do "))):
        # "Entre 12 e 14" is read as hours; "de 9 a 11" may be either.
        return None if match.group().startswith("entre") else Unclear()
    if match["month"]:
        month = _month_number(match["month"])
        if month > 12:
            return Unclear()
        begin, stop = almanac.date(first, month), almanac.date(last, month)
    else:
        begin = almanac.day_of_month(first)
        stop = begin and Almanac(dt.datetime.combine(begin, dt.time.min, almanac.now.tzinfo)).day_of_month(last)
    return Stretch(begin, stop) if begin and stop and begin <= stop else Unclear()


def _slashed(match: re.Match[str], almanac: Almanac) -> Atom | None:
    day, month, separator = int(match["d"]), int(match["m"]), match["sep"]
    named = match.group().startswith("dia")
    if separator != "/" and not (named or match["y"]) and _may_be_hours(day, month, separator):
        return None
    year = int(match["y"]) if match["y"] else None
    found = almanac.date(day, month, year)
    return Dates((found,)) if found else Unclear()


def _may_be_hours(first: int, second: int, separator: str) -> bool:
    """Tell 14.30 and 9-11 from 24.11, 17.12 and 18-12: no clock shows 24, nobody comes at 17:12, no range goes down."""
    if second > 12:
        return True
    return first < second if separator == "-" else first <= 23 and second % 5 == 0


def _of_month(match: re.Match[str], almanac: Almanac) -> Atom | None:
    month = _month_number(match["m1"] or match["m2"])
    year = int(match["y"]) if match["y"] else None
    days = [almanac.date(_day_number(number.group()), month, year) for number in _NUMBER.finditer(match["list"])]
    return _all(days)


def _day_numbers(match: re.Match[str], almanac: Almanac) -> Atom | None:
    start = almanac
    if match["month"] and match["month"].split()[-1] in {"vem", "mes"} and len(match["month"].split()) > 2:
        first, _ = almanac.month(almanac.today.month % 12 + 1, almanac.today.year + (almanac.today.month == 12))
        start = Almanac(dt.datetime.combine(first, dt.time.min, almanac.now.tzinfo))
    days = [start.day_of_month(_day_number(number.group())) for number in _NUMBER.finditer(match["list"])]
    return _all(days)


def _day_number(written: str) -> int:
    return 1 if written == "primeiro" else cardinal(written)


def _all(days: list[dt.date | None]) -> Atom:
    known = [day for day in days if day is not None]
    return Dates(tuple(dict.fromkeys(known))) if len(known) == len(days) and known else Unclear()


def _ahead(match: re.Match[str], almanac: Almanac) -> Atom | None:
    number = cardinal(match["n"].split(" ")[-1] if match["n"].startswith("u") and " " in match["n"] else match["n"])
    unit = match["unit"]
    if unit.startswith(("hora", "minuto")):
        return None
    if unit.startswith("mes"):
        month = (almanac.today.month - 1 + number) % 12 + 1
        first, last = almanac.month(month, almanac.today.year + (almanac.today.month - 1 + number) // 12)
        return Stretch(first, last)
    return Dates((almanac.after(number * (7 if unit.startswith("semana") else 1)),))


_EDGES = {"in": (0, 1), "co": (0, 1), "me": (1, 3), "fi": (3, 4)}


def _week(match: re.Match[str], almanac: Almanac) -> Atom | None:
    if match["other"]:
        return Unclear(())
    if match["short"] and "semana" not in match.string[: match.start()]:
        return None
    weeks = 1 if match["next"] else 0
    first, last = 0, 4
    if match["edge"]:
        edge = match["edge"].split()[-1][:2]
        first, last = _EDGES[edge]
    monday = almanac.monday(weeks)
    earliest, latest = (monday + dt.timedelta(days=days) for days in (first, last))
    if weeks == 0:
        earliest = max(earliest, almanac.today)
        if latest < earliest:
            return Unclear()
    return Stretch(earliest, latest, None if match["edge"] else weeks)


def _weekend(match: re.Match[str], almanac: Almanac) -> Atom | None:
    saturday = almanac.in_week("sat", 0)
    if match["next"] or match["before"]:
        if almanac.today < saturday:
            return Unclear(
                tuple(Dates((day, day + dt.timedelta(days=1))) for day in (saturday, saturday + dt.timedelta(days=7)))
            )
        saturday += dt.timedelta(days=7)
        return Dates((saturday, saturday + dt.timedelta(days=1)))
    if match["this"]:
        return Dates(tuple(d for d in (saturday, saturday + dt.timedelta(days=1)) if d >= almanac.today))
    return Days(("sat", "sun"))


def _month_ahead(match: re.Match[str], almanac: Almanac) -> Atom | None:
    if match["edge"]:
        return Unclear()
    if match["next"]:
        next_month = almanac.today.month % 12 + 1
        return Stretch(*almanac.month(next_month, almanac.today.year + (next_month == 1)))
    return Stretch(*almanac.month(almanac.today.month))


def _named_month(match: re.Match[str], almanac: Almanac) -> Atom | None:
    year = int(match["y"]) if match["y"] else None
    if match["edge"] or (year is not None and year < almanac.today.year):
        return Unclear()
    return Stretch(*almanac.month(_month_number(match["m"]), year))


def _year_ahead(_: re.Match[str], almanac: Almanac) -> Atom | None:
    year = almanac.today.year + 1
    return Stretch(dt.date(year, 1, 1), dt.date(year, 12, 31))


def _half_month(match: re.Match[str], almanac: Almanac) -> Atom | None:
    named = match["m"]
    if named and named.startswith("mes que"):
        first, last = almanac.month(almanac.today.month % 12 + 1, almanac.today.year + (almanac.today.month == 12))
    else:
        month = almanac.today.month if named in {None, "mes"} else _month_number(str(named))
        first, last = almanac.month(month)
    middle = last.replace(day=15)
    if match["which"] in {"primeira", "1a"}:
        return Stretch(first, middle) if first <= middle else Unclear()
    return Stretch(max(first, middle + dt.timedelta(days=1)), last)


def _week_of_day(match: re.Match[str], almanac: Almanac) -> Atom | None:
    day, month = int(match["d"]), match["m"]
    found = almanac.date(day, int(month)) if month else almanac.day_of_month(day)
    if found is None:
        return Unclear()
    monday = found - dt.timedelta(days=found.weekday())
    return Stretch(max(monday, almanac.today), monday + dt.timedelta(days=4)) if found.weekday() < 5 else Unclear()


def _working_days(_: re.Match[str], __: Almanac) -> Atom | None:
    return Days(WEEKDAYS[:5], span=True)


def _near_days(match: re.Match[str], almanac: Almanac) -> Atom | None:
    if match["either"]:
        return Dates((almanac.after(1), almanac.after(2)))
    days = 2 if match["after"] else 1 if match["tomorrow"] else 0
    return Dates((almanac.after(days),))


# In this order: what one rule reads, the next ones do not see.
_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (_HALF_MONTH, _half_month),
    (_WEEK_OF_DAY, _week_of_day),
    (_DAY_RANGE, _day_range),
    (_OF_MONTH, _of_month),
    (_SLASHED, _slashed),
    (_DAY_NUMBERS, _day_numbers),
    (_AHEAD, _ahead),
    (_WEEKEND, _weekend),
    (_WORKING_DAYS, _working_days),
    (_WEEKDAY_RANGE, _weekday_range),
    (_WEEKDAYS, _weekdays),
    (_WEEK, _week),
    (_MONTH_AHEAD, _month_ahead),
    (_NAMED_MONTH, _named_month),
    (_YEAR_AHEAD, _year_ahead),
    (_NEAR_DAYS, _near_days),
)
# Any of these letters must be there for a rule to have a chance; most messages have none.
_WORTH_READING = re.compile(
    r"\d|dia|seg|ter|qua(?!nto|ndo|l|is)|qui|sex|sab|dom|semana|mes\b|ano\b|hoje|amanha|agora|daqui|dentro|em |quinzena"
    r"|janeiro|feveiro|marco|abril|maio|ju[nl]ho|agosto|bro\b|vereiro"
)


def may_name_days(text: str) -> bool:
    """Whether it is worth looking for days in a text."""
    return _WORTH_READING.search(text) is not None


def read_days(text: str, almanac: Almanac) -> Iterator[Placed]:
    """Every day named in `text`, in no particular order."""
    if not may_name_days(text):
        return
    for pattern, rule in _RULES:
        taken = []
        for match in pattern.finditer(text):
            atom = rule(match, almanac)
            if atom is not None:
                taken.append(match.span())
                yield Found(atom, match.start(), match.end())
        for start, end in taken:
            text = text[:start] + "#" * (end - start) + text[end:]
