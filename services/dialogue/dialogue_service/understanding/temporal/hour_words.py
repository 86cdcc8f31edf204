"""Reads the words for hours: "às 14h30", "2 e meia", "depois das 15", "das 9 às 11", "de tarde"."""

import re
from collections.abc import Callable, Iterable, Iterator

from dialogue_service.understanding.numerals import CARDINALS, UNIT_WORD
from dialogue_service.understanding.page import Found
from dialogue_service.understanding.temporal.atoms import Atom, Bounds, Hour, Part, Placed, Point, Unclear, Whenever
from dialogue_service.understanding.values import DayPeriod

# Stands for each letter of a day already read, in the text in which hours are looked for.
DAY = "~"
_MINUTE_WORDS = {
    "meia": 30,
    "quinze": 15,
    "vinte": 20,
    "trinta": 30,
    "quarenta": 40,
    "quarenta e cinco": 45,
    "dez": 10,
    "cinco": 5,
}
_MINUTES = r"(?:meia|quinze|vinte|trinta|quarenta e cinco|quarenta|dez|cinco|[0-5]\d)"
_HOUR = rf"(?:[01]?\d|2[0-4]|(?:vinte(?: e (?:um|uma|dois|duas|tres))?|{UNIT_WORD})\b)"
_UNIT = r"(?:hs?|hrs?|horas?|hras?)(?![a-z])"
_DAY_PART = r"(?:manhazinha|manha|tardinha|tardezinha|tarde|noite|noitinha|madrugada|matina)"


def _clock(tag: str) -> str:
    """One hour with optional minutes and part of the day; groups carry `tag`."""
    return (
        rf"(?:(?P<named{tag}>meio[- ]dia|meia[- ]noite)"
        rf"|(?P<h{tag}>(?<![\d,.:/$]){_HOUR})"
        rf"(?:(?:[:.](?P<mc{tag}>[0-5]\d)(?!\d)"
        rf"|(?P<u{tag}> ?{_UNIT}))(?: ?{_UNIT})?(?:(?<=[hs]) ?(?P<mh{tag}>[0-5]\d)(?![\d/:h.]))?(?: ?min"
        r"(?:utos)?\b)?)?)"
        rf"(?: e (?P<me{tag}>{_MINUTES})\b(?! ?(?:{_UNIT}|anos|min\w* de)))?(?: ?minutos)?"
        rf"(?: ?(?:d[aeo]|n[ao]|a) (?P<p{tag}>{_DAY_PART})\b| ?(?P<ap{tag}>am|pm)\b)?"
    )


