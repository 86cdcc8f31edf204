"""Which of the offered slots a turn chooses."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from dialogue_service.understanding.intents.rule import SURE
from dialogue_service.understanding.numerals import ORDINALS
from dialogue_service.understanding.page import blank
from dialogue_service.understanding.temporal import Wish
from dialogue_service.understanding.values import WEEKDAYS, Context, TimePreference

# Questions to which a bare number is an answer of another kind.
_NUMBER_IS_ELSE = frozenset({"student_age", "school_grade", "confirm_visit", "parent_name", "student_name", "subjects"})
_NOT_A_CHOICE = re.compile(
    r"\b(?:nenhum[a]?|outr[oa]s? (?:horario|dia|opc|data|semana)\w*|mais (?:cedo|tarde)|quanto|primeira vez"
    r"|primeira aula|primeiro mes|que horas|qual(?: e| seria)?(?: [oa])? (?:primeir|ultim)[oa])\b"
)
_REFUSES = re.compile(r"\bnao (?:posso|consigo|da|serve|quero|rola)\b")
_EDGE = re.compile(r"\b(?:(?P<end>fim|final|finalzinho)|comeco|comecinho|inicio) d[ae] (?P<part>manha|tarde)\b")
_EDGES = {
    ("beginning", "manha"): (dt.time(0), dt.time(9, 30)),
    ("end", "manha"): (dt.time(11), dt.time(12)),
    ("beginning", "tarde"): (dt.time(12), dt.time(14, 30)),
    ("end", "tarde"): (dt.time(16), dt.time(18)),
}
_OF_PART = re.compile(r"\b(?:[oa]|n[oa]|d[oa]) d[ae] (?:manha|tarde|noite)\b")
_OF_HOUR = re.compile(r"\b(?:[oa]|n[oa]|d[oa]) d[ae]s (?P<h>\d{1,2})\b(?! ?(?:h|:|e\b))")
_PICK = (
    r"(?:(?:pode ser|prefiro|quero|vou querer|escolho|fico com|ficamos com|vamos de|vamos com|marca|agenda|serve"
    r"|sim|entao|acho que|vou de|melhor|bora de|a gente fica com|confirmo|pode marcar|pode agendar|reserva"
    r"|quero marcar|gostaria d[eo]|e|de|para) )*"
)
_LEAD = r"(?:(?:oi|ok|opa|certo|beleza|bom dia|boa tarde|boa noite|claro|sim|otimo|perfeito)[ ,!.]+)*"
_TAIL = (
    r"(?:[ ,!.]*(?:por favor|pode ser|mesmo|entao|obrigad[oa]|esta bom|esta otimo|para mim|fica bom|melhor"
    r"|e melhor|serve|ok|da lista|por gentileza|sim|ta|fica otimo|da certo|valeu|confirmado|pode marcar|marca ai"
    r"|e o melhor|e melhor para mim|acho melhor))*"
)
_NAME_OF_OPTION = r"(?:opc(?:ao|oes)|alternativa|numero|n[o.]?|horario|item|letra|data|slot|dia e horario)"
_BARE_NUMBER = re.compile(
    rf"^\W*{_LEAD}{_PICK}(?:[oa] )?(?:{_NAME_OF_OPTION} )?#?(?P<n>\d{{1,2}}|um|dois|tres|quatro|cinco)(?: ?[)ºª°.-]"
    rf"|[oa](?= |$))?{_TAIL}\W*$"
)
_OPTION_NUMBER = re.compile(r"\b(?:opcao|alternativa|numero|item|opc) (?P<n>\d|um|dois|tres|quatro|cinco)\b")
_SEVERAL = re.compile(
    rf"^\W*{_PICK}(?:[oa] )?(?:{_NAME_OF_OPTION} )?(?P<a>\d) ?(?:ou|e"
    rf"|/) ?(?:[oa] )?(?:{_NAME_OF_OPTION} )?(?P<b>\d){_TAIL}\W*$"
)
_ORDINAL = re.compile(
    r"\b(?P<article>[oa]|n[oa]|d[oa]|pel[oa]) (?P<word>primeir[oa]|segund[oa]|terceir[oa]|quart[oa]|quint[oa]"
    rf"|ultim[oa]|(?:[oa] )?do meio)(?P<named> {_NAME_OF_OPTION}| delas?| deles?| da lista| que (?:voce"
    r"|voces) (?:mandou|passou|falou|ofereceu))?(?! (?:vez|aula|feira|mes|filh|ano|serie|materia|pergunta"
    r"|semana|coisa|parcela|mensalidade|a (?:tarde|noite)|de (?:manha|tarde|noite)|pela|dia)\b| as? )(?![- ]feira)"
)
_ORDINAL_BARE = re.compile(
    rf"^\W*{_LEAD}{_PICK}(?P<word>primeir[oa]|terceir[oa]|ultim[oa])(?P<named> {_NAME_OF_OPTION})?{_TAIL}\W*$"
    rf"|\b(?P<word2>primeir[oa]|segund[oa]|terceir[oa]|ultim[oa]) {_NAME_OF_OPTION}\b"
)
_ANY = re.compile(
    r"\b(?:qualquer (?:um|uma|horario|dia|opcao|hora|data|dos|das|desses|dessas)|tanto faz|tant[oa] fas"
    r"|indiferente|o que (?:for melhor|voce (?:achar melhor|preferir)|ficar melhor|tiver)|(?:todos|todas"
    r"|os tres|as tres|os dois|as duas|ambos|ambas)(?: (?:os horarios|os dias|as opcoes))? (?:servem|sao bons"
    r"|ficam bons|me atendem|dao certo|estao bons|funcionam|sao otimos|pode ser)"
    r"|pode escolher|voce (?:que )?(?:sabe|escolhe|decide)|escolhe (?:voce|para mim|ai)|o (?:mais cedo"
    r"|mais rapido|mais proximo|quanto antes)(?: possivel)?|(?:que|quando) (?:for|ficar) melhor para (?:voce"
    r"|voces)|(?:pode ser )?qualquer|sem preferencia)\b"
)
_SAME = re.compile(
    r"^\W*(?:sim[, ]+)?(?:pode ser )?(?:ess[ea]|est[ea])(?: (?:mesm[oa]|horario|dia|ai|serve|esta bom|esta otimo"
    r"|fica bom|da certo))*\W*$"
)

_Choice = dt.datetime | Literal["any", "ambiguous"]


LIKELY = 0.7
"""How sure it is that who names a part of the day alone means the one slot in it, and no other time of that part."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice, the slots that may be meant when it is ambiguous, where the text makes it, and how sure it is."""

    slot: _Choice
    candidates: tuple[dt.datetime, ...]
    start: int
    end: int
    confidence: float = SURE


