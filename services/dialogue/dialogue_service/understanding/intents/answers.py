"""Yes, no, and the answers that only the last question explains."""

import re
from collections.abc import Iterator, Mapping

from dialogue_service.understanding.intents.rule import SURE, Said
from dialogue_service.understanding.intents.social import (
    LEADS_NO,
    LEADS_YES,
    NO_SIGNS,
    POSTPONE,
    THANK_SIGNS,
    WHOLE_NO,
    WHOLE_YES,
    YES_SIGNS,
)
from dialogue_service.understanding.page import clauses
from dialogue_service.understanding.values import Context, IntentName

_CONFIRMS = re.compile(r"^\W*(?:(?:opcao|numero|digito|digitei|e|a|o) )*1\b(?:\W*confirm\w+)?\W*$")
_MOVES = re.compile(r"^\W*(?:(?:opcao|numero|digito|digitei|e|a|o) )*2\b(?:\W*(?:quero )?remarcar)?\W*$")
_SAYS_NO_MORE_THAN = frozenset({"thanks", "goodbye", "greeting"})


def read_answers(text: str, context: Context, found: Mapping[IntentName, Said]) -> Iterator[Said]:
    """`affirm`, `deny` and what a number means to a question that numbers its answers."""
    if context.asked == "confirm_visit":
        if _CONFIRMS.match(text):
            yield Said("affirm", 0, SURE)
            return
        if _MOVES.match(text) or ("cancel_visit" in found and _cannot_come(text)):
            yield Said("reschedule_visit", 0, SURE)
            return
    signs = {char for char in text if not char.isspace()}
    if signs and not any(char.isalnum() for char in signs):
        yield from _by_signs(signs)
        return
    yield from _by_words(text)


def _cannot_come(text: str) -> bool:
    """Whether it is "não vou poder ir" in answer to the reminder, which offers another time."""
    return not re.search(r"\b(?:cancel|desmarc|desist)", text)


def _by_signs(signs: set[str]) -> Iterator[Said]:
    if signs & NO_SIGNS:
        yield Said("deny", 0, SURE)
    elif signs & YES_SIGNS:
        yield Said("affirm", 0, SURE)
    elif signs & THANK_SIGNS:
        yield Said("thanks", 0, 0.7)


def _by_words(text: str) -> Iterator[Said]:
    bare = _plain(text)
    postponed = POSTPONE.search(text)
    if postponed:
        yield Said("deny", postponed.start(), 0.8)
        return
    if "?" not in text and WHOLE_NO.match(bare):
        yield Said("deny", 0, SURE)
        return
    if "?" not in text and WHOLE_YES.match(bare) and not _asks_how_it_goes(text):
        yield Said("affirm", 0, SURE)
        return
    if LEADS_NO.match(text.lstrip()):
        yield Said("deny", 0, SURE)
    elif LEADS_YES.match(f"{bare} "):
        yield Said("affirm", 0, SURE)
    else:
        yield from _in_a_clause(text)


def _in_a_clause(text: str) -> Iterator[Said]:
    if _asks_how_it_goes(text):
        return
    for start, end in clauses(text):
        if text[end : end + 1] == "?" or not (clause := _plain(text[start:end])):
            continue
        if WHOLE_NO.match(clause):
            yield Said("deny", start, 0.9)
            return
        if WHOLE_YES.match(clause) and clause not in {"por favor", "por gentileza", "esta", "tudo bem", "legal"}:
            yield Said("affirm", start, 0.9)
            return


def _asks_how_it_goes(text: str) -> bool:
    return bool(re.search(r"\b(?:oi|ola|bom dia|boa tarde|boa noite)\b.*\b(?:tudo bem|tudo certo)\b", text))


def _plain(text: str) -> str:
    """Without signs around and between, so that "sim!!! 😊" is "sim"."""
    kept = re.sub(r"[^\w ,!.\n]", " ", text).replace("\n", ", ")
    return re.sub(r"\s+", " ", kept).strip(" ,!.")