_NO_HOUR_AFTER = (
    r"(?! ?(?:vez|dias?\b|seman|mes(?:es)?\b|anos?\b|aninhos|reais|conto|%|filh|crianc|menin|alun|materi"
    r"|disciplin|opc|horarios|aulas|min|pessoas|unidades"
    r"|primeir|ultim|irma|net|parcel|x\b|prest|juntas|salas|quadras|coisas|alternativas|pergunt|duvid"
    r"|[oa]\b (?:ano|serie)|o ano|a serie|[oa]? ?-?feira))(?![\d/:º]|[.,]\d|[oa]\b(?! (?:tarde|noite|manha)))"
)
_ABOUT = (
    r"(?:(?:la )?(?:pel[ao]s?|por volta d[ae]s?|para as?|umas|a?s|n?as|tipo(?: as)?|em torno das|cerca das"
    r"|perto das|mais ou menos as)|so as|as|ali pelas|entorno das)"
)
_RANGE = re.compile(
    rf"\b(?:(?P<das>d[aeo]s?|entre(?: as?)?|desde as?|a partir d[ae]s?) )?{_clock('1')} ?(?P<to>a?s|ao?"
    rf"|ate(?: as?| o)?|e(?: as?)?|-|ate a) ?{_clock('2')}{_NO_HOUR_AFTER}"
)
_TO_THE_HOUR = re.compile(
    rf"\b(?:(?:as|{_ABOUT}) )?(?P<m>quinze|dez|cinco|vinte|15|10|5|20) (?:para|pras|p) (?:as |a |o )?{_clock('1')}"
)
_FROM = re.compile(
    r"\b(?:(?:so |somente |apenas )?(?:depois|apos|a partir|partir|passad[ao]s?|mais tarde que|desde"
    rf"|acima)(?: d[aeo]s?| as?| o)?(?: (?:as|umas))?) {_clock('1')}{_NO_HOUR_AFTER}"
)
_FROM_AFTER = re.compile(
    rf"\b(?:(?:d?as|a partir das) )?{_clock('1')}{_NO_HOUR_AFTER},? (?:em diante|para frente|para la|ou mais tarde"
    r"|ou depois|adiante)"
)
_UNTIL = re.compile(
    r"\b(?:(?:so |no maximo |de preferencia )?(?:antes|ate)(?: d[aeo]s?| as?| o| no maximo as)?(?: (?:as"
    rf"|umas))?) {_clock('1')}{_NO_HOUR_AFTER}"
)
_LED = re.compile(rf"\b{_ABOUT} {_clock('1')}{_NO_HOUR_AFTER}")
_SURE = re.compile(rf"\b{_clock('1')}{_NO_HOUR_AFTER}")
_OR_ANOTHER = re.compile(rf"^ ?(?:ou|,|/|, ?ou|e) ?(?:as )?{_clock('1')}{_NO_HOUR_AFTER}(?! de\b)")
_DURATION_AFTER = re.compile(
    r"^(?: e meia)? (?:de (?:aula|duracao|atividade|estudo|curso|licao|antecedencia|viagem|distancia|carro"
    r"|onibus|sessao|visita|conversa)|por (?:dia|semana|aula|mes|sessao|vez)|cada|semanais|diari|(?:no "
    rf"|ao )dia|na semana|de {DAY}|antes|depois d|apos)"
)
_DURATION_BEFORE = re.compile(
    r"(?:\b(?:duram?|durante|por|leva|demora|quantas|de|fica|sao|em|ha|faz|cada aula|aula de|aulas de|menos de"
    r"|mais de|meia|carga|umas|dentro de|daqui a?|1|uma|antecedencia de|atrasa\w*) $)"
)
_PARTS: tuple[tuple[re.Pattern[str], DayPeriod], ...] = (
    (re.compile(r"\b(?:depois d[eo] |apos |pos[- ]?)(?:o )?(?:horario (?:de|do) )?(?:almoco|almocar)\b"), "afternoon"),
    (re.compile(r"\bantes d[eo] (?:horario (?:de|do) )?(?:almoco|almocar)\b"), "morning"),
    (
        re.compile(
            r"\b(?:(?:n[ao]|o|d[eo]) )?(?:periodo|turno|horario|parte) (?:d[ae] |n[ao] )?(?:manha|matutino|matinal)\b"
            r"|\bmatutino\b|\bmatinal\b"
        ),
        "morning",
    ),
    (
        re.compile(
            r"\b(?:(?:n[ao]|o|d[eo]) )?(?:periodo|turno|horario|parte) (?:d[ae] |n[ao] )?(?:tarde|vespertino)\b"
            r"|\bvespertino\b"
        ),
        "afternoon",
    ),
    (
        re.compile(
            r"\b(?:(?:n[ao]|o|d[eo]) )?(?:periodo|turno|horario|parte) (?:d[ae] |n[ao] )?(?:noite|noturno)\b"
            r"|\bnoturno\b"
        ),
        "evening",
    ),
    (
        re.compile(
            r"\b(?:(?:n[ao]|a|pel[ao]|de|d[ao]|para a|durante a) )?(?:(?:inicio|comeco|comecinho|meio|final|finalzinho"
            r"|fim|fimzinho|parte) d[ae] )?(?:manha|manhazinha|manhas)\b(?: (?:bem )?ced(?:o|inho))?|\b(?:bem|logo"
            rf"|de manha) ced(?:o|inho)\b|(?<={DAY} )ced(?:o|inho)\b|\bcedinho\b|\bmadrugada\b"
        ),
        "morning",
    ),
    (
        re.compile(
            r"(?<!mais )(?<!muito )(?<!tao )(?<!meio )(?<!ja e )(?<!ficou )(?<!um pouco )\b(?:(?:n[ao]|a|as|pel[ao]|de"
            r"|d[ao]|para a|durante a) )?(?:(?:inicio|comeco|comecinho|meio|final|finalzinho|fim|fimzinho"
            r"|parte) d[ae] )?(?:tardes?|tardinha|tardezinha)\b(?! demais| (?:do que|para mim sair))"
        ),
        "afternoon",
    ),
    (
        re.compile(
            r"\b(?:(?:n[ao]|a|as|pel[ao]|de|d[ao]|para a|durante a) )?(?:(?:inicio|comeco|comecinho|final"
            r"|fim) d[ae] )?(?:noites?|noitinha)\b"
        ),
        "evening",
    ),
)
# "De quatro e quinze" are two ages, "quatro e vinte" alone is an hour.
_COUNTS = re.compile(r"\b(?:d[eo]s?|com|tem|tenho|sao|fez|,) $")
_LUNCH_TIME = re.compile(r"\b(?:n[ao]|durante o|no meu) (?:hora|horario|intervalo) d[eo] almoco\b|\bno almoco\b")
_WHENEVER = re.compile(
    r"\b(?:(?:a |em |para )?qualquer (?:um )?(?:dia|horario|hora|data|momento|periodo|turno)(?: (?:e|ou"
    r"|e em) qualquer (?:hora|horario|dia))?(?: da semana| do dia)?(?: (?:serve|esta bom|da certo|pode))?"
    r"|tanto faz(?: (?:o |a )?(?:dia|hora|horario|data|periodo)?(?: e (?:o |a )?(?:dia|hora|horario))?)?"
    r"|tanto o dia quanto o horario|indiferente|quando (?:(?:for|fosse|ficar) melhor|(?:voces "
    r"|voce )?(?:quiserem?|puderem?|tiverem?(?: (?:vaga|horario|disponi\w*))?)|der)"
    r"|(?:no |o )?(?:horario |dia |hora |data )?que (?:(?:voces|voce) )?(?:tiver(?:em)?(?: (?:vaga|disponivel"
    r"|livre))?|preferir(?:em)?|puder(?:em)?|quiser(?:em)?)|o que for melhor|a hora que (?:voces )?(?:quiser"
    r"|puder)(?:em)?|(?:sou |estou |tenho |meu )?(?:horario|horarios|agenda|dia)s? (?:bem |super |totalmente |e |esta "
    r"|bem )*(?:livre|flexive[li]s?|abert[oa])|sou flexivel|tenho (?:total |toda "
    r"|o dia todo de )?(?:disponibilidade|flexibilidade)(?: total| de horarios?)?(?= ?(?:$|[.,!?\n]|o dia))"
    r"|estou (?:livre|disponivel)(?: (?:o dia todo|sempre|todos os dias|qualquer hora))?(?= ?(?:$|[.,!?\n]))"
    r"|sempre (?:livre|disponivel)|o dia (?:todo|inteiro)|(?:o )?(?:mais rapido|quanto antes|mais breve"
    r"|mais cedo) possivel|(?:o )?quanto antes|todo dia|todos os dias|sem preferencia(?: de \w+)?"
    r"|nao tenho preferencia(?: de \w+)?|voces? escolhem? o (?:dia|horario|melhor (?:dia|horario)))\b"
)
_WORTH_READING = re.compile(
    r"\d|manha|tarde|noit|cedo|almoc|meio|meia|hora|qualquer|tanto faz|quando|livre|disponi|flexi|rapido|antes"
    r"|todo|prefer|indifer|escolhe|turno|matut|vesper|noturn|cedinho|madrug| as |pelas|duas|tres|uma |quatro|cinco"
    r"|nove|dez|onze|aberta|breve|que tiver|que voce|melhor|tardinha"
)


