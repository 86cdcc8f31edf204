"""Whether a text claims anything that is no fact: the first such claim, in the words of `rules.Replacement`."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from rules_service.claims.contacts import (
    emails,
    false_address,
    false_email,
    false_link,
    false_phone,
    links,
    phones,
    places,
)
from rules_service.claims.known import Conversation, Known, UnitKnows
from rules_service.claims.moments import days, times
from rules_service.claims.money import amounts, false_price
from rules_service.claims.plain import cleaned, plain, remembered
from rules_service.claims.promises import promises
from rules_service.claims.quantities import false_quantity
from rules_service.claims.style import flawed_manner, is_suspicious
from rules_service.claims.timetable import NearDays
from rules_service.claims.timing import false_moment
from rules_service.facts import UnitFile

Claim = Literal[
    "price",
    "date",
    "time",
    "phone",
    "email",
    "link",
    "address",
    "number",
    "promise",
    "language",
    "style",
    "unsupported",
]

# In the owner's words, for a knowledge text that is refused.
REASONS: dict[Claim, str] = {
    "price": "um preço não é o de unit.toml; escreva {{monthly_per_subject}} ou {{enrolment_per_student}}",
    "date": "uma data não se escreve aqui: ela deixa de ser verdade",
    "time": "um horário não é o de unit.toml; escreva {{hours}}",
    "phone": "um telefone não é o de unit.toml; escreva {{contact_phone}}",
    "email": "um e-mail não é o de unit.toml; escreva {{email}}",
    "link": "uma página que não está em unit.toml (unit.links)",
    "address": "um endereço não é o de unit.toml; escreva {{address}}",
    "number": "um número que não é fato",
    "promise": "uma promessa (desconto, resultado, vaga) que a Cecília não pode fazer",
    "language": "não está em português",
    "style": "uma palavra ou formatação que a Cecília não usa (negrito é com um asterisco: *assim*)",
    "unsupported": "algo que a base de conhecimento não diz",
}


def false_claim(text: str, told_in: Conversation, *, strict: bool) -> Claim | None:
    """Name the first claim of a text that is no fact; `None` when everything in it may be said.

    `strict` is for a text that no template made: it also refuses what may be true of somebody else.
    """
    if not told_in.moments and _may_always_say(text, told_in.unit, told_in.near, strict=strict):
        return None
    return _false_claim(text, told_in.known, strict=strict, counts=True)


@remembered
def _may_always_say(text: str, unit: UnitKnows, near: NearDays, *, strict: bool) -> bool:
    """Whether a text says nothing but the unit's facts of a day: a conversation's own data make none of them false."""
    return not is_suspicious(plain(text), text) and not _false_claim(text, unit.on(near), strict=strict, counts=True)


def flaw_in_knowledge(text: str, file: UnitFile) -> str | None:
    """Say in Portuguese why a text of the knowledge must not be used; its own numbers are facts by being there."""
    known = UnitKnows.of(file).on(NearDays(today=date.min))
    claim = _false_claim(text, known, strict=False, counts=False)
    return REASONS[claim].replace("{{", "{").replace("}}", "}") if claim else None


def _false_claim(text: str, known: Known, *, strict: bool, counts: bool) -> Claim | None:
    whole = told = plain(text)
    if flaw := flawed_manner(told, text, known.own_words):
        return flaw
    if claim := _false_contact(told, text, known, strict=strict):
        return claim
    told = _without(told, emails(told))
    told = _without(told, links(told))
    told = _without(told, phones(told))
    told = _without(told, places(told))
    if false_price(told, known.fees, strict=strict):
        return "price"
    if promises(whole, strict=strict):
        return "promise"
    told = _without(told, ((None, amount.start, amount.end) for amount in amounts(told)))
    if moment := false_moment(told, known.timetable, strict=strict):
        return moment
    told = _without(told, ((None, time.start, time.end) for time in times(told)))
    told = _without(told, ((None, day.start, day.end) for day in days(told)))
    return "number" if counts and false_quantity(told, known.quantities) else None


def _false_contact(told: str, text: str, known: Known, *, strict: bool) -> Claim | None:
    if false_email(told, known.contacts):
        return "email"
    if false_link(told, known.contacts):
        return "link"
    told = _without(_without(told, emails(told)), links(told))
    if false_phone(told, known.contacts):
        return "phone"
    return "address" if false_address(told, cleaned(text), known.contacts, strict=strict) else None


def _without(text: str, found: Iterable[tuple[object, int, int]]) -> str:
    """Blank out spans, so that every other claim stays where it is."""
    for _, start, end in tuple(found):
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text