def choose(text: str, wish: Wish | None, context: Context) -> Chosen | None:
    """Return the offered slot that a turn picks, or None. `text` is normalised and without ages, names and the like."""
    offered = context.offered
    if not offered:
        return None
    # "mais cedo possível" is a choice, "mais cedo" is not.
    any_one = _ANY.search(text)
    if (
        any_one
        and not re.search(r"\bnao (?:pode|serve|da)\b", text)
        and (wish is None or wish.preference.to_json() == {"kind": "window"})
    ):
        slot: _Choice = offered[0] if len(offered) == 1 else "any"
        return Chosen(slot, (), *any_one.span())
    if context.asked not in _NUMBER_IS_ELSE:
        numbered = _by_number(text, offered)
        if numbered is None and context.asked in {"slot", "email"}:
            numbered = _by_number_beside(text, offered)
        if numbered:
            return numbered
    text = _without_questions(text)
    if _NOT_A_CHOICE.search(text):
        return None
    named = None if _REFUSES.search(text) else _by_ordinal(text, offered) or _by_bare_hour(text, offered)
    return named or _by_wish(text, wish, offered) or _the_only_one(text, offered)


def _without_questions(text: str) -> str:
    """Blank what is asked beside a choice ("quero a primeira. quanto custa?"); it chooses nothing."""
    for part in re.finditer(r"[^.!?\n]+\?", text):
        if _NOT_A_CHOICE.search(part.group()) and part.group().strip() != text.strip():
            text = blank(text, [part.span()])
    return text


def _by_number_beside(text: str, offered: tuple[dt.datetime, ...]) -> Chosen | None:
    """Find a part that is a number and nothing else, beside what else is said ("2. tem estacionamento?")."""
    for part in (*re.finditer(r"[^.!?\n]+", text), *re.finditer(r"^[^,.!?\n]+(?=,)|(?<=,)[^,.!?\n]+\W*$", text)):
        number = _by_number(part.group(), offered) if _BARE_NUMBER.match(part.group()) else None
        if number:
            return Chosen(number.slot, number.candidates, part.start() + number.start, part.start() + number.end)
    return None


def _by_number(text: str, offered: tuple[dt.datetime, ...]) -> Chosen | None:
    both = _SEVERAL.match(text)
    if both:
        picked = [_nth(int(both[tag]), offered) for tag in ("a", "b")]
        return _one_of([slot for slot in picked if slot], both.start("a"), both.end("b"))
    match = _BARE_NUMBER.match(text) or _OPTION_NUMBER.search(text)
    if match is None:
        return None
    words = {"um": 1, "dois": 2, "tres": 3, "quatro": 4, "cinco": 5}
    number = words.get(match["n"]) or int(match["n"])
    slot = _nth(number, offered)
    if slot:
        return Chosen(slot, (), match.start("n"), match.end("n"))
    if number >= 6 and match.re is _BARE_NUMBER:
        # No option has that number, but an hour may: "14".
        return _one_of([slot for slot in offered if (slot.hour, slot.minute) == (number, 0)], *match.span("n"))
    return None