Take = Callable[[Atom | None, int, int], Iterator[Placed]]
"""Collects an atom at a range, unless the range is taken: then it yields nothing."""


def _minutes(match: re.Match[str], tag: str) -> int:
    if match[f"mc{tag}"] or match[f"mh{tag}"]:
        return int(match[f"mc{tag}"] or match[f"mh{tag}"])
    words = match[f"me{tag}"]
    return 0 if words is None else _MINUTE_WORDS.get(words) or int(words)


def read_hour(match: re.Match[str], tag: str) -> Hour | None:
    """Return the hour that `_clock(tag)` matched; None when no clock shows it."""
    named = match[f"named{tag}"]
    if named:
        return Hour(0 if "noite" in named else 12, _minutes(match, tag), certain=True)
    written = match[f"h{tag}"]
    hour = int(written) if written.isdigit() else CARDINALS[written]
    minute = _minutes(match, tag)
    part = match[f"p{tag}"] or {"am": "manha", "pm": "tarde"}.get(match[f"ap{tag}"] or "")
    if hour > 23 or minute > 59:
        return None
    if part:
        hour, certain = in_part(hour, _part_of(part)), True
    else:
        certain = hour > 12 or hour == 0 or (written[0] == "0" and hour > 6)
    return Hour(hour, minute, certain=certain)


def _part_of(word: str) -> str:
    return (
        "madrugada"
        if word == "madrugada"
        else "morning"
        if word.startswith("ma")
        else "afternoon"
        if word.startswith("ta")
        else "evening"
    )


def in_part(hour: int, part: str) -> int:
    """Return a twelve-hour number within a part of the day, as a number of the 24-hour clock."""
    if part == "afternoon" and 1 <= hour <= 8:
        return hour + 12
    if part == "evening" and 5 <= hour <= 11:
        return hour + 12
    return 0 if hour == 12 and part in {"evening", "madrugada"} else hour


def _stands_alone(match: re.Match[str], tag: str) -> bool:
    """Written so that it is an hour without a preposition before it."""
    spoken = match[f"h{tag}"] and match[f"h{tag}"].isalpha() and not _COUNTS.search(match.string[: match.start()])
    return bool(
        match[f"named{tag}"]
        or match[f"u{tag}"]
        or match[f"mc{tag}"]
        or match[f"p{tag}"]
        or match[f"ap{tag}"]
        or match[f"me{tag}"] == "meia"
        or (spoken and match[f"me{tag}"] in {"quinze", "vinte", "trinta", "quarenta", "quarenta e cinco"})
        or (match[f"h{tag}"] and match.string[match.end() :].startswith(" em ponto"))
    )


def _is_duration(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()][-16:], match.string[match.end() :]
    spoken_unit = bool(match["u1"]) and not match["p1"]
    return spoken_unit and bool(_DURATION_AFTER.match(after) or _DURATION_BEFORE.search(before))


def _range(match: re.Match[str]) -> Atom | None:
    first, last = read_hour(match, "1"), read_hour(match, "2")
    if first is None or last is None or _is_day_at_hour(match):
        return None
    sure = _stands_alone(match, "1") or _stands_alone(match, "2")
    led = match["das"] is not None and (match["das"].startswith(("das", "entre", "desde", "a partir")))
    if match["to"].startswith("e") and not (match["das"] or "").startswith("entre"):
        return None
    if match["to"] == "a" and not (sure or led):
        return None
    if not (sure or led or match["to"] in {"as", "ate as"}):
        return None
    part = match["p2"]
    if part and not match["p1"] and not match["named1"] and first.hour <= 12:
        shifted = Hour(in_part(first.hour, _part_of(part)), first.minute, certain=True)
        first = shifted if (shifted.hour, shifted.minute) < (last.hour, last.minute) else first
    return Bounds(first, last)


def _is_day_at_hour(match: re.Match[str]) -> bool:
    """Whether it is "dia 20 às 10h", which names no two hours."""
    return match["to"] in {"as", "s", "a"} and bool(re.search(r"\bdias? $", match.string[: match.start()]))