def _nth(number: int, offered: tuple[dt.datetime, ...]) -> dt.datetime | None:
    return offered[number - 1] if 1 <= number <= len(offered) else None


def _by_ordinal(text: str, offered: tuple[dt.datetime, ...]) -> Chosen | None:
    for match in (*_ORDINAL.finditer(text), *_ORDINAL_BARE.finditer(text)):
        groups = match.groupdict()
        word = groups["word"] or groups.get("word2") or ""
        named = groups.get("named") or groups.get("word2")
        if not named and word in {"segunda", "quarta", "quinta"}:
            number = WEEKDAYS.index({"segunda": "mon", "quarta": "wed", "quinta": "thu"}[word])
            by_day = [slot for slot in offered if slot.weekday() == number]
            all_day = len(by_day) == len(offered) > 1  # among Mondays "a segunda" is the second
            if (by_day and not all_day) or groups.get("article") != "a" or word != "segunda":
                continue
        slot = _ordinal(word, offered)
        if slot:
            group = "word" if groups["word"] else "word2"
            return Chosen(slot, (), match.start(group), match.end(group))
    return None


def _ordinal(word: str, offered: tuple[dt.datetime, ...]) -> dt.datetime | None:
    if word.startswith("ultim"):
        return offered[-1]
    if word.endswith("meio"):
        return offered[1] if len(offered) == 3 else None
    return _nth(ORDINALS[word], offered)


def _by_bare_hour(text: str, offered: tuple[dt.datetime, ...]) -> Chosen | None:
    """Take "o das 10"; an hour from 1 to 6 is the afternoon's."""
    match = _OF_HOUR.search(text)
    if match is None:
        return None
    hour = int(match["h"]) + 12 * (1 <= int(match["h"]) <= 6)
    return _one_of([slot for slot in offered if (slot.hour, slot.minute) == (hour, 0)], *match.span("h"))


def _by_wish(text: str, wish: Wish | None, offered: tuple[dt.datetime, ...]) -> Chosen | None:
    if wish is None or not wish.spans:
        return None
    start, end = wish.spans[0][0], wish.spans[-1][1]
    begins, ends = edge_of_day(text) or (dt.time.min, dt.time.max)
    fits = [slot for slot in offered if any(_fits(each, slot) for each in _ways(wish.preference))]
    fits = [slot for slot in fits if begins <= slot.time() <= ends]
    chosen = _one_of(fits, start, end)
    if chosen is None or not all(_is_part_of_day(each) for each in _ways(wish.preference)):
        return chosen
    if _REFUSES.search(text):
        return None  # "segunda de manhã não dá, de tarde sim" wishes, and picks nothing
    if _OF_PART.search(text):
        return chosen
    if len(offered) > 1 and len({slot.weekday() for slot in offered}) == 1:
        return None  # "sexta" was said before: now it is its afternoon
    return replace(chosen, confidence=LIKELY)


def edge_of_day(text: str) -> tuple[dt.time, dt.time] | None:
    """Return between which hours "no fim da tarde" is, or the like; None where a text names no edge of a part."""
    edge = _EDGE.search(text)
    return _EDGES["end" if edge["end"] else "beginning", edge["part"]] if edge else None


def _is_part_of_day(wish: TimePreference) -> bool:
    return wish.kind == "period" and not (wish.start or wish.end)


def _ways(preference: TimePreference) -> tuple[TimePreference, ...]:
    return preference.options or preference.readings or (preference,)


_PERIODS: dict[str, Callable[[int], bool]] = {
    "morning": lambda hour: hour < 12,
    "afternoon": lambda hour: 12 <= hour < 18,
    "evening": lambda hour: hour >= 18,
}


def _fits(wish: TimePreference, slot: dt.datetime) -> bool:
    """Whether a slot is what the words name. Open bounds and exclusions narrow a search; they choose nothing."""
    days = {wish.date, *wish.dates} - {None}
    names_something = bool(days or wish.weekdays or wish.period or wish.start)
    if not names_something or wish.exclude_weekdays or wish.exclude_period or wish.earliest or wish.latest:
        return False
    if wish.kind != "instant" and (wish.start or wish.end):
        return False
    return (
        (not days or slot.date() in days)
        and (not wish.weekdays or WEEKDAYS[slot.weekday()] in wish.weekdays)
        and (wish.period is None or _PERIODS[wish.period](slot.hour))
        and (wish.start is None or (slot.hour, slot.minute) == (wish.start.hour, wish.start.minute))
    )


def _the_only_one(text: str, offered: tuple[dt.datetime, ...]) -> Chosen | None:
    match = _SAME.match(text)
    return Chosen(offered[0], (), *match.span()) if match and len(offered) == 1 else None


def _one_of(fits: list[dt.datetime], start: int, end: int) -> Chosen | None:
    if not fits:
        return None
    if len(fits) == 1:
        return Chosen(fits[0], (), start, end)
    return Chosen("ambiguous", tuple(fits), start, end)