def _to_the_hour(match: re.Match[str]) -> Atom | None:
    hour = read_hour(match, "1")
    if hour is None:
        return None
    minutes = _MINUTE_WORDS.get(match["m"]) or int(match["m"])
    total = (hour.hour or 24) * 60 + hour.minute - minutes
    # "Quinze para as três": the named hour decides the half of the day.
    at = total // 60
    if not hour.certain and 1 <= hour.hour <= 6:
        at += 12
    certain = hour.certain or hour.hour not in {7, 8}
    return (
        Point(Hour(at % 24, total % 60, certain=certain))
        if certain
        else Point(Hour(at % 24, total % 60, certain=False))
    )


def _point(match: re.Match[str]) -> Atom | None:
    hour = read_hour(match, "1")
    return None if hour is None or _is_duration(match) else Point(hour)


def may_name_hours(text: str) -> bool:
    """Whether it is worth looking for hours, parts of the day or indifference in a text."""
    return _WORTH_READING.search(text) is not None


def read_hours(text: str) -> Iterator[Placed]:
    """Every hour, part of the day or indifference in `text`, its days hidden under `DAY`; in no particular order."""
    if not may_name_hours(text):
        return
    taken: list[tuple[int, int]] = []

    def take(atom: Atom | None, start: int, end: int) -> Iterator[Placed]:
        if atom is not None and not any(start < b and a < end for a, b in taken):
            taken.append((start, end))
            yield Found(atom, start, end)

    for match in _WHENEVER.finditer(text):
        yield from take(Whenever(), *match.span())
    for match in _LUNCH_TIME.finditer(text):
        yield from take(Unclear(), *match.span())
    yield from _read_bounds(hide(text, taken), take)
    yield from _read_points(hide(text, taken), take)
    for pattern, period in _PARTS:
        for match in pattern.finditer(hide(text, taken)):
            yield from take(Part(period), *match.span())


def hide(text: str, taken: Iterable[tuple[int, int]], mark: str = "#") -> str:
    """`text` of the same length with these ranges under a mark."""
    for start, end in taken:
        text = text[:start] + mark * (end - start) + text[end:]
    return text


def _read_bounds(text: str, take: Take) -> Iterator[Placed]:
    for match in _TO_THE_HOUR.finditer(text):
        yield from take(_to_the_hour(match), *match.span())
    for match in _RANGE.finditer(text):
        yield from take(_range(match), *match.span())
    for pattern, lower in ((_FROM_AFTER, True), (_FROM, True), (_UNTIL, False)):
        for match in pattern.finditer(text):
            hour = read_hour(match, "1")
            if hour is not None:
                yield from take(Bounds(hour, None) if lower else Bounds(None, hour), *match.span())


def _read_points(text: str, take: Take) -> Iterator[Placed]:
    walked: set[int] = set()
    for pattern in (_LED, _SURE):
        for match in pattern.finditer(text):
            if pattern is _SURE and not _stands_alone(match, "1") and not _before_another(text, match):
                continue
            point = _point(match)
            if point is None:
                continue
            yield from take(point, *match.span())
            yield from _others(text, match.end(), take, walked)


def _before_another(text: str, match: re.Match[str]) -> bool:
    """Whether the first number borrows its unit from the second ("14 ou 15h")."""
    after = re.match(rf" ou (?:as )?{_clock('9')}", text[match.end() :])
    return bool(after and (after["u9"] or after["mc9"]))


def _others(text: str, position: int, take: Take, walked: set[int]) -> Iterator[Placed]:
    """Each hour joined to the one before `position`; what stands behind a place in `walked` was taken already."""
    while position not in walked:
        walked.add(position)
        match = _OR_ANOTHER.match(text[position:])
        joint = match and text[position : position + match.start("h1") if match["h1"] else position]
        if match is None or (not _stands_alone(match, "1") and " as " not in f"{joint} " and "ou" not in str(joint)):
            return
        hour = read_hour(match, "1")
        if hour is None or not match["h1"]:
            return
        yield from take(Point(hour), position + match.start("h1"), position + match.end())
        position += match.end()
